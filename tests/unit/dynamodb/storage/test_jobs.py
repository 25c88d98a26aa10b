"""Futures of an event loop, as the server uses them."""

import asyncio
import threading

import pytest

from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.errors import StorageClosed


def count(tx: Tx) -> int:
    number = int(tx.get(b"count") or b"0") + 1
    tx.put(b"count", b"%d" % number)
    return number


async def test_results_come_to_the_loop(store: Store) -> None:
    assert await asyncio.gather(*(store.submit_from_loop(count) for _ in range(20))) == list(range(1, 21))
    assert store.get(b"count") == b"20"


async def test_errors_come_to_the_loop(store: Store) -> None:
    def fail(tx: Tx) -> None:
        count(tx)
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        await store.submit_from_loop(fail)
    assert store.get(b"count") is None


# A client that went away took its request's task with it; the writer does not mind.
async def test_who_stops_waiting_harms_nobody(store: Store) -> None:
    busy, go_on = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        busy.set()
        go_on.wait()
        count(tx)

    held = store.submit_from_loop(hold)
    await asyncio.to_thread(busy.wait)
    held.cancel()
    go_on.set()
    async with asyncio.timeout(10):
        assert await store.submit_from_loop(count) == 2


async def test_both_kinds_of_futures_share_a_group(store: Store) -> None:
    waited_for = [store.submit(count), store.submit(count)]
    async with asyncio.timeout(10):
        assert await store.submit_from_loop(count) == 3
    assert [future.result(10) for future in waited_for] == [1, 2]


# A loop that ended before its answer: nobody waits for it any more, and the next one is served.
def test_a_loop_that_is_gone(store: Store) -> None:
    busy, go_on = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        busy.set()
        go_on.wait()
        count(tx)

    async def leave() -> None:
        store.submit_from_loop(hold)
        await asyncio.to_thread(busy.wait)

    asyncio.run(leave())
    go_on.set()
    assert store.update(count) == 2


async def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    with pytest.raises(StorageClosed):
        store.submit_from_loop(count)
