"""The texts are those of recorded answers of Lambda (reference: event source mapping, "Function errors")."""

import json
import signal

import pytest

from everwarm.lambdas.runtime import replies


def test_timeout() -> None:
    assert json.loads(replies.timed_out("id-1", 1).payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: id-1 Error: Task timed out after 1.00 seconds",
    }


@pytest.mark.parametrize(
    ("return_code", "reason"),
    [
        (0, "Runtime exited without providing a reason"),
        (3, "Runtime exited with error: exit status 3"),
        (-signal.SIGKILL, "Runtime exited with error: signal: killed"),
    ],
)
def test_exit(return_code: int, reason: str) -> None:
    assert json.loads(replies.exited("id-1", return_code).payload) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: id-1 Error: {reason}",
    }


def test_response_too_large() -> None:
    assert json.loads(replies.response_too_large().payload) == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
