"""What a call comes to: the `Reply`, and the payloads for calls that the handler could not answer itself.

Not here: the payload of an exception, a missing module or a result that is not JSON; `awslambdaric` makes those.

Source of names and texts: recordings of Lambda's answers (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
for the form). A call that failed is still an answer, never an exception.
"""

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from everwarm.lambdas import handlers_json
from everwarm.lambdas.functions import LATEST

# 6 MiB and 100 bytes: Lambda's limit for the payload of a synchronous answer.
MAX_RESPONSE_BYTES = 6_291_556

UNHANDLED = "Unhandled"


TIMED_OUT = "Sandbox.Timedout"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function.

    Attributes:
        event: JSON.
        request_id: what its log lines and its context object carry.
        client_context: JSON, what an SDK sends in `ClientContext`.
    """

    event: bytes
    request_id: str
    client_context: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one call.

    Attributes:
        payload: JSON, the handler's result or the description of the error.
        function_error: `Unhandled` when the call failed, else None; AWS's header `X-Amz-Function-Error`.
        request_id: the call's id, which the log lines carry.
        duration_s: how long the handler ran, without the start of its process.
        log_tail: the last 4 KB of the call's log with its START, END and REPORT lines, and with what the start of the
            process printed if this was its first call; the header `X-Amz-Log-Result` has it in base64.
        executed_version: of the function; the header `X-Amz-Executed-Version`.
        timed_out: whether the call failed because its time was up.
        init_s: how long the start of the process took, where this was its first call.
    """

    payload: bytes
    function_error: str | None
    request_id: str
    duration_s: float = 0.0
    log_tail: bytes = b""
    executed_version: str = LATEST
    timed_out: bool = False
    init_s: float | None = None


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
        log_line: what the function's log says of it.
    """

    error_type: str
    message: str
    log_line: str

    @property
    def payload(self) -> bytes:
        """The JSON that the caller gets."""
        return orjson.dumps({"errorType": self.error_type, "errorMessage": self.message})


def timed_out(request_id: str, limit_s: float, now: float) -> Fault:
    """The call took longer than `limit_s` seconds.

    Args:
        now: epoch seconds, for the log.
    """
    text = f"Task timed out after {limit_s:.2f} seconds"
    line = f"{iso_time(now)} {request_id} {text}"
    return Fault(TIMED_OUT, f"RequestId: {request_id} Error: {text}", line)


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
    return _ended("Runtime.ExitError", request_id, reason)


def out_of_memory(request_id: str) -> Fault:
    """The process used more memory than the function has, and was ended for it."""
    return _ended("Runtime.OutOfMemory", request_id, "Runtime exited with error: signal: killed")


def response_too_large() -> Fault:
    """The handler's result is over `MAX_RESPONSE_BYTES`."""
    text = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
    return Fault("Function.ResponseSizeTooLarge", text, f"{text} Function.ResponseSizeTooLarge")


def error_type_of(payload: bytes) -> str:
    """The `errorType` of an error that a process has described itself; `Unhandled` where it gives none."""
    try:
        answer = handlers_json.read(payload)
    except ValueError:
        return UNHANDLED
    found = answer.get("errorType") if isinstance(answer, dict) else None
    return handlers_json.whole(found) if isinstance(found, str) and found else UNHANDLED


def iso_time(now: float) -> str:
    """Epoch seconds as logs show them: `2026-08-24T12:00:00.123Z`."""
    return f"{datetime.fromtimestamp(now, UTC).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def _ended(error_type: str, request_id: str, reason: str) -> Fault:
    text = f"RequestId: {request_id} Error: {reason}"
    return Fault(error_type, text, f"{text} {error_type}")


def _signal_text(number: int) -> str:
    return (signal.strsignal(number) or f"signal {number}").lower()
