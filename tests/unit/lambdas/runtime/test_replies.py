"""The texts are those of recorded answers of Lambda (reference: event source mapping, "Function errors")."""

import json
import signal

import pytest

from everwarm.lambdas.runtime import replies


def test_timeout() -> None:
    fault = replies.timed_out("id-1", 1, now=1_700_000_000.25)
    assert json.loads(fault.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: id-1 Error: Task timed out after 1.00 seconds",
    }
    assert fault.log_line == "2023-11-14T22:13:20.250Z id-1 Task timed out after 1.00 seconds"


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


def test_out_of_memory() -> None:
    assert json.loads(replies.out_of_memory("id-1").payload) == {
        "errorType": "Runtime.OutOfMemory",
        "errorMessage": "RequestId: id-1 Error: Runtime exited with error: signal: killed",
    }


@pytest.mark.parametrize(
    ("payload", "error_type"),
    [
        (b'{"errorType": "KeyError", "errorMessage": "x"}', "KeyError"),
        (b'{"errorType": ""}', "Unhandled"),
        (b"[1]", "Unhandled"),
        (b"{", "Unhandled"),
    ],
)
def test_what_a_process_calls_its_error(payload: bytes, error_type: str) -> None:
    assert replies.error_type_of(payload) == error_type
