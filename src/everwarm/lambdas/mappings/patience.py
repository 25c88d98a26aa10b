"""Waiting and trying again: what keeps a mapping alive while the data cannot be reached."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from everwarm.clock import Clock
from everwarm.errors import EverwarmError, ResourceNotFoundException, StorageFailed
from everwarm.lambdas.mappings.next_step import backoff_s
from everwarm.log import get_logger

T = TypeVar("T")

_log = get_logger(__name__)


class Nudge:
    """Ends the pauses of all who are waiting for their next try."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def __call__(self) -> None:
        """End all pauses that have begun."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def pause(self, seconds: float, clock: Clock) -> None:
        """Pause for a while, or until the next nudge."""
        await clock.pause(seconds, self._event)


async def until_done(action: Callable[[], Awaitable[T]], doing: str, clock: Clock, stop: asyncio.Event) -> T | None:
    """Try until it works, with a growing pause after each error, which is logged.

    Args:
        action: what to do.
        doing: what that is, for the log.
        clock: for the pauses.
        stop: ends the trying, but not the first try.

    Returns:
        What the action returned; None when `stop` came first.

    Raises:
        ResourceNotFoundException: the action's. That is an answer, which no waiting changes.
    """
    failures = 0
    while True:
        try:
            return await action()
        except ResourceNotFoundException:
            raise
        except (EverwarmError, OSError) as error:
            failures += 1
            pause_s = backoff_s(failures, random.random())  # noqa: S311 - to spread load, not to hide anything
            if not isinstance(error, StorageFailed):  # of that the store tells, once
                _log.warning("trying again after an error", doing=doing, error=repr(error), after_s=round(pause_s, 3))
        await clock.pause(pause_s, stop)
        if stop.is_set():
            return None


async def first_of(*waits: Coroutine[Any, Any, None]) -> None:
    """Return when the first of these returns, and cancel the others.

    Raises:
        Exception: whatever the first one raised.
    """
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
