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
    store._db = disk
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


# The failed commit may or may not be on the disk: nothing is put on top of it until opening anew has shown which.
def test_after_a_failed_sync_reads_go_on_and_writes_are_refused(store: Store, disk: HeldDisk) -> None:
    disk.error = OSError("input/output error")
    disk.let_through.set()
    with pytest.raises(StorageFailed):
        store.update(lambda tx: tx.put(b"k", b"v"))
    disk.error = None
    assert store.get(b"other") == b"old"
    with pytest.raises(StorageFailed, match="tried every few seconds"):
        store.update(lambda tx: tx.put(b"after", b"v"))
    assert store.get(b"after") is None


# Nobody has to be restarted, and who waits for a commit that was kept after all hears of it.
def test_it_is_opened_anew_and_shows_whether_the_failed_commit_was_kept(
    store: Store, disk: HeldDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("everwarm.dynamodb.storage.store.FIRST_RECOVERY_S", 0.0)
    called: list[str] = []

    def body(tx: Tx) -> None:
        tx.put(b"k", b"v")
        tx.on_commit(lambda: called.append("commit"))

    disk.error = OSError("input/output error")
    disk.let_through.set()
    with pytest.raises(StorageFailed):
        store.update(body)
    store.update(lambda tx: tx.put(b"after", b"v"))
    assert called == ["commit"]  # RocksDB had it in its log; only the sync of that was refused
    assert [store.get(key) for key in (b"other", b"k", b"after")] == [b"old", b"v", b"v"]


# A reader's iterator keeps the old database open, and so does one that nobody has finished.
def test_readers_meanwhile_keep_what_they_have(store: Store, disk: HeldDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("everwarm.dynamodb.storage.store.FIRST_RECOVERY_S", 0.0)
    monkeypatch.setattr("everwarm.dynamodb.storage.store.LAST_RECOVERY_S", 0.0)
    monkeypatch.setattr("everwarm.dynamodb.storage.database.LET_GO_S", 0.01)
    disk.let_through.set()
    for number in range(10):
        store.update(lambda tx, number=number: tx.put(b"many-%d" % number, b""))  # type: ignore[misc]
    pairs = store.scan(b"many", b"mao")
    next(pairs)
    disk.error = OSError("input/output error")
    with pytest.raises(StorageFailed):
        store.update(lambda tx: tx.put(b"k", b"v"))
    with pytest.raises(StorageFailed):
        store.update(lambda tx: tx.put(b"after", b"v"))
    assert store.get(b"other") == b"old"  # opened to read meanwhile
    assert len(list(pairs)) == 9
    del pairs
    store.update(lambda tx: tx.put(b"after", b"v"))
    assert store.get(b"after") == b"v"
