"""Async loaders, run from threads: on the event loop that asked, or on one of the cache's own where none has."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any

from everwarm.cache.backends.backend import CLOSED
from everwarm.cache.loader import Abandoned
from everwarm.errors import CacheError

LOOK_S = 1.0
MAX_LOOKS = 3
"""How often whoever waits for a coroutine looks whether its event loop still runs, and when he has seen enough."""


class LoadCancelled(CacheError):
    """A loader was cancelled, by itself or with its event loop."""


class Coroutines:
    """The coroutines that threads wait for."""

    def __init__(self) -> None:
        self._own = BackgroundLoop()
        self._lock = threading.Lock()
        self._running: dict[Future[Any], asyncio.AbstractEventLoop] = {}
        self._left: set[asyncio.AbstractEventLoop] = set()
        self._closing = False

    def wait_for(self, coroutine: Coroutine[Any, Any, Any], loop: asyncio.AbstractEventLoop | None) -> Any:
        """Run a coroutine, and wait for it.

        Args:
            loop: where; not this thread's own. None for the cache's.

        Raises:
            Abandoned: the cache is being closed.
            LoadCancelled: it was cancelled, or its loop ends.
            BaseException: whatever it raises.
        """
        try:
            loop = loop or self._own.running()
            future = self._begin(coroutine, loop)
        except (RuntimeError, Abandoned) as error:
            coroutine.close()
            raise error if isinstance(error, Abandoned) else LoadCancelled(str(error)) from error
        try:
            return self._result(future, loop)
        except CancelledError:
            raise Abandoned(CLOSED) if self._closing else LoadCancelled("its loader was cancelled") from None
        finally:
            with self._lock:
                del self._running[future]

    def run_on(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether any runs on an event loop."""
        with self._lock:
            return loop in self._running.values()

    def leave(self) -> None:
        """The cache is being closed: what runs on this thread's own event loop is cancelled; nobody can wait for it."""
        self._closing = True
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            return
        with self._lock:
            self._left.add(here)
            doomed = [future for future, loop in self._running.items() if loop is here]
        for future in doomed:
            future.cancel()

    def close(self) -> None:
        """Cancel what still runs on the cache's own loop, and end that. Idempotent."""
        self._closing = True
        self._own.stop()

    def _begin(self, coroutine: Coroutine[Any, Any, Any], loop: asyncio.AbstractEventLoop) -> "Future[Any]":
        with self._lock:  # begun and noted at once: `leave` cancels what is noted, and nothing begins after it
            if loop in self._left:
                raise Abandoned(CLOSED)
            future = asyncio.run_coroutine_threadsafe(coroutine, loop)
            self._running[future] = loop
            return future

    def _result(self, future: "Future[Any]", loop: asyncio.AbstractEventLoop) -> Any:
        looks = 0  # at a loop that does not run: between two things to do, or never again
        while looks < MAX_LOOKS and not loop.is_closed():
            try:
                return future.result(LOOK_S)
            except TimeoutError:
                if future.done():
                    return future.result()  # it was the loader's own
            looks = 0 if loop.is_running() else looks + 1
        if not loop.is_closed():
            future.cancel()
        raise LoadCancelled("its event loop has ended")


class BackgroundLoop:
    """Starts when it is first wanted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stopped = False

    def running(self) -> asyncio.AbstractEventLoop:
        """The loop, in a thread of its own.

        Raises:
            Abandoned: it has been stopped.
        """
        with self._lock:
            if self._stopped:
                raise Abandoned(CLOSED)
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._run, args=(self._loop,), name="everwarm-loaders", daemon=True
                )
                self._thread.start()
            return self._loop

    def stop(self) -> None:
        """End it; what still runs there is cancelled. Idempotent."""
        with self._lock:
            self._stopped = True
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.run_forever()
            loop.run_until_complete(_cancel_all(loop))
        finally:
            loop.close()


async def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop) - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
