"""Has keys loaded: for readers who wait, in threads and in tasks, for those who do not, and when their time has come.

Not here: how a key is loaded (`refresh.py`), that a process loads it once only (`flights.py`), reads (`core.py`).
"""

import asyncio
import os
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from everwarm.cache.backends.backend import CLOSED
from everwarm.cache.background import Coroutines, LoadCancelled
from everwarm.cache.entry import Entry, NotFound
from everwarm.cache.flights import Flight, Flights
from everwarm.cache.items import Stored
from everwarm.cache.loader import Abandoned, Loader
from everwarm.cache.refresh import Held, Job, Loaded, LoadFailed, Passed, Refresher, Why
from everwarm.cache.waits import Wait
from everwarm.clock import Clock
from everwarm.errors import ApiError, BackendError, CacheError
from everwarm.log import get_logger

_log = get_logger(__name__)

MAX_HELD = 100_000
"""Keys of which is remembered until when it is no use to load them."""

MAX_WAITING = 10_000
"""Loads that tasks wait for, at a time."""

TRIES = 3
"""How often a load is begun again that was interrupted in another thread."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What a key is loaded with.

    Attributes:
        loader: the loader.
        args, kwargs: of its call.
        plain: it is called with the key, which says all; so nothing has to be kept of the call.
    """

    loader: Loader
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    plain: bool = False


class Loads:
    """Loads of one table.

    Attributes:
        refresher: does them.
        pool: where that is done when nobody waits for it.
        crew: where it is done for tasks that wait. It has as many threads as it takes: a load that waits for another
            one must not keep it from having a thread.
    """

    def __init__(
        self,
        refresher: Refresher,
        make_pool: Callable[[], Executor],
        clock: Clock,
        done: Callable[[str], None],
        *,
        name: str,
    ) -> None:
        """
        Args:
            make_pool: makes `pool`.
            done: told of each key, when its load has ended in whatever way.
            name: of the cache, for its threads.
        """
        self.refresher = refresher
        self._make_pool = make_pool
        self._name = name
        self._clock = clock
        self._done = done
        self._begin()
        _all_loads.add(self)

    def _begin(self) -> None:
        """With no thread yet, and nothing under way: also in a process that a fork has made, where threads are not."""
        self.pool = self._make_pool()
        self.crew = ThreadPoolExecutor(MAX_WAITING, thread_name_prefix=f"everwarm-{self._name}-awaited")
        self._flights: Flights[Loaded] = Flights()
        self._coroutines = Coroutines()
        self._held_until: dict[str, float] = {}

    def finish(self) -> None:
        """Finish what is under way, and begin no more; what runs on this very event loop is cancelled."""
        self._coroutines.leave()
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.crew.shutdown(wait=True)

    def close(self) -> None:
        """Give back what is left. Idempotent."""
        self._coroutines.close()

    # -- for those who wait ------------------------------------------------------------------------------------------

    def load(self, key: str, source: Source, before: Stored | None, *, forced: bool = False) -> Loaded:
        """Load a key for a thread that waits.

        Args:
            before: what it has seen, and does not want.
            forced: load it even if another load is under way, or has just ended.

        Raises:
            NotFound: there is no such thing.
            BackendError: the table cannot be reached, or the cache is being closed.
            Exception: the loader's.
        """
        return self._landed(_Wanted(self._flights, key, self._work(key, source, before, _why(forced)), forced))

    def load_many(self, wanted: Mapping[str, tuple[Source, Stored | None]]) -> dict[str, Loaded]:
        """The same for many keys, several at a time; those that are not found are left out."""
        loads: dict[str, _Wanted] = {}
        for key, (source, before) in wanted.items():
            loads[key] = _Wanted(self._flights, key, self._work(key, source, before, Why.MISS), False)
            if len(loads) > 1:
                with suppress(RuntimeError):  # being closed: then one after the other, below
                    loads[key].join().run_by(self.pool, here=True)
        found: dict[str, Loaded] = {}
        try:
            for key, load in loads.items():
                with suppress(NotFound):
                    # What the pool has not begun, as all its threads wait for others perhaps, is done in this thread.
                    found[key] = self._landed(load)
        finally:
            for load in loads.values():
                load.leave()
        return found

    def _landed(self, wanted: "_Wanted") -> Loaded:
        while True:
            flight = wanted.join()
            self._refuse_to_block(flight, begun=False)
            here = flight.run()
            if not here:
                self._refuse_to_block(flight, begun=True)
            loaded = wanted.outcome(here=here)
            if loaded is not None:
                return loaded

    async def aload(self, key: str, source: Source, before: Stored | None, *, forced: bool = False) -> Loaded:
        """As `load`, for a task of an event loop, on which an async loader then runs."""
        loop = asyncio.get_running_loop()
        work = self._work(key, source, before, _why(forced), loop)
        wanted = _Wanted(self._flights, key, work, forced, loop if source.loader.is_async else None)
        while True:
            flight = wanted.join()
            try:
                flight.run_by(self.crew, here=True)
            except RuntimeError:
                raise BackendError(CLOSED) from None
            try:
                await flight.landed()
            except BaseException:
                wanted.leave()
                raise
            loaded = wanted.outcome(here=False)
            if loaded is not None:
                return loaded

    def leave(self, key: str) -> None:
        """A key has been invalidated, or set: what is being loaded is for those who wait already, and no others."""
        self._flights.leave(key)
        self._held_until.pop(key, None)

    def _refuse_to_block(self, flight: Flight[Loaded], *, begun: bool) -> None:
        """
        Args:
            begun: another thread has begun with it, and may wait for another load that needs this event loop.

        Raises:
            CacheError: it runs on the event loop that this thread would keep from running.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if not flight.future.done() and (flight.loop is loop or (begun and self._coroutines.run_on(loop))):
            raise CacheError(
                f"{flight.key!r} is just being loaded, perhaps on this very event loop, which must not be blocked: use "
                "await, with aget() and the like"
            )

    # -- for those who do not ----------------------------------------------------------------------------------------

    def refresh_now(self, key: str, source: Source, before: Stored | None, read_at: float | None) -> bool:
        """Load a key because its time has come. Raises as `Refresher.load` does.

        Returns:
            False if another load of it was under way, which is over now. What became of that is to be looked at anew:
            it may have stored the very value whose time has come, or have failed and be tried again later.
        """
        flight, is_new = self._flights.join(key, self._work(key, source, before, Why.TIMER, read_at=read_at))
        here = flight.run()
        if not is_new:
            flight.future.exception()
            return False
        try:
            flight.result()
        except Exception:
            raise
        except BaseException:
            if here:
                raise
            raise Abandoned(f"the load of {key!r} was interrupted in another thread") from None
        return True

    def refresh_soon(self, key: str, source: Source, seen: Stored | Entry[Any]) -> None:
        """Have a key loaded that nobody waits for, unless that is under way, or was put off."""
        now = self._clock.now()
        if key in self._flights or now < self._held_until.get(key, 0.0):
            return
        if isinstance(seen, Stored) and seen.retry_at is not None and now < seen.retry_at:
            return
        flight, is_new = self._flights.join(key, self._work(key, source, seen, Why.STALE))
        if is_new:
            with suppress(RuntimeError):  # just being closed
                flight.run_by(self.pool, here=False)
                flight.future.add_done_callback(lambda done: self._ended(key, done))

    def _ended(self, key: str, done: "Future[Loaded]") -> None:
        """A load that nobody waited for has ended; its loader's errors were told where they arose."""
        error = done.exception()
        if isinstance(error, Held):
            if len(self._held_until) >= MAX_HELD:
                self._held_until.clear()
            self._held_until[key] = error.until
        elif isinstance(error, ApiError | BackendError):
            _log.warning("the table could not be reached for a refresh", key=key, error=str(error))

    # -- what is done ------------------------------------------------------------------------------------------------

    def job(
        self,
        key: str,
        source: Source,
        seen: "Stored | Entry[Any] | None",
        why: Why,
        loop: asyncio.AbstractEventLoop | None = None,
        read_at: float | None = None,
    ) -> Job:
        """What is to be done.

        Args:
            seen: the value that the asker knows.
            loop: where an async loader runs; None for the cache's own.
            read_at: when the value was last read, as a timer knows it.
        """
        loader = source.loader
        return Job(
            key=key,
            loader=loader,
            load=lambda: loader.run(source.args, source.kwargs, lambda one: self._coroutines.wait_for(one, loop)),
            call=None if source.plain else loader.call(source.args, source.kwargs),
            tags=loader.tags_of(source.args, source.kwargs),
            why=why,
            seen=None if seen is None else seen.generation,
            # Who asks is a reader, but for a timer, which knows of the last one.
            read_at=read_at if why is Why.TIMER else self._clock.now(),
        )

    def _work(
        self,
        key: str,
        source: Source,
        seen: "Stored | Entry[Any] | None",
        why: Why,
        loop: asyncio.AbstractEventLoop | None = None,
        read_at: float | None = None,
    ) -> Callable[[], Loaded]:
        def work() -> Loaded:
            try:
                return self.refresher.load(self.job(key, source, seen, why, loop, read_at))
            finally:
                self._held_until.pop(key, None)
                self._done(key)

        return work


class _Wanted:
    """A load that somebody waits for: his own, or one that is under way."""

    def __init__(
        self,
        flights: Flights[Loaded],
        key: str,
        work: Callable[[], Loaded],
        forced: bool,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._loop = loop
        self._flights = flights
        self._key = key
        self._work = work
        self._forced = forced
        self._asked = flights.latest
        self._tries = 0
        self._flight: Flight[Loaded] | None = None
        self._wait: Wait | None = None
        self._mine = False

    def join(self) -> Flight[Loaded]:
        """The flight to wait for; the same until its outcome has been asked for.

        Raises:
            CacheError: it waits for the load in whose course we are.
        """
        if self._flight is None:
            flight, self._mine = self._flights.join(self._key, self._work, self._loop)
            self._wait = Wait(flight)
            self._flight = flight
        return self._flight

    def leave(self) -> None:
        """Wait no longer. Idempotent."""
        if self._wait is not None:
            self._wait.end()

    def outcome(self, *, here: bool) -> Loaded | None:
        """What came of it; None if it was not for us, and we have to join another one.

        Args:
            here: it was run in this thread.

        Raises:
            Exception: as `Loads.load`.
        """
        flight, self._flight = self.join(), None
        earlier = not self._mine and flight.number <= self._asked
        try:
            try:
                loaded = flight.result()
            finally:
                self.leave()
        except (Held, Passed):  # nobody was to wait for it
            return None
        except LoadFailed as failed:
            if (earlier and self._forced) or (not self._mine and isinstance(failed.error, LoadCancelled)):
                return None
            raise failed.error from failed.error.__cause__
        except Abandoned:
            raise BackendError(CLOSED) from None
        except LoadCancelled:
            if self._mine:
                raise
            return None  # with somebody else's event loop
        except Exception:
            if earlier and self._forced:
                return None
            raise
        except BaseException:
            self._tries += 1
            if here or self._tries >= TRIES:
                raise
            return None  # another thread was interrupted
        return None if self._forced and (earlier or not loaded.ran) else loaded


def _why(forced: bool) -> Why:
    return Why.FORCED if forced else Why.MISS


_all_loads: "weakref.WeakSet[Loads]" = weakref.WeakSet()


def _forked() -> None:
    for loads in list(_all_loads):
        loads._begin()


os.register_at_fork(after_in_child=_forked)
