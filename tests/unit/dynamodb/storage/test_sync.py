"""Synced before acknowledged, and before anybody is shown it: on a disk that waits for the test."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.errors import StorageFailed


class HeldDisk:
    """The database, with syncs that wait until they are let through, or fail."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self.syncing = threading.Event()
        self.let_through = threading.Event()
        self.error: Exception | None = None

    def flush_wal(self, sync: bool) -> None:
        assert sync
        self.syncing.set()
        self.let_through.wait()
        if self.error is not None:
            raise self.error
        self._db.flush_wal(sync)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "data")
    store.update(lambda tx: tx.put(b"other", b"old"))
    yield store
    store.close()


@pytest.fixture
def disk(store: Store) -> Iterator[HeldDisk]:
    disk = HeldDisk(store._db)
    store._db = disk  # type: ignore[assignment]
    yield disk
    disk.let_through.set()


def test_the_acknowledgement_waits_for_the_sync(store: Store, disk: HeldDisk) -> None:
    future = store.submit(lambda tx: tx.put(b"k", b"v"))
    assert disk.syncing.wait(10)
    assert not future.done()
    disk.let_through.set()
    future.result(10)


# What a power cut could still take back is not shown; what has nothing to do with it is.
@pytest.mark.parametrize("read", ["get", "scan", "snapshot"])
def test_readers_wait_for_what_is_being_synced(store: Store, disk: HeldDisk, read: str) -> None:
    store.submit(lambda tx: tx.put(b"k", b"v"))
    assert disk.syncing.wait(10)
    seen: list[Any] = []

    def look() -> None:
        if read == "get":
            seen.append(store.get(b"k"))
        elif read == "scan":
            seen.append(list(store.scan(b"k", b"l")))
        else:
            seen.append(store.snapshot().get(b"k"))

    reader = threading.Thread(target=look)
    reader.start()
    reader.join(0.05)  # long enough for one that does not wait
    assert seen == []
    assert store.get(b"other") == b"old"
    disk.let_through.set()
    reader.join(10)
    assert seen == [[(b"k", b"v")] if read == "scan" else b"v"]


# Those who come while the disk is busy share the next sync.
def test_writers_that_arrive_during_a_sync_share_the_next(store: Store, disk: HeldDisk) -> None:
    first = store.submit(lambda tx: tx.put(b"first", b""))
    assert disk.syncing.wait(10)
    ran: list[int] = []
    futures = [store.submit(lambda tx, number=number: ran.append(number)) for number in range(10)]  # type: ignore[misc]
    assert ran == []
    disk.let_through.set()
    first.result(10)
    assert [future.result(10) for future in futures] == [None] * 10
    assert ran == list(range(10))


def test_a_sync_that_fails_is_told_and_calls_nobody(store: Store, disk: HeldDisk) -> None:
    called: list[str] = []

    def body(tx: Tx) -> None:
        tx.put(b"k", b"v")
        tx.on_commit(lambda: called.append("commit"))

    disk.error = OSError("no space left on device")
    disk.let_through.set()
    future = store.submit(body)
    with pytest.raises(StorageFailed, match="no space left"):
        future.result(10)
    assert called == []


# The failed commit may or may not be on the disk: nothing is put on top of it until the next opening has shown which.
def test_after_a_failed_sync_reads_go_on_and_writes_are_refused(store: Store, disk: HeldDisk) -> None:
    disk.error = OSError("input/output error")
    disk.let_through.set()
    with pytest.raises(StorageFailed):
        store.update(lambda tx: tx.put(b"k", b"v"))
    disk.error = None
    assert store.get(b"other") == b"old"
    with pytest.raises(StorageFailed, match="started again"):
        store.update(lambda tx: tx.put(b"after", b"v"))
    assert store.get(b"after") is None
