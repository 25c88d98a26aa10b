"""One load for each key in a process, however many wait for it, threads and tasks alike.

Not here: that other processes do not load it either; that is the lease (`table.py`). That loads do not wait for each
other for ever (`waits.py`).
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from contextvars import copy_context
from types import TracebackType
from typing import Generic, TypeVar

from everwarm.cache.waits import Course

T = TypeVar("T")


class Flight(Course, Generic[T]):
    """A load that is under way, or about to be.

    Attributes:
        key: what is loaded.
        number: rises with every flight.
        loop: the event loop that the work needs, which must not be blocked by who waits; None if it needs none.
        future: what all wait for.
    """

    def __init__(
        self,
        key: str,
        number: int,
        work: Callable[[], T],
        ended: Callable[["Flight[T]"], None],
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        super().__init__(key)
        self.number = number
        self.loop = loop
        self.future: Future[T] = Future()
        self._work = work
        self._ended = ended
        self._claim = threading.Lock()
        self._traceback: TracebackType | None = None

    def run(self) -> bool:
        """Do the work in this thread, unless another one has begun to; whether it was done here."""
        if not self._claim.acquire(blocking=False):
            return False
        try:
            with self.aboard():
                result = self._work()
        except BaseException as error:
            self._traceback = error.__traceback__
            self._ended(self)
            self.future.set_exception(error)
        else:
            self._ended(self)
            self.future.set_result(result)
        return True

    def run_by(self, pool: Executor, *, here: bool) -> None:
        """Have a pool do it, unless somebody has begun to.

        Args:
            here: in the context of who asks, who waits for it.

        Raises:
            RuntimeError: the pool is closed.
        """
        if self._claim.locked():
            return
        try:
            if here:
                pool.submit(copy_context().run, self.run)
            else:
                pool.submit(self.run)
        except RuntimeError:
            self._ended(self)
            raise

    def result(self) -> T:
        """What came of it; waits for it.

        Raises:
            BaseException: what the work raised, to all who wait.
        """
        error = self.future.exception()
        if error is not None:
            # As it was when it arose, without the frames of others who have raised it.
            raise error.with_traceback(self._traceback)
        return self.future.result()

    async def landed(self) -> None:
        """Wait for its end, in a task, which may be cancelled: the flight goes on."""
        loop = asyncio.get_running_loop()
        waiting = loop.create_future()

        def wake(_: "Future[T]") -> None:
            with suppress(RuntimeError):  # that loop is closed: nobody waits
                loop.call_soon_threadsafe(lambda: None if waiting.done() else waiting.set_result(None))

        self.future.add_done_callback(wake)
        await waiting


class Flights(Generic[T]):
    """The loads that are under way, by key."""

    def __init__(self) -> None:
        self._flights: dict[str, Flight[T]] = {}
        self._lock = threading.Lock()
        self._number = 0

    def __contains__(self, key: str) -> bool:
        return key in self._flights

    @property
    def latest(self) -> int:
        """The number of the flight that was begun last."""
        return self._number

    def join(
        self, key: str, work: Callable[[], T], loop: asyncio.AbstractEventLoop | None = None
    ) -> tuple[Flight[T], bool]:
        """The flight of a key, and whether it is a new one, of which nobody else knows that it is to be run.

        Args:
            loop: the event loop that the work needs, if it does.
        """
        with self._lock:
            flight = self._flights.get(key)
            if flight is None:
                self._number += 1
                flight = self._flights[key] = Flight(key, self._number, work, self._over, loop)
                return flight, True
            return flight, False

    def leave(self, key: str) -> None:
        """Who asks from now on does not get what a flight that is under way brings."""
        with self._lock:
            self._flights.pop(key, None)

    def _over(self, flight: Flight[T]) -> None:
        # Before anybody is told the result: who asks afterwards begins anew.
        flight.over = True
        with self._lock:
            if self._flights.get(flight.key) is flight:
                del self._flights[flight.key]
