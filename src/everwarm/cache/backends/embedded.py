"""The backend that is this process: its own engine on a data directory, which all caches of the process share.

One process has a directory. A process that was forked from it is another one: the threads of the engine stay behind in
the parent, and so do RocksDB's, which it has once for all databases of a process. So a child can use none of what the
parent has had open, nor open anything of its own; it is told so, where it would wait for ever.

Not here: the engine and what runs beside it (`local.py`).
"""

import atexit
import contextlib
import os
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rocksdict import DbClosedError

from everwarm.cache.backends.backend import CLOSED, Changed, Handler
from everwarm.cache.backends.local import Local
from everwarm.clock import Clock, SystemClock
from everwarm.dynamodb.tables.keys import key_of_request
from everwarm.dynamodb.tables.read import read_json
from everwarm.errors import BackendError, SettingError, StorageClosed, StorageLocked, StorageUnwritable
from everwarm.lambdas.failures.store import FailureStore
from everwarm.whereabouts import FILE, Whereabouts

FORKED = (
    "this process was forked from one that has had a cache's data directory open, and cannot have any open itself. "
    "Run 'everwarm up' and pass its URL in every process: Cache(..., endpoint=\"http://127.0.0.1:8000\"). Or, if one "
    "process is all that needs it, make the Cache there, after the fork"
)


class Embedded:
    """The engine of this process, as a `Backend`.

    Attributes:
        instant, exclusive, makes_tables: as `Backend` has them.
    """

    instant = True
    exclusive = True
    makes_tables = True

    def __init__(self, directory: Path | None, clock: Clock, region: str | None = None) -> None:
        """Open the engine of a directory, or share it with who has it open in this process.

        Args:
            directory: made if it is missing; None keeps everything in memory, of which nothing is shared.
            region: for ARNs; None for whichever it has.

        Raises:
            StorageLocked: another process has it open.
            StorageUnwritable: it cannot be made, or not written to.
            StorageFormatError: it is in another format.
            SettingError: it is open in this process with another clock, or in another region.
            BackendError: this process was forked from one that has had a directory open.
        """
        self._local = _open_engines.borrow(directory, clock, region)
        self._refusal: str | None = None
        self._closing = threading.Lock()
        self._closed = False
        self._served: list[tuple[str, Handler]] = []
        self._followed: list[Callable[[], None]] = []
        _backends.add(self)

    @property
    def failures(self) -> FailureStore:
        """Batches of deletions that were given up, of all caches in this directory."""
        return self._usable().failures

    def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """As `Backend.call`. A read takes the time that it takes to find and decode it, in the calling thread."""
        try:
            response = self._usable().call(action, request)
        except (StorageClosed, DbClosedError):
            raise BackendError(CLOSED) from None
        if action == "DeleteTable":
            self._local.forget(response["TableDescription"]["TableName"])
        return response

    def item_json(self, table_name: str, key: dict[str, Any]) -> bytes | None:
        """As `AtHand.item_json`."""
        engine = self._usable().engine
        try:
            table = engine.tables.find(table_name)
            return read_json(engine.store, table, key_of_request(table, key))
        except (StorageClosed, DbClosedError):
            raise BackendError(CLOSED) from None

    def pause(self, seconds: float) -> None:
        """As `Backend.pause`. Ends early when the engine is closed."""
        self._usable().pause(seconds)

    def serve(self, table_name: str, handler: Handler, *, concurrency: int) -> None:
        """As `Backend.serve`. Calls have threads of their own; what fails for good is in `failures`."""
        self._usable().serve(table_name, handler, concurrency)
        self._served.append((table_name, handler))

    def follow(self, table_name: str, changed: Changed) -> Callable[[], None]:
        """As `Backend.follow`: told when it is safe, and before the call that made it returns. It needs no stream."""
        unfollow = self._usable().follow(table_name, changed)
        self._followed.append(unfollow)
        return unfollow

    def close(self) -> None:
        """As `Backend.close`. The last of a directory closes the engine; handlers under way get a few seconds."""
        with self._closing:
            if self._closed or self._refusal is not None:
                return
            self._closed = True
        # Handlers under way may go on calling until they have had their time. Where the whole engine is closed beside
        # us, they are ended by that.
        with contextlib.suppress(BackendError):
            for table_name, handler in self._served:
                self._local.unserve(table_name, handler)
        self._refusal = CLOSED
        for unfollow in self._followed:
            unfollow()
        _open_engines.give_back(self._local)

    def _usable(self) -> Local:
        if self._refusal is not None:
            raise BackendError(self._refusal)
        return self._local

    def _forked(self) -> None:
        self._refusal = FORKED


class _OpenEngines:
    """The engines that this process has open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shared: dict[Path, Local] = {}
        self._all: list[Local] = []
        self._used = self._forked = False

    def borrow(self, directory: Path | None, clock: Clock, region: str | None) -> Local:
        path = None if directory is None else directory.resolve()
        if self._forked:
            raise BackendError(FORKED)
        with self._lock:
            shared = None if path is None else self._shared.get(path)
            if shared is not None:
                _refuse_other(shared, clock, region)
                shared.users += 1
                return shared
            self._used = True
            opened = _opened(path, clock, region)
            self._all.append(opened)
            if path is not None:
                self._shared[path] = opened
            return opened

    def give_back(self, local: Local) -> None:
        with self._lock:
            local.users -= 1
            if local.users or local not in self._all:
                return
            # Inside: who opens the directory again waits until it is free.
            local.close()
            self._all.remove(local)
            self._shared = {path: one for path, one in self._shared.items() if one is not local}

    def close(self) -> None:
        """Close all of them, whoever may still have them."""
        with self._lock:
            for local in self._all:
                local.close()
            self._all.clear()
            self._shared.clear()

    def disown(self) -> None:
        """In a process that a fork has made: know nothing of the parent's."""
        for local in self._all:
            local.disown()
        self._lock = threading.Lock()  # the old one may be held by a thread that is not here
        self._shared = {}
        self._all = []
        self._forked = self._used


def _refuse_other(shared: Local, clock: Clock, region: str | None) -> None:
    same = shared.clock is clock or (isinstance(shared.clock, SystemClock) and isinstance(clock, SystemClock))
    if not same:
        raise SettingError("this directory is open in this process on another clock; pass the same to every Cache")
    if region is not None and region != shared.engine.region:
        raise SettingError(
            f"this directory is open in this process for the region {shared.engine.region}, not {region}; "
            "pass the same to every Cache, or name another directory"
        )


def _opened(path: Path | None, clock: Clock, region: str | None) -> Local:
    try:
        opened = Local(path, clock, region)
    except StorageLocked as err:
        raise StorageLocked(_where_instead(path, err)) from None
    except StorageUnwritable as err:
        # Lambda, say, where the code lies on a read-only file system and the table is to be DynamoDB's.
        told = str(err).partition(". ")[0]
        raise StorageUnwritable(
            f'{told}. Name another directory: Cache(..., directory="..."), None for memory alone; or say where the '
            'table is: Cache(..., endpoint="aws"), or EVERWARM_ENDPOINT in the environment'
        ) from None
    if path is not None:
        # Of a stack that was killed: as the directory is ours, none runs there, and nobody is to be sent to it.
        with contextlib.suppress(OSError):
            (path / FILE).unlink()
    return opened


def _where_instead(path: Path | None, err: StorageLocked) -> str:
    running = None if path is None else Whereabouts.read(path)
    told = str(err).partition(". ")[0]
    if running is not None:
        return f'{told}: a running everwarm. Use it from here: Cache(..., endpoint="{running.url}")'
    return (
        f"{told}, and one process at a time can have it. Run 'everwarm up' there and pass its URL in every process, "
        'Cache(..., endpoint="http://127.0.0.1:8000"); or name another directory: Cache(..., directory="...")'
    )


_open_engines = _OpenEngines()
_backends: "weakref.WeakSet[Embedded]" = weakref.WeakSet()


def _forked() -> None:
    for backend in list(_backends):
        backend._forked()
    _open_engines.disown()


atexit.register(_open_engines.close)
os.register_at_fork(after_in_child=_forked)
