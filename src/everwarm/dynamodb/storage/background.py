"""Work beside the requests: a loop that sleeps until there is something to do, and does it in short steps.

Not here: what a step does (tables/build.py, ttl/sweeper.py).
"""

import asyncio
from collections.abc import Awaitable, Callable

from everwarm.clock import Clock
from everwarm.errors import StorageFailed
from everwarm.log import get_logger

RETRY_S = 1.0
LONGEST_RETRY_S = 8.0
"""The pause after a step that failed: the first one, and what it doubles up to."""

_log = get_logger(__name__)


class Background:
    """The loop of one kind of work."""

    def __init__(self, clock: Clock, work: str) -> None:
        """
        Args:
            work: its name, for the log.
        """
        self._clock = clock
        self._work = work
        self._on_wake: Callable[[], object] = lambda: None

    def wake(self) -> None:
        """Have the next step done at once, from any thread. Before `run` and after it: nothing."""
        self._on_wake()

    async def run(self, step: Callable[[], Awaitable[float]], stop: asyncio.Event) -> None:
        """Do step after step, until `stop` is set.

        Args:
            step: returns when there is more to do, epoch seconds; infinity waits for `wake`. One that raises is
                logged and done again after a pause.
        """
        loop = asyncio.get_running_loop()
        wake = asyncio.Event()
        self._on_wake = lambda: loop.call_soon_threadsafe(wake.set)
        stopping = asyncio.ensure_future(stop.wait())
        stopping.add_done_callback(lambda _: wake.set())
        retry_s = RETRY_S
        try:
            while not stop.is_set():
                wake.clear()
                try:
                    moment = await step()
                except Exception as err:
                    if not isinstance(err, StorageFailed):  # of that the store tells, once
                        _log.exception("work in the background failed", work=self._work, retry_s=retry_s)
                    await self._clock.pause(retry_s, stop)
                    retry_s = min(2 * retry_s, LONGEST_RETRY_S)
                    continue
                retry_s = RETRY_S
                await self._clock.sleep_until(moment, wake)
        finally:
            self._on_wake = lambda: None
            stopping.cancel()
