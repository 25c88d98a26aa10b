"""The store: ordered bytes, durable, read from any thread, written by one.

A write is a function of a transaction, `body(tx)`, run on the writer's thread. Bodies that wait while a sync is under
way run one after the other, each seeing what the ones before it wrote, and share the next sync: group commit. A body
that raises leaves nothing behind. What a body returns reaches its caller after the sync.

Why RocksDB, and the figures: docs/decisions/0001-storage.md. What the keys mean: layout.py.
"""

import asyncio
import contextlib
import queue
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import structlog
from rocksdict import (
    BlockBasedOptions,
    DBCompressionType,
    Env,
    Options,
    Rdict,
    WriteBatch,
    WriteOptions,
)

from everwarm.dynamodb.storage.changes import MISSING, Changes, Pair
from everwarm.dynamodb.storage.directory import DataDirectory
from everwarm.dynamodb.storage.jobs import Job, Outcome, settle
from everwarm.dynamodb.storage.snapshot import Snapshot
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.errors import StorageClosed, StorageFailed

T = TypeVar("T")

# One commit holds its writes in memory, and its first caller waits for its last: keep groups short.
MAX_GROUP = 256

_log = structlog.get_logger(__name__)


class _Sync:
    """A commit on its way to the disk. Its changes can be read from the database before they are safe."""

    __slots__ = ("changes", "done")

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self.done = threading.Event()


class Store:
    """An open store. Use `Store.open` and, when done, `close`."""

    def __init__(self, db: Rdict, directory: DataDirectory | None) -> None:
        self._db = db
        self._directory = directory
        self._options = WriteOptions()
        if directory is None:
            self._options.disable_wal = True  # type: ignore[method-assign, assignment]  # a property; its stub errs
        self._jobs: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._sync: _Sync | None = None
        self._closing = threading.Lock()
        self._closed = False
        self._failure: StorageFailed | None = None
        self._writer = threading.Thread(target=self._write_groups, name="everwarm-writer", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, path: Path | None) -> "Store":
        """Open the data directory `path`, made if it is missing; None keeps everything in memory.

        Raises:
            StorageLocked: another process has it open.
            StorageFormatError: it is in another format.
        """
        if path is None:
            # The files are in memory, but rocksdict writes a few bytes of its own beside them.
            with tempfile.TemporaryDirectory(prefix="everwarm-") as beside:
                return cls(Rdict(f"{beside}/db", _rocks_options(in_memory=True)), None)
        directory = DataDirectory(path)
        try:
            return cls(Rdict(str(directory.database), _rocks_options(in_memory=False)), directory)
        except BaseException:
            directory.close()
            raise

    def get(self, key: bytes) -> bytes | None:
        value: bytes | None = self._db.get(key)
        # Nobody is shown what a power cut could still take back. Looked at after reading: a commit that began later
        # is not in the value, and one that has ended is safe.
        sync = self._sync
        if sync is not None and sync.changes.lookup(key) is not MISSING:
            sync.done.wait()
        return value

    def scan(self, start: bytes, end: bytes, *, reverse: bool = False) -> Iterator[Pair]:
        """As `Reader.scan`; what is written after the call is not seen."""
        pairs = _bounded(self._db, start, end, reverse)
        self._await_sync()
        return pairs

    def snapshot(self) -> Snapshot:
        """The store as it is now."""
        snapshot = Snapshot(self._db)
        self._await_sync()
        return snapshot

    def submit(self, body: Callable[[Tx], T], *, alone: bool = False) -> "Future[T]":
        """Have `body` run in a transaction.

        Args:
            body: gets the transaction; raising rolls it back.
            alone: commit it by itself, so that everything that runs later finds it committed.

        Returns:
            A future with what `body` returned or raised, done when the writes are durable.

        Raises:
            StorageClosed: the store is closed.
            StorageFailed: an earlier write could not be synced.
        """
        future: Future[T] = Future()
        self._put(Job(body, alone, future))
        return future

    def submit_from_loop(self, body: Callable[[Tx], T], *, alone: bool = False) -> "asyncio.Future[T]":
        """As `submit`, with a future of the running event loop: much cheaper than to wrap the other kind."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(Job(body, alone, future))
        return future

    def update(self, body: Callable[[Tx], T], *, alone: bool = False) -> T:
        """`submit`, and wait for it."""
        return self.submit(body, alone=alone).result()

    def close(self) -> None:
        """Finish what was submitted, then close. Idempotent."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._writer.join()
        if self._directory:
            self._db.close()
            self._directory.close()
        else:
            # Closing syncs the log, which files in memory do not have; it is closed all the same.
            with contextlib.suppress(Exception):
                self._db.close()

    def _put(self, job: Job[Any]) -> None:
        with self._closing:
            if self._closed:
                raise StorageClosed("the store is closed")
            if self._failure is not None:
                raise self._failure
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
        for job in group:
            if not job.begin():
                continue
            if self._failure is not None:
                failed.append(Outcome(job, error=self._failure))
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
                self._write(changes)
        except BaseException as err:
            _log.error("commit failed", error=str(err), transactions=len(done))
            settle(failed + [Outcome(outcome.job, error=err) for outcome in done])
            return
        for callback in callbacks:
            try:
                callback()
            except Exception:
                _log.exception("a commit callback failed")
        settle(failed + done)

    def _write(self, changes: Changes) -> None:
        if self._directory is None:
            self._db.write(_batch(changes), self._options)
            return
        self._sync = sync = _Sync(changes)
        try:
            # In two steps, since rocksdict keeps the interpreter's lock while it writes and gives it up while it
            # flushes: with a synced write the whole process would stand still for as long as the disk takes.
            self._db.write(_batch(changes), self._options)
            self._flush()
        finally:
            self._sync = None
            sync.done.set()

    def _flush(self) -> None:
        try:
            self._db.flush_wal(True)
        except Exception as err:
            # Readers see this commit already, its writers are told that it failed, and only the next opening shows
            # which of them the disk took sides with. More writes on top would make it worse.
            self._failure = StorageFailed(
                f"the disk refused to sync a write ({err}); reads go on, writes are refused until everwarm is "
                "started again"
            )
            raise self._failure from err


def _batch(changes: Changes) -> WriteBatch:
    batch = WriteBatch(raw_mode=True)
    for start, end in changes.cleared:
        batch.delete_range(start, end)
    for key, value in changes.writes.items():
        if value is None:
            batch.delete(key)
        else:
            batch.put(key, value)
    return batch


def _bounded(db: Rdict, start: bytes, end: bytes, reverse: bool) -> Iterator[Pair]:
    pairs: Any = db.items(backwards=reverse, from_key=end if reverse else start)
    if not reverse:
        return _until(pairs, end)
    return _down_to(pairs, start, end)


def _until(pairs: Iterator[Pair], end: bytes) -> Iterator[Pair]:
    for pair in pairs:
        if pair[0] >= end:
            return
        yield pair


def _down_to(pairs: Iterator[Pair], start: bytes, end: bytes) -> Iterator[Pair]:
    for pair in pairs:
        if pair[0] < start:
            return
        if pair[0] != end:
            yield pair


def _rocks_options(*, in_memory: bool) -> Options:
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    if in_memory:
        options.set_env(Env.mem_env())
    options.set_write_buffer_size(32 * 1024 * 1024)
    options.set_max_background_jobs(2)
    options.set_compression_type(DBCompressionType.lz4())
    # RocksDB's own log of what it does: two files of 1 MiB, not one for each time it was opened.
    options.set_keep_log_file_num(2)
    options.set_max_log_file_size(1024 * 1024)
    table = BlockBasedOptions()
    table.set_bloom_filter(10, False)
    options.set_block_based_table_factory(table)
    return options
