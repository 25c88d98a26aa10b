"""Who gets what comes of a write, and that nobody is shown it before it is safe."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everwarm.dynamodb.storage.store import Store, Tx
from everwarm.errors import StorageClosed

WAIT_S = 5.0


async def test_a_loop_gets_what_the_body_returned(store: Store) -> None:
    def body(tx: Tx) -> str:
        tx.put(b"k", b"v")
        return "answer"

    assert await store.submit_from_loop(body) == "answer"
    assert store.get(b"k") == b"v"


async def test_a_loop_gets_what_the_body_raised_and_nothing_is_written(store: Store) -> None:
    def body(tx: Tx) -> None:
        tx.put(b"k", b"v")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await store.submit_from_loop(body)
    assert store.get(b"k") is None


# One group holds writes of threads, of a loop, and failing ones: each gets its own outcome.
async def test_everyone_in_a_group_gets_their_own_outcome(store: Store) -> None:
    holding, go = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        holding.set()
        go.wait(WAIT_S)

    def fail(tx: Tx) -> None:
        raise KeyError("mine")

    first = store.submit(hold)
    holding.wait(WAIT_S)
    of_loop = [store.submit_from_loop(lambda tx, n=n: n) for n in range(5)]  # type: ignore[misc]
    of_thread = store.submit(lambda tx: "thread")
    failing = store.submit_from_loop(fail)
    go.set()
    assert await asyncio.gather(*of_loop) == [0, 1, 2, 3, 4]
    assert of_thread.result(WAIT_S) == "thread"
    with pytest.raises(KeyError):
        await failing
    first.result(WAIT_S)


# A caller that went away while its write was waiting does not want it any more.
async def test_a_write_that_is_cancelled_while_it_waits_does_not_happen(store: Store) -> None:
    holding, go = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        holding.set()
        go.wait(WAIT_S)

    store.submit(hold)
    holding.wait(WAIT_S)
    waiting = store.submit_from_loop(lambda tx: tx.put(b"k", b"v"))
    waiting.cancel()
    go.set()
    await store.submit_from_loop(lambda tx: None)
    assert store.get(b"k") is None


# Cancelled too late: the write happens, and nothing is said to a future that is done.
async def test_a_write_that_is_cancelled_under_way_happens(store: Store) -> None:
    holding, go = threading.Event(), threading.Event()

    def body(tx: Tx) -> None:
        holding.set()
        go.wait(WAIT_S)
        tx.put(b"k", b"v")

    writing = store.submit_from_loop(body)
    holding.wait(WAIT_S)
    writing.cancel()
    go.set()
    await store.submit_from_loop(lambda tx: None)
    assert store.get(b"k") == b"v"


def test_a_loop_that_is_gone_does_not_stop_the_writer(store: Store) -> None:
    holding, go = threading.Event(), threading.Event()

    def body(tx: Tx) -> None:
        holding.set()
        go.wait(WAIT_S)

    async def leave() -> None:
        store.submit_from_loop(body)

    asyncio.run(leave())
    holding.wait(WAIT_S)
    go.set()
    assert store.update(lambda tx: "still here") == "still here"


async def test_a_closed_store_refuses(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data")
    store.close()
    with pytest.raises(StorageClosed):
        store.submit_from_loop(lambda tx: None)


class SlowDisk:
    """The store's database, whose syncs take until they are let go, or fail."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self.syncing, self.go = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def flush_wal(self, sync: bool) -> None:
        self.syncing.set()
        self.go.wait(WAIT_S)
        self._db.flush_wal(sync)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[Store, SlowDisk]]:
    store = Store.open(tmp_path / "data")
    store.update(lambda tx: tx.put(b"other", b"old"))
    disk = SlowDisk(store._db)
    store._db = disk  # type: ignore[assignment]
    yield store, disk
    disk.go.set()
    store.close()


# Whoever saw a value must not lose it to a power cut: what is read is safe, or not yet seen.
@pytest.mark.parametrize("read", ["get", "scan", "snapshot"])
def test_a_value_is_not_shown_before_it_is_safe(slow: tuple[Store, SlowDisk], read: str) -> None:
    store, disk = slow
    reads = {
        "get": lambda: store.get(b"k"),
        "scan": lambda: dict(store.scan(b"k", b"l")).get(b"k"),
        "snapshot": lambda: store.snapshot().get(b"k"),
    }
    written = store.submit(lambda tx: tx.put(b"k", b"v"))
    disk.syncing.wait(WAIT_S)
    shown: list[bytes | None] = []
    reader = threading.Thread(target=lambda: shown.append(reads[read]()))
    reader.start()
    reader.join(0.05)  # time enough to do the wrong thing
    assert not shown
    assert not written.done()
    disk.go.set()
    reader.join(WAIT_S)
    assert shown == [b"v"]
    written.result(WAIT_S)


def test_who_reads_something_else_does_not_wait_for_a_sync(slow: tuple[Store, SlowDisk]) -> None:
    store, disk = slow
    written = store.submit(lambda tx: tx.put(b"k", b"v"))
    disk.syncing.wait(WAIT_S)
    assert store.get(b"other") == b"old"
    assert not written.done()
