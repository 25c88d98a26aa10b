"""The store: ordered bytes, durable, read from any thread, written by one.

A write is a function of a transaction, `body(tx)`, run on the writer's thread. Bodies that wait while a sync is under
way run one after the other, each seeing what the ones before it wrote, and share the next sync: group commit. A body
that raises leaves nothing behind. What a body returns reaches its caller after the sync.

When the disk is nearly full (`room.py`) or refuses a write, writes are refused and reads go on. After a write that the
disk has refused, the database is opened anew before the next one; nobody has to be restarted.

Why RocksDB, and the figures: docs/decisions/0001-storage.md. What the keys mean: layout.py.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from rocksdict import DbClosedError, WriteOptions

from everwarm.clock import monotonic
from everwarm.dynamodb.storage.changes import MISSING, Changes, Pair
from everwarm.dynamodb.storage.database import (
    Away,
    Database,
    Unreadable,
    batch,
    bounded,
    holds,
    open_again,
    open_database,
    open_in_memory,
)
from everwarm.dynamodb.storage.directory import DataDirectory
from everwarm.dynamodb.storage.jobs import Job, Outcome, settle
from everwarm.dynamodb.storage.room import Room
from everwarm.dynamodb.storage.snapshot import Snapshot
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.errors import StorageClosed, StorageFailed, StorageFull
from everwarm.log import get_logger

T = TypeVar("T")

# One commit holds its writes in memory, and its first caller waits for its last: keep groups short.
MAX_GROUP = 256

FIRST_RECOVERY_S, LAST_RECOVERY_S = 1.0, 30.0
"""The shortest and the longest pause between two tries to open the database anew."""

_log = get_logger(__name__)


class File(NamedTuple):
    """A file of the store: its first and its last key, and its size."""

    first: bytes
    last: bytes
    size_bytes: int


class _Sync:
    """A commit on its way to the disk. Its changes can be read from the database before they are safe."""

    __slots__ = ("changes", "done")

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self.done = threading.Event()


class _Failure:
    """A commit that the disk refused: what it may have written all the same, and when to try to go on."""

    __slots__ = ("callbacks", "changes", "pause_s", "text", "try_at")

    def __init__(self, text: str, changes: Changes, callbacks: list[Callable[[], object]]) -> None:
        self.text = text
        self.changes = changes
        self.callbacks = callbacks
        self.pause_s = FIRST_RECOVERY_S
        self.try_at = monotonic() + self.pause_s

    def put_off(self) -> None:
        self.pause_s = min(self.pause_s * 2, LAST_RECOVERY_S)
        self.try_at = monotonic() + self.pause_s


class Store:
    """An open store. Use `Store.open` and, when done, `close`.

    Attributes:
        commits: how many there were since it was opened.
        transactions: how many of them they had.
    """

    def __init__(self, db: Any, directory: DataDirectory | None) -> None:
        self._db = db
        self._directory = directory
        self._room = None if directory is None else Room(directory.path)
        self._options = WriteOptions()
        if directory is None:
            self._options.disable_wal = True  # type: ignore[method-assign, assignment]  # a property; its stub errs
        self.commits = 0
        self.transactions = 0
        self._jobs: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._sync: _Sync | None = None
        self._closing = threading.Lock()
        self._closed = False
        self._failure: _Failure | None = None
        self._writer = threading.Thread(target=self._write_groups, name="everwarm-writer", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, path: Path | None) -> "Store":
        """Open the data directory `path`, made if it is missing; None keeps everything in memory.

        Raises:
            StorageLocked: another process has it open.
            StorageUnwritable: it cannot be made, or not written to.
            StorageFormatError: it is in another format.
            StorageFailed: the disk refuses.
        """
        if path is None:
            return cls(open_in_memory(), None)
        directory = DataDirectory(path)
        try:
            return cls(open_database(directory.database), directory)
        except BaseException:
            directory.close()
            raise

    def get(self, key: bytes) -> bytes | None:
        try:
            value: bytes | None = self._db.get(key)
        except (DbClosedError, RuntimeError):  # just being closed, to be opened anew: what is there now waits for that
            value = self._db.get(key)
        # Nobody is shown what a power cut could still take back. Looked at after reading: a commit that began later
        # is not in the value, and one that has ended is safe.
        sync = self._sync
        if sync is not None and sync.changes.lookup(key) is not MISSING:
            sync.done.wait()
        return value

    def scan(self, start: bytes, end: bytes, *, reverse: bool = False) -> Iterator[Pair]:
        """As `Reader.scan`; what is written after the call is not seen."""
        pairs = bounded(self._db, start, end, reverse)
        self._await_sync()
        return pairs

    def snapshot(self) -> Snapshot:
        """The store as it is now."""
        snapshot = Snapshot(self._db)
        self._await_sync()
        return snapshot

    def submit(self, body: Callable[[Tx], T], *, alone: bool = False, frees: bool = False) -> "Future[T]":
        """Have `body` run in a transaction.

        Args:
            body: gets the transaction; raising rolls it back.
            alone: commit it by itself, so that everything that runs later finds it committed.
            frees: it gives room back and writes next to nothing, so it may when the disk is nearly full.

        Returns:
            A future with what `body` returned or raised, done when the writes are durable. It is `StorageFull` where
            the disk is nearly full, `StorageFailed` where it refused this write or an earlier one: whether that one
            was made shows when the database has been opened anew.

        Raises:
            StorageClosed: the store is closed.
        """
        future: Future[T] = Future()
        self._put(Job(body, alone, future, frees))
        return future

    def submit_from_loop(
        self, body: Callable[[Tx], T], *, alone: bool = False, frees: bool = False
    ) -> "asyncio.Future[T]":
        """As `submit`, with a future of the running event loop: much cheaper than to wrap the other kind."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(Job(body, alone, future, frees))
        return future

    def update(self, body: Callable[[Tx], T], *, alone: bool = False, frees: bool = False) -> T:
        """`submit`, and wait for it."""
        return self.submit(body, alone=alone, frees=frees).result()

    @property
    def refuses_writes(self) -> bool:
        """Whether the last write that was asked for was refused, for the disk's sake."""
        return self._failure is not None or (self._room is not None and self._room.low)

    def free_bytes(self) -> int | None:
        """How much room the disk has; None in memory."""
        return None if self._room is None else self._room.free_bytes()

    def size_bytes(self) -> int:
        """What the database's files take; in memory, what its tables take, about."""
        if self._directory is None:
            names = ("rocksdb.cur-size-all-mem-tables", "rocksdb.total-sst-files-size")
            return sum(self._db.property_int_value(name) or 0 for name in names)
        size_bytes = 0
        for file in self._directory.database.iterdir():
            with contextlib.suppress(FileNotFoundError):  # removed since it was listed
                size_bytes += file.stat().st_size
        return size_bytes

    def files(self) -> list[File]:
        """The files that the pairs lie in, apart from what was written just now; none while writes are refused."""
        if self._failure is not None:
            return []
        return [File(one["start_key"], one["end_key"], one["size"]) for one in self._db.live_files()]

    def reclaim(self, start: bytes, end: bytes) -> None:
        """Give back the disk space of what was deleted between two keys.

        The files there are written anew; those with nothing left in them just go. It takes as long as that does, up to
        seconds, without being in the way of other threads. RocksDB does the same by itself, but only where there is
        enough written to make it look.
        """
        if self._failure is None:  # what failed is opened anew first
            self._db.compact_range(start, end)

    def close(self) -> None:
        """Finish what was submitted, then close. Idempotent."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._writer.join()
        # Closing syncs the log. Files in memory have none, and a disk that refused a write refuses again; it is closed
        # all the same.
        try:
            with contextlib.suppress(Exception) if self._failure or not self._directory else contextlib.nullcontext():
                self._db.close()
        finally:
            if self._directory:
                self._directory.close()

    def disown(self) -> None:
        """In a process that a fork has made: leave the store to the parent, whose it is.

        The writer has stayed behind there. Only the lock is given back, which would else hold for as long as either
        process lives. The database must never be closed here, nor dropped: it would write to the parent's files.
        """
        self._closed = True
        if self._directory is not None:
            self._directory.close()

    def _put(self, job: Job[Any]) -> None:
        with self._closing:
            if self._closed:
                raise StorageClosed("the store is closed")
            self._jobs.put(job)

    def _await_sync(self) -> None:
        sync = self._sync
        if sync is not None:
            sync.done.wait()

    def _write_groups(self) -> None:
        waiting: Job[Any] | None = None
        while True:
            job = waiting or self._jobs.get()
            waiting = None
            if job is None:
                return
            group = [job]
            while not group[-1].alone and len(group) < MAX_GROUP and not self._jobs.empty():
                job = self._jobs.get()
                if job is None or job.alone:
                    waiting = job
                    break
                group.append(job)
            else:
                job = group[-1]
            self._commit(group)
            if job is None:
                return

    def _commit(self, group: list[Job[Any]]) -> None:
        changes = Changes()
        done: list[Outcome] = []
        failed: list[Outcome] = []
        callbacks: list[Callable[[], object]] = []
        failure = self._refusal()
        full = self._room.refusal() if self._room else None
        for job in group:
            if not job.begin():
                continue
            # An error for each: one that is raised again and again grows by a traceback each time.
            if failure is not None:
                failed.append(Outcome(job, error=StorageFailed(failure)))
                continue
            if full is not None and not job.frees:
                failed.append(Outcome(job, error=StorageFull(full)))
                continue
            tx = Tx(self, changes)
            try:
                result = job.body(tx)
            except BaseException as err:  # whatever it is, it belongs to the caller; the writer goes on
                failed.append(Outcome(job, error=err))
                continue
            changes.absorb(tx.changes)
            callbacks += tx.after_commit
            done.append(Outcome(job, result))
        try:
            if changes:
                changes.settle(self.get)
                self._write(changes)
        except BaseException as err:
            text = self._fail(err, changes, callbacks)
            settle(failed + [Outcome(outcome.job, error=StorageFailed(text)) for outcome in done])
            return
        self.commits += bool(changes)
        self.transactions += len(done)
        _call(callbacks)
        settle(failed + done)

    def _write(self, changes: Changes) -> None:
        if self._directory is None:
            self._db.write(batch(changes), self._options)
            return
        self._sync = sync = _Sync(changes)
        try:
            # In two steps, since rocksdict keeps the interpreter's lock while it writes and gives it up while it
            # flushes: with a synced write the whole process would stand still for as long as the disk takes.
            self._db.write(batch(changes), self._options)
            self._db.flush_wal(True)
        finally:
            self._sync = None
            sync.done.set()

    def _fail(self, err: BaseException, changes: Changes, callbacks: list[Callable[[], object]]) -> str:
        """Refuse writes from now on: only opening the database anew shows whether this one was made."""
        text = (
            f"The disk refused a write ({err}). Reads go on; writes are refused until the disk takes them again, which "
            "is tried every few seconds."
        )
        if self._directory is not None:
            self._failure = _Failure(text, changes, callbacks)
        _log.error("the disk refused a write: more are refused until it takes them again", error=str(err))
        return text

    def _refusal(self) -> str | None:
        """Why nothing can be written since a write failed; None if none did, or the database is open anew."""
        failure = self._failure
        if failure is None or self._directory is None or self._room is None:
            return None
        if monotonic() < failure.try_at:
            return failure.text
        if self._room.refusal() is not None or not self._room.for_recovery(self._directory.database):
            failure.put_off()
            return failure.text
        if not self._reopen(self._directory.database):
            failure.put_off()
            return failure.text
        self._failure = None
        made = holds(self._db, failure.changes)
        _log.warning("the disk takes writes again: they go on", last_one_was_made=made)
        if made:
            _call(failure.callbacks)
        return None

    def _reopen(self, path: Path) -> bool:
        """Whether the database could be opened anew, to write. Readers wait meanwhile."""
        old, self._db = self._db, (away := Away(self._database))
        try:
            self._db = open_again(path, old)
        except StorageFailed as err:
            self._db = Unreadable(err.message)
        finally:
            away.back.set()
        return hasattr(self._db, "write")

    def _database(self) -> Database:
        database: Database = self._db
        return database


def _call(callbacks: list[Callable[[], object]]) -> None:
    for callback in callbacks:
        try:
            callback()
        except Exception:
            _log.exception("a commit callback failed")
