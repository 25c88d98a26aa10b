"""python -m benchmarks.engine.storage: the figures behind docs/decisions/0001-storage.md, in process, without HTTP.

Values of 1 KB under 10,000 keys, on disk. LMDB is measured if it happens to be installed; everwarm does not need it.
"""

import argparse
import contextlib
import itertools
import os
import random
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table
from rocksdict import Options, Rdict, WriteBatch, WriteOptions

from everwarm.clock import monotonic
from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx

KEYS = 10_000
GROUP = 100
VALUE = random.Random(1).randbytes(1024)
LMDB_MAP_BYTES = 2**30


class Candidate(Protocol):
    """A store that is measured."""

    def put(self, keys: Sequence[bytes]) -> None:
        """Write the value under these keys, and return when all are safe on disk."""
        ...

    def get(self, key: bytes) -> bytes | None:
        """Read one value."""
        ...

    def close(self) -> None: ...


class RocksDb:
    """RocksDB through rocksdict, its log synced with each batch."""

    def __init__(self, directory: Path) -> None:
        self._db = Rdict(str(directory), Options(raw_mode=True))
        self._synced = WriteOptions()
        self._synced.sync = True

    def put(self, keys: Sequence[bytes]) -> None:
        batch = WriteBatch(raw_mode=True)
        for key in keys:
            batch.put(key, VALUE)
        self._db.write(batch, self._synced)

    def get(self, key: bytes) -> bytes | None:
        value: bytes | None = self._db.get(key)
        return value

    def close(self) -> None:
        self._db.close()


class Everwarm:
    """`everwarm.dynamodb.storage.store.Store`: RocksDB as we use it, with the writer's thread and its transactions."""

    def __init__(self, directory: Path) -> None:
        self._store = Store.open(directory)

    def put(self, keys: Sequence[bytes]) -> None:
        def body(tx: Tx) -> None:
            for key in keys:
                tx.put(key, VALUE)

        self._store.update(body)

    def get(self, key: bytes) -> bytes | None:
        return self._store.get(key)

    def close(self) -> None:
        self._store.close()


class Sqlite:
    """SQLite with a write-ahead log that is synced with each transaction."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self._db = sqlite3.connect(directory / "db", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE TABLE pairs (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")

    def put(self, keys: Sequence[bytes]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO pairs VALUES (?, ?)", [(key, VALUE) for key in keys])
        self._db.execute("COMMIT")

    def get(self, key: bytes) -> bytes | None:
        row = self._db.execute("SELECT value FROM pairs WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def close(self) -> None:
        self._db.close()


class Lmdb:
    """LMDB, synced with each transaction. Raises `ImportError` where it is not installed."""

    def __init__(self, directory: Path) -> None:
        lmdb: Any = import_module("lmdb")
        self._env = lmdb.open(str(directory), map_size=LMDB_MAP_BYTES)

    def put(self, keys: Sequence[bytes]) -> None:
        with self._env.begin(write=True) as tx:
            for key in keys:
                tx.put(key, VALUE)

    def get(self, key: bytes) -> bytes | None:
        with self._env.begin() as tx:
            value: bytes | None = tx.get(key)
            return value

    def close(self) -> None:
        self._env.close()


class PlainLog:
    """Appends to one file: no reads, the most that the disk allows."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self._log = os.open(directory / "log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        # macOS has no fdatasync.
        self._sync: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)

    def put(self, keys: Sequence[bytes]) -> None:
        os.write(self._log, b"".join(itertools.chain.from_iterable((key, VALUE) for key in keys)))
        self._sync(self._log)

    def get(self, key: bytes) -> bytes | None:
        return None

    def close(self) -> None:
        os.close(self._log)


CANDIDATES: dict[str, Callable[[Path], Candidate]] = {
    "RocksDB (rocksdict), log synced": RocksDb,
    "the same through everwarm's Store": Everwarm,
    "LMDB": Lmdb,
    "SQLite WAL FULL (stdlib)": Sqlite,
    "plain log, fdatasync": PlainLog,
}


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine.storage", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each figure in each round (1)")
    parser.add_argument("--rounds", type=int, default=3, help="the medians of which are shown (3)")
    parser.add_argument("--dir", type=Path, help="where the data lies meanwhile (the system's tmp)")
    given = parser.parse_args()
    figures: dict[str, list[tuple[float, float, float]]] = {}
    for number in range(given.rounds):
        for name, open_in in CANDIDATES.items():
            with (
                tempfile.TemporaryDirectory(prefix="everwarm-bench-", dir=given.dir) as data,
                contextlib.suppress(ImportError),
                contextlib.closing(open_in(Path(data) / str(number))) as candidate,
            ):
                figures.setdefault(name, []).append(_measure(candidate, given.seconds))
    table = Table("1 KB values, in process", title="Storage, medians")
    for column in ("put/s, sync each", f"put/s, {GROUP} per sync", "get/s"):
        table.add_column(column, justify="right")
    for name, rounds in figures.items():
        shown = (median(column) for column in zip(*rounds, strict=True))
        table.add_row(name, *(f"{figure:,.0f}" if figure else "" for figure in shown))
    Console().print(table)


def _measure(candidate: Candidate, for_s: float) -> tuple[float, float, float]:
    """Puts/s with a sync for each, puts/s in groups, gets/s; 0 for what it cannot do."""
    keys = [b"pair/%012d" % number for number in range(KEYS)]
    random.Random(1).shuffle(keys)
    groups = [keys[at : at + GROUP] for at in range(0, KEYS, GROUP)]
    for group in groups:
        candidate.put(group)
    one_each = _rate(lambda key: candidate.put((key,)), keys, for_s)
    grouped = _rate(candidate.put, groups, for_s) * GROUP
    reads = _rate(candidate.get, keys, for_s) if candidate.get(keys[0]) is not None else 0.0
    return one_each, grouped, reads


def _rate(act: Callable[[Any], object], things: Sequence[object], for_s: float) -> float:
    """How many of the things, round and round, a second."""
    start = monotonic()
    for count, thing in enumerate(itertools.cycle(things), start=1):
        act(thing)
        now = monotonic()
        if now - start >= for_s:
            return count / (now - start)
    raise AssertionError("nothing to measure")


if __name__ == "__main__":
    main()
