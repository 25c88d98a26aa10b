"""One load for each key in a process, however many wait for it, threads and tasks alike.

Not here: that other processes do not load it either; that is the lease (`table.py`).
"""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Flight(Generic[T]):
    """A load that is under way, or about to be.

    Attributes:
        future: what all wait for.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self.future: Future[T] = Future()
        self._work = work
        self._claim = threading.Lock()

    def run(self) -> None:
        """Do the work in this thread, unless another one has begun to."""
        if not self._claim.acquire(blocking=False):
            return
        try:
            result = self._work()
        except BaseException as error:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class Flights(Generic[T]):
    """The loads that are under way, by key."""

    def __init__(self) -> None:
        self._flights: dict[str, Flight[T]] = {}
        self._lock = threading.Lock()

    def __contains__(self, key: str) -> bool:
        return key in self._flights

    def fly(self, key: str, work: Callable[[], T]) -> T:
        """Load in this thread, or wait for who does.

        A load that waits for a thread of a pool is taken over: the pool's threads may all be waiting for us.

        Raises:
            BaseException: what the work raised, to all who wait.
        """
        flight, _ = self._join(key, work)
        flight.run()
        return flight.future.result()

    def start(self, key: str, work: Callable[[], T], pool: Executor) -> "Future[T]":
        """Have it loaded by a pool, unless it is being loaded already."""
        flight, is_new = self._join(key, work)
        if is_new:
            try:
                pool.submit(flight.run)
            except RuntimeError:  # the pool has been shut down
                with suppress(KeyError):
                    del self._flights[key]
                raise
        return flight.future

    def _join(self, key: str, work: Callable[[], T]) -> tuple[Flight[T], bool]:
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                return flight, False
            flight = self._flights[key] = Flight(work)
        # Before anybody is told the result: who asks afterwards begins anew.
        flight.future.add_done_callback(lambda _: self._flights.pop(key, None))
        return flight, True
