"""RocksDB as it is used here: its options, opening it, and what stands in its place while it is opened anew.

What was found out about it, and why it is RocksDB: docs/decisions/0001-storage.md.
"""

import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from rocksdict import AccessType, BlockBasedOptions, DBCompressionType, Env, Options, Rdict, WriteBatch

from everwarm.clock import monotonic
from everwarm.dynamodb.storage.changes import Changes, Pair
from everwarm.errors import StorageFailed

LET_GO_S = 1.0
"""How long an iterator of somebody may keep the old database open, when it is opened anew."""


class Database(Protocol):
    """What readers ask of the database."""

    def get(self, key: bytes) -> Any: ...

    def items(self, *, backwards: bool, from_key: bytes) -> Any: ...

    def iter(self) -> Any: ...


def open_database(path: Path) -> Rdict:
    """Open it to read and write, made if it is missing.

    Raises:
        StorageFailed: the disk refuses.
    """
    try:
        return Rdict(str(path), _options(in_memory=False))
    except Exception as err:
        raise StorageFailed(f"The data in {path} cannot be opened ({err}).") from err


def open_in_memory() -> Rdict:
    """One without files."""
    # The files are in memory, but rocksdict writes a few bytes of its own beside them.
    with tempfile.TemporaryDirectory(prefix="everwarm-") as beside:
        return Rdict(f"{beside}/db", _options(in_memory=True))


def open_again(path: Path, old: Any) -> Database:
    """Close a database that has failed and open it again: to read only, if the disk wants nothing else.

    RocksDB reads its log anew, and says by that what of a failed write has come to be. A database that fails once does
    not recover in a way that could be relied on: it may show, later, a write that it has refused.

    Raises:
        StorageFailed: it cannot even be read.
    """
    with contextlib.suppress(Exception):  # it tells once more what it has told
        old.close()
    del old
    give_up_at = monotonic() + LET_GO_S
    while True:
        try:
            return open_database(path)
        except StorageFailed as err:
            # An iterator keeps the old one open, and RocksDB lets in one at a time.
            if "lock hold by current process" not in str(err) or monotonic() > give_up_at:
                break
            threading.Event().wait(0.005)
    try:
        return ReadOnly(Rdict(str(path), _options(in_memory=False), access_type=AccessType.read_only()))
    except Exception as err:
        raise StorageFailed(f"The data in {path} cannot be opened ({err}).") from err


class ReadOnly:
    """A database that can be read and not written."""

    def __init__(self, db: Rdict) -> None:
        self.get = db.get
        self.items = db.items
        self.iter = db.iter
        self.close = db.close


class Away:
    """In the database's place while it is opened anew: readers wait, and then ask what has taken its place.

    Attributes:
        back: set it when `current` gives another one.
    """

    def __init__(self, current: Callable[[], Database]) -> None:
        self.back = threading.Event()
        self._current = current

    def get(self, key: bytes) -> Any:
        self.back.wait()
        return self._current().get(key)

    def items(self, *, backwards: bool, from_key: bytes) -> Any:
        self.back.wait()
        return self._current().items(backwards=backwards, from_key=from_key)

    def iter(self) -> Any:
        self.back.wait()
        return self._current().iter()


class Unreadable:
    """In the database's place when it cannot be opened at all: whoever asks is told why."""

    def __init__(self, why: str) -> None:
        self._why = why

    def get(self, key: bytes) -> Any:
        raise StorageFailed(self._why)

    def items(self, *, backwards: bool, from_key: bytes) -> Any:
        raise StorageFailed(self._why)

    def iter(self) -> Any:
        raise StorageFailed(self._why)


def batch(changes: Changes) -> WriteBatch:
    """The changes as RocksDB takes them: all or nothing."""
    made = WriteBatch(raw_mode=True)
    for start, end in changes.cleared:
        made.delete_range(start, end)
    for key, value in changes.writes.items():
        if value is None:
            made.delete(key)
        else:
            made.put(key, value)
    return made


def holds(db: Database, changes: Changes) -> bool:
    """Whether a database is as it would be right after these changes."""
    if any(db.get(key) != value for key, value in changes.writes.items()):
        return False
    return not any(
        changes.writes.get(key) is None for start, end in changes.cleared for key, _ in bounded(db, start, end, False)
    )


def bounded(db: Database, start: bytes, end: bytes, reverse: bool) -> Iterator[Pair]:
    """The pairs of `start <= key < end`, as the database is now."""
    pairs = db.items(backwards=reverse, from_key=end if reverse else start)
    return _down_to(pairs, start, end) if reverse else _until(pairs, end)


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


def _options(*, in_memory: bool) -> Options:
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
