"""An engine of this process, and what runs beside it on an event loop in a thread of its own.

That is what the engine needs to live (sweeper, index builder, upkeep of streams), and the mappings from its streams to
handlers of this process. No HTTP. Not here: who shares it (`embedded.py`).
"""

import asyncio
import contextlib
import ctypes
import os
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from everwarm.account import DEFAULT_REGION
from everwarm.cache.backends.backend import CLOSED, Changed, Handler
from everwarm.cache.backends.serving import Serving
from everwarm.client import DirectClient, InProcessClient
from everwarm.clock import Clock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.layout import CHECKPOINT, FAILURE
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.change import ItemChange
from everwarm.errors import BackendError
from everwarm.lambdas.failures.destinations import Destinations
from everwarm.lambdas.failures.endpoints import Endpoints
from everwarm.lambdas.failures.store import FailureStore
from everwarm.lambdas.mappings.checkpoint import StoreCheckpoints
from everwarm.log import get_logger

T = TypeVar("T")

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True, eq=False)  # two who follow one table in one way are still two
class _Follower:
    """Tells one who wants to know of a table's changes, once they are safe."""

    table_name: str
    changed: Changed

    def observe(self, tx: Tx, changes: Sequence[ItemChange]) -> None:
        if changes[0].table.name != self.table_name:
            return
        for change in changes:
            partition_key = next(iter(change.key.attributes.values()))
            tx.on_commit(partial(self.changed, next(iter(partition_key.values()))))


class Local:
    """An open engine; `users` counts who shares it.

    Attributes:
        engine: itself.
        clock: the time in it.
        call: one operation, from any thread.
        failures: batches of deletions that were given up.
        users: how many share it; who opens and closes it counts.
    """

    def __init__(self, directory: Path | None, clock: Clock, region: str | None) -> None:
        """Open the engine and start what runs beside it.

        Args:
            directory: its data, made if it is missing; None keeps everything in memory.

        Raises:
            StorageLocked: another process has it open.
            StorageFormatError: it is in another format.
        """
        endpoints = Endpoints.of(None, os.environ)
        self.engine = Engine.open(directory, clock, region or DEFAULT_REGION)
        self.clock = clock
        self.call = DirectClient(self.engine).call
        self.failures = FailureStore(self.engine.store, FAILURE, clock)
        self.users = 1
        self._client = InProcessClient(self.engine)
        self._checkpoints = StoreCheckpoints(self.engine.store, CHECKPOINT)
        self._destinations = Destinations(self.failures, endpoints, clock)
        self._servings: dict[str, Serving] = {}
        self._changing = asyncio.Lock()  # of who serves what
        self._lock = threading.Lock()  # for what is asked of the loop, and for followers
        self._followers: list[_Follower] = []
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="everwarm-cache", daemon=True)
        self._thread.start()
        ready.wait()

    def close(self) -> None:
        """End all of it: handlers under way get a few seconds to finish. Idempotent."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
            if self._loop is not None and self._stop is not None:
                with contextlib.suppress(RuntimeError):  # it has ended by a fault
                    self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self.engine.close()

    def disown(self) -> None:
        """In a process that a fork has made: leave all of it to the parent. It cannot be used here, nor closed."""
        self.engine.store.disown()
        # One reference too many, for ever: the database must not be dropped when this process ends either.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self.engine))
        # And at that end RocksDB would join threads that are not here, and crash. So with glibc, when Python has done
        # all that it does, the process ends without C's exit handlers; elsewhere it crashes then, and does no harm.
        libc = ctypes.CDLL(None)
        if hasattr(libc, "on_exit"):
            libc.on_exit(libc._exit, None)

    def serve(self, table_name: str, handler: Handler, concurrency: int) -> None:
        """From now on, give a table's deletions to a handler; where it had one, that one waits."""
        self._do(self._serve(table_name, handler, concurrency))

    def unserve(self, table_name: str, handler: Handler) -> None:
        """The end of `serve`. The table's position is kept for the next one."""
        self._do(self._unserve(table_name, handler))

    def follow(self, table_name: str, changed: Changed) -> Callable[[], None]:
        """Have every change of a table told as soon as it is safe: before the call that made it returns."""
        follower = _Follower(table_name, changed)
        with self._lock:
            self._followers.append(follower)
            self.engine.watch(follower.observe)

        def unfollow() -> None:
            with self._lock, contextlib.suppress(ValueError):
                self._followers.remove(follower)
                self.engine.unwatch(follower.observe)

        return unfollow

    def forget(self, table_name: str) -> None:
        """Tell those who follow a table that all of it is gone; a deleted table's items are not told one by one."""
        for follower in list(self._followers):
            if follower.table_name == table_name:
                follower.changed(None)

    def pause(self, seconds: float) -> None:
        """Block the calling thread for a while of the clock, or until this is closed."""
        self._do(self._pause(seconds))

    def _do(self, what: "Coroutine[Any, Any, T]") -> T:
        """Run something on the loop, and wait for it.

        Raises:
            BackendError: this is closed, or was meanwhile.
        """
        with self._lock:
            if self._closing or self._loop is None:
                what.close()
                raise BackendError(CLOSED)
            future = asyncio.run_coroutine_threadsafe(what, self._loop)
        try:
            return future.result()
        except CancelledError:
            raise BackendError(CLOSED) from None

    def _run(self, ready: threading.Event) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            try:
                runner.run(self._live(ready))
            except Exception:
                _log.exception("what runs beside the cache's engine has ended by a fault of everwarm's")
            finally:
                ready.set()

    async def _live(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        over = asyncio.Event()  # for what has to outlive the handlers, which still write
        engine = self.engine
        services = {
            asyncio.create_task(engine.builder.run(over), name="index builder"),
            asyncio.create_task(engine.sweeper.run(over), name="TTL sweeper"),
            asyncio.create_task(engine.upkeep.run(over), name="upkeep of streams"),
        }
        for service in services:
            service.add_done_callback(_tell_of_fault)
        ready.set()
        await self._stop.wait()
        await asyncio.gather(*(serving.stop() for serving in self._servings.values()))
        over.set()
        await asyncio.gather(*services, return_exceptions=True)

    async def _serve(self, table_name: str, handler: Handler, concurrency: int) -> None:
        async with self._changing:
            serving = self._servings.get(table_name)
            if serving is None:
                serving = self._servings[table_name] = Serving(
                    table_name, self._client, self._checkpoints, self._destinations, self.clock, concurrency=concurrency
                )
            else:
                _log.warning(
                    "two caches of this process have one table: the later one refreshes it; share one Cache instead",
                    table=table_name,
                )
            serving.handlers.append(handler)
            await serving.start()

    async def _unserve(self, table_name: str, handler: Handler) -> None:
        async with self._changing:
            serving = self._servings[table_name]
            if serving.handlers == [handler]:
                await serving.stop()  # before its handler goes: calls under way still need it
                del self._servings[table_name]
            else:
                serving.handlers.remove(handler)

    async def _pause(self, seconds: float) -> None:
        await self.clock.pause(seconds, self._stop)


def _tell_of_fault(service: "asyncio.Task[None]") -> None:
    if not service.cancelled() and (err := service.exception()) is not None:
        _log.error("a background task failed", task=service.get_name(), exc_info=err)
