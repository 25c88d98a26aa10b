"""Who is told of what happens in a running stack."""

from collections.abc import Callable, Sequence
from typing import ParamSpec

import structlog

from everwarm.dynamodb.ttl.sweeper import Expired
from everwarm.lambdas.mappings.next_step import Outcome
from everwarm.log import get_logger
from everwarm.stream_record import Record

P = ParamSpec("P")

_log = get_logger(__name__)
_output = structlog.get_logger("everwarm.functions")

_PLATFORM_LINES = ("START RequestId:", "END RequestId:", "REPORT RequestId:")


class Observer:
    """Told of what happens, on the stack's threads. Override what you want to know; be quick."""

    def expired(self, deletions: Sequence[Expired]) -> None:
        """Items were deleted because their time had come."""

    def called(self, function_name: str, records: Sequence[Record], outcome: Outcome) -> None:
        """A function was called with records of a stream."""

    def printed(self, function_name: str, request_id: str | None, line: str) -> None:
        """A function printed something. Goes to the log unless overridden; Lambda's own lines as details."""
        log = _output.debug if line.startswith(_PLATFORM_LINES) else _output.info
        # What a module prints while it is loaded belongs to no call.
        log(line, function=function_name, **({} if request_id is None else {"request_id": request_id}))


def safely(tell: Callable[P, None]) -> Callable[P, None]:
    """What an observer raises is logged, and what it watches goes on."""

    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            tell(*args, **kwargs)
        except Exception:
            _log.exception("an observer failed")

    return told
