"""What Lambda itself writes into a function's log around a call, and the tail of it that a caller can ask for.

Not here: what the handler prints (`output.py`), where lines go (`everwarm.lambdas.runtime.worker` hands them on).
Source of the lines' form: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html, "Using the Lambda console".
"""

import math
from collections import deque

from everwarm.lambdas.runtime.replies import TIMED_OUT

TAIL_BYTES = 4096
"""How much of a call's log the header `X-Amz-Log-Result` has."""

NOT_STARTED = "NOT STARTED:"
"""How the one line begins that is ours and not Lambda's: why there is no process that could print anything."""

_MIB = 1024 * 1024


class Tail:
    """The last lines of one call's log."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque()
        self._length = 0

    def add(self, line: str) -> None:
        """One more line; those that cannot be in the tail any more go."""
        self._lines.append(line)
        # In characters, each of which is a byte at least.
        self._length += len(line) + 1
        while self._length - len(self._lines[0]) - 1 >= TAIL_BYTES:
            self._length -= len(self._lines.popleft()) + 1

    def __bytes__(self) -> bytes:
        return "".join(f"{line}\n" for line in self._lines).encode("utf-8", "replace")[-TAIL_BYTES:]


def start_line(request_id: str, version: str) -> str:
    """What stands before a call's own lines."""
    return f"START RequestId: {request_id} Version: {version}"


def end_line(request_id: str) -> str:
    """What stands behind them."""
    return f"END RequestId: {request_id}"


def report_line(
    request_id: str,
    *,
    duration_s: float,
    init_s: float | None,
    memory_mb: int,
    used_bytes: int,
    error_type: str | None = None,
) -> str:
    """What a call took.

    Args:
        duration_s: of the handler.
        init_s: of the start, where this call was the first one of its process; since August 2025 it is billed, too.
        memory_mb: what the function may use.
        used_bytes: the most that its process has used.
        error_type: why the call failed, where the handler did not say so itself.
    """
    billed_ms = math.ceil((duration_s + (init_s or 0.0)) * 1000)
    used_mb = min(memory_mb, max(1, math.ceil(used_bytes / _MIB)))
    parts = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {duration_s * 1000:.2f} ms",
        f"Billed Duration: {billed_ms} ms",
        f"Memory Size: {memory_mb} MB",
        f"Max Memory Used: {used_mb} MB",
    ]
    if init_s is not None:
        parts.append(f"Init Duration: {init_s * 1000:.2f} ms")
    if error_type == TIMED_OUT:
        parts.append("Status: timeout")
    elif error_type is not None:
        parts += ["Status: error", f"Error Type: {error_type}"]
    return "\t".join(parts)
