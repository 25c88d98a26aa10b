"""What a call comes to: the `Reply`, and the payloads for calls that the handler could not answer itself.

Not here: the payload of an exception, a missing module or a result that is not JSON; `awslambdaric` makes those.

Source of names and texts: recordings of Lambda's answers (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
for the form). A call that failed is still an answer, never an exception.
"""

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson

# 6 MiB and 100 bytes: Lambda's limit for the payload of a synchronous answer.
MAX_RESPONSE_BYTES = 6_291_556

UNHANDLED = "Unhandled"


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one call.

    Attributes:
        payload: JSON, the handler's result or the description of the error.
        function_error: `Unhandled` when the call failed, else None; AWS's header `X-Amz-Function-Error`.
        request_id: the call's id, which the log lines carry.
        duration_s: how long the handler ran, without the start of its process.
    """

    payload: bytes
    function_error: str | None
    request_id: str
    duration_s: float = 0.0


Invoke = Callable[[bytes], Awaitable[Reply]]
"""The port through which triggers and the Lambda API reach a function: the event's JSON in, the reply out.

What it raises happened before the function ran.
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a call failed that the handler did not answer.

    Attributes:
        error_type: AWS's name, `Sandbox.Timedout` say.
        message: AWS's text.
    """

    error_type: str
    message: str

    @property
    def payload(self) -> bytes:
        """The JSON that the caller gets."""
        return orjson.dumps({"errorType": self.error_type, "errorMessage": self.message})


def timed_out(request_id: str, limit_s: float) -> Fault:
    """The call took longer than `limit_s` seconds."""
    return Fault("Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {limit_s:.2f} seconds")


def exited(request_id: str, return_code: int) -> Fault:
    """The process ended in the middle of a call, or before it was ready for one.

    Args:
        return_code: as `subprocess` gives it: the exit status, or the negative number of the signal.
    """
    if return_code == 0:
        reason = "Runtime exited without providing a reason"
    elif return_code > 0:
        reason = f"Runtime exited with error: exit status {return_code}"
    else:
        reason = f"Runtime exited with error: signal: {_signal_text(-return_code)}"
    return Fault("Runtime.ExitError", f"RequestId: {request_id} Error: {reason}")


def response_too_large() -> Fault:
    """The handler's result is over `MAX_RESPONSE_BYTES`."""
    return Fault(
        "Function.ResponseSizeTooLarge",
        f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes).",
    )


def _signal_text(number: int) -> str:
    return (signal.strsignal(number) or f"signal {number}").lower()
