"""The store: ordered pairs, snapshots, transactions and their groups."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from everwarm.dynamodb.storage.changes import Pair, unpack
from everwarm.dynamodb.storage.store import MAX_GROUP, Store
from everwarm.dynamodb.storage.transaction import Reader, Tx
from everwarm.errors import StorageClosed

END = b"\xff"

Body = Callable[[Tx], None]


def fill(store: Store, *keys: bytes) -> None:
    def body(tx: Tx) -> None:
        for key in keys:
            tx.put(key, b"old " + key)

    store.update(body)


def keys(reader: Reader, start: bytes = b"", end: bytes = END, *, reverse: bool = False) -> list[bytes]:
    return [key for key, _ in reader.scan(start, end, reverse=reverse)]


@contextmanager
def writer_held(store: Store) -> Iterator[None]:
    """Keep the writer busy, so that what is submitted meanwhile becomes one group."""
    busy, go_on = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        busy.set()
        go_on.wait()

    held = store.submit(hold)
    busy.wait()
    try:
        yield
    finally:
        go_on.set()
        held.result()


def put(key: bytes, value: bytes = b"") -> Body:
    return lambda tx: tx.put(key, value)


def test_get_finds_what_was_put(store: Store) -> None:
    store.update(put(b"k", b"v"))
    assert store.get(b"k") == b"v"
    assert store.get(b"other") is None


def test_update_gives_what_the_body_returned(store: Store) -> None:
    assert store.update(lambda tx: tx.get(b"k") or b"nothing") == b"nothing"


def test_scan_gives_start_but_not_end_both_ways(store: Store) -> None:
    fill(store, b"c", b"a", b"d", b"b", b"ba")
    assert keys(store, b"a", b"d") == [b"a", b"b", b"ba", b"c"]
    assert keys(store, b"a", b"d", reverse=True) == [b"c", b"ba", b"b", b"a"]
    assert list(store.scan(b"b", b"b\x00")) == [(b"b", b"old b")]


@pytest.mark.parametrize(("start", "end"), [(b"b", b"b"), (b"x", b"y"), (b"c", b"a")])
def test_scan_of_nothing(store: Store, start: bytes, end: bytes) -> None:
    fill(store, b"a", b"b", b"c")
    assert keys(store, start, end) == []
    assert keys(store, start, end, reverse=True) == []


def test_empty_and_binary_values(store: Store) -> None:
    store.update(put(b"empty", b""))
    store.update(put(b"\x00\xff\x00", bytes(range(256))))
    assert store.get(b"empty") == b""
    assert store.get(b"\x00\xff\x00") == bytes(range(256))


def test_delete_range_leaves_its_end(store: Store) -> None:
    fill(store, b"a", b"b", b"c", b"d")
    store.update(lambda tx: tx.delete_range(b"b", b"d"))
    assert keys(store) == [b"a", b"d"]


# What was deleted as a range can be written again, in the same transaction too.
def test_a_deleted_range_is_open_to_new_writes(store: Store) -> None:
    fill(store, b"a", b"b")

    def body(tx: Tx) -> None:
        tx.delete_range(b"a", b"z")
        tx.put(b"b", b"new")

    store.update(body)
    assert list(store.scan(b"", END)) == [(b"b", b"new")]


def test_a_scan_that_is_under_way_sees_nothing_newer(store: Store) -> None:
    fill(store, b"a", b"b", b"c")
    under_way = store.scan(b"", END)
    assert next(under_way)[0] == b"a"
    store.update(lambda tx: tx.delete_range(b"", END))
    store.update(put(b"bb"))
    assert [key for key, _ in under_way] == [b"b", b"c"]


def test_a_snapshot_does_not_see_later_writes(store: Store) -> None:
    numbered = [b"%04d" % number for number in range(300)]  # more than the snapshot reads at once
    fill(store, *numbered)
    snapshot = store.snapshot()
    store.update(put(b"0000", b"new"))
    store.update(put(b"0000a", b"new"))
    store.update(lambda tx: tx.delete(b"0001"))
    store.update(lambda tx: tx.delete_range(b"0100", b"0200"))
    store.update(put(b"0150", b"new"))
    assert keys(snapshot) == numbered
    assert keys(snapshot, reverse=True) == numbered[::-1]
    assert keys(snapshot, b"0100", b"0110") == numbered[100:110]
    assert snapshot.get(b"0000") == b"old 0000"
    assert snapshot.get(b"0150") == b"old 0150"
    assert snapshot.get(b"0000a") is None
    assert len(keys(store)) == 300 + 1 - 1 - 100 + 1


def test_two_scans_of_one_snapshot_do_not_disturb_each_other(store: Store) -> None:
    fill(store, *(b"%04d" % number for number in range(300)))
    snapshot = store.snapshot()
    both = list(zip(snapshot.scan(b"", END), snapshot.scan(b"", END, reverse=True), strict=True))
    assert [up[0] for up, _ in both] == [down[0] for _, down in both][::-1] == keys(store)


def test_a_transaction_sees_its_own_writes(store: Store) -> None:
    fill(store, b"a", b"b", b"c")

    def body(tx: Tx) -> tuple[list[Pair], bytes | None]:
        tx.put(b"b", b"new")
        tx.delete(b"c")
        tx.put(b"d", b"new")
        return list(tx.scan(b"", END)), tx.get(b"c")

    assert store.update(body) == ([(b"a", b"old a"), (b"b", b"new"), (b"d", b"new")], None)


def test_nothing_is_visible_before_the_commit(store: Store) -> None:
    def body(tx: Tx) -> bytes | None:
        tx.put(b"k", b"v")
        return store.get(b"k")

    assert store.update(body) is None
    assert store.get(b"k") == b"v"


def test_raising_leaves_nothing_behind(store: Store) -> None:
    fill(store, b"a", b"b")
    called: list[str] = []

    def body(tx: Tx) -> None:
        tx.put(b"c", b"v")
        tx.delete(b"a")
        tx.delete_range(b"b", b"c")
        tx.on_commit(lambda: called.append("commit"))
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        store.update(body)
    assert keys(store) == [b"a", b"b"]
    assert called == []


# In one group, a transaction builds on those before it, and one that fails takes none of them with it.
def test_a_group_runs_in_order_and_fails_one_by_one(store: Store) -> None:
    def count(tx: Tx) -> int:
        number = int(tx.get(b"count") or b"0") + 1
        tx.put(b"count", b"%d" % number)
        return number

    def count_and_fail(tx: Tx) -> int:
        count(tx)
        raise LookupError("no")

    with writer_held(store):
        futures = [store.submit(body) for body in (count, count_and_fail, count, count)]
    assert [future.result() for future in futures if future is not futures[1]] == [1, 2, 3]
    assert isinstance(futures[1].exception(), LookupError)
    assert store.get(b"count") == b"3"


# Counters of a group are written once, and what a failed transaction added does not count.
def test_a_group_adds_up(store: Store) -> None:
    def add_and_fail(tx: Tx) -> None:
        tx.add(b"count", 1000)
        raise LookupError("no")

    with writer_held(store):
        futures = [store.submit(body) for body in (add_one, add_and_fail, add_one)]
    assert isinstance(futures[1].exception(), LookupError)
    store.update(add_one)
    assert unpack(store.get(b"count") or b"") == (3,)


def add_one(tx: Tx) -> None:
    tx.add(b"count", 1)


def test_a_group_sees_a_range_deleted_before(store: Store) -> None:
    fill(store, b"a", b"b", b"c")
    with writer_held(store):
        store.submit(put(b"bb"))
        store.submit(lambda tx: tx.delete_range(b"b", b"c"))
        store.submit(put(b"bc"))
        seen = store.submit(lambda tx: (keys(tx), keys(tx, reverse=True), tx.get(b"bb")))
    assert seen.result() == ([b"a", b"bc", b"c"], [b"c", b"bc", b"a"], None)
    assert keys(store) == [b"a", b"bc", b"c"]


def note_body_and_commit(events: list[str], name: str) -> Body:
    def body(tx: Tx) -> None:
        tx.put(name.encode(), b"")
        events.append(f"run {name}")
        tx.on_commit(lambda: events.append(f"commit {name}"))

    return body


def test_those_who_wait_share_a_commit(store: Store) -> None:
    events: list[str] = []
    with writer_held(store):
        futures = [store.submit(note_body_and_commit(events, name)) for name in "abc"]
    for future in futures:
        future.result()
    assert events == ["run a", "run b", "run c", "commit a", "commit b", "commit c"]


# Changes of tables commit alone: what runs later reads the copy in memory that their callback refreshes.
def test_alone_shares_its_commit_with_nobody(store: Store) -> None:
    events: list[str] = []
    with writer_held(store):
        futures = [store.submit(note_body_and_commit(events, name), alone=name in "bc") for name in "abcd"]
    for future in futures:
        future.result()
    assert events == [f"{what} {name}" for name in "abcd" for what in ("run", "commit")]


def test_a_group_has_a_limit(store: Store) -> None:
    events: list[str] = []
    with writer_held(store):
        futures = [store.submit(note_body_and_commit(events, str(number))) for number in range(MAX_GROUP + 1)]
    for future in futures:
        future.result()
    assert events[:MAX_GROUP] == [f"run {number}" for number in range(MAX_GROUP)]
    assert events[MAX_GROUP] == "commit 0"


def test_the_result_comes_after_the_commit_and_its_callbacks(store: Store) -> None:
    seen: list[tuple[str, bytes | None]] = []

    def body(tx: Tx) -> None:
        tx.put(b"k", b"v")
        tx.on_commit(lambda: seen.append(("callback", store.get(b"k"))))

    with writer_held(store):
        future = store.submit(body)
        future.add_done_callback(lambda _: seen.append(("result", store.get(b"k"))))
    future.result()
    # The callback of the future may still be running in the writer's thread: let one more write go by.
    store.update(put(b"other"))
    assert seen == [("callback", b"v"), ("result", b"v")]


def test_a_callback_that_raises_harms_nobody(store: Store) -> None:
    def body(tx: Tx) -> str:
        tx.on_commit(lambda: 1 / 0)
        return "done"

    assert store.update(body) == "done"
    fill(store, b"a")
    assert keys(store) == [b"a"]


def test_a_cancelled_body_does_not_run(store: Store) -> None:
    with writer_held(store):
        future = store.submit(put(b"k"))
        assert future.cancel()
    fill(store, b"a")
    assert keys(store) == [b"a"]


def test_many_threads_lose_nothing(store: Store) -> None:
    def count(tx: Tx) -> None:
        tx.put(b"count", b"%d" % (int(tx.get(b"count") or b"0") + 1))

    def write() -> None:
        for _ in range(25):
            store.update(count)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get(b"count") == b"200"


def test_closing_finishes_what_was_submitted(store: Store) -> None:
    with writer_held(store):
        futures: list[Future[None]] = [store.submit(put(b"%d" % number), alone=number % 3 == 0) for number in range(50)]
        closing = threading.Thread(target=store.close)
        closing.start()
    closing.join()
    assert [future.result(timeout=0) for future in futures] == [None] * 50


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(StorageClosed):
        store.submit(put(b"k"))


def test_a_file_keeps_what_was_written(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "deep" / "data")
    fill(store, b"a", b"b", b"c")
    store.update(lambda tx: tx.delete_range(b"b", b"c"))
    store.close()
    again = Store.open(tmp_path / "deep" / "data")
    assert list(again.scan(b"", END)) == [(b"a", b"old a"), (b"c", b"old c")]
    again.close()


def test_memory_is_forgotten_and_shared_with_nobody() -> None:
    first, second = Store.open(None), Store.open(None)
    fill(first, b"a")
    assert keys(second) == []
    first.close()
    second.close()
