from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.clock import ManualClock
from everwarm.dynamodb.storage.layout import FAILURE, after
from everwarm.dynamodb.storage.store import Store
from everwarm.errors import FailureNotFound
from everwarm.lambdas.failures.store import ENTRY_BYTES, Counts, FailureStore, Limits, Tx
from tests.unit.lambdas.failures.batches import AT, failed
from tests.unit.lambdas.mappings.fake_stream import places

DAY_S = 24 * 3600.0

Reopen = Callable[..., FailureStore]


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Reopen]:
    """The failures of a store on the disk, each time as another process would find them."""
    opened: list[Store] = []

    def open_again(clock: ManualClock | None = None, limits: Limits | None = None) -> FailureStore:
        while opened:
            opened.pop().close()
        opened.append(Store.open(tmp_path / "data"))
        return FailureStore(opened[0], FAILURE, clock or ManualClock(AT), limits)

    yield open_again
    opened.pop().close()


@pytest.fixture
def kept(reopen: Reopen) -> FailureStore:
    return reopen()


async def test_a_batch_is_kept_with_its_records(kept: FailureStore, reopen: Reopen) -> None:
    await kept.keep(failed(1, 2, attempts=3, on_failure="arn:aws:sqs:us-east-1:000000000000:dead"), "no endpoint")
    again = reopen()
    (found,) = again.page()
    assert (found.id, found.at, found.records, found.attempts) == (1, AT, 2, 3)
    assert (found.function_name, found.condition) == ("shop-dev-refresh", "RetryAttemptsExhausted")
    assert (found.error, found.not_sent_because) == ("ValueError: no", "no endpoint")
    assert found.destination == "arn:aws:sqs:us-east-1:000000000000:dead"
    assert found.record["requestContext"]["approximateInvokeCount"] == 3
    assert again.get(1) == found
    assert again.records(1) == failed(1, 2).batch.records
    assert again.counts == kept.counts
    assert (again.counts.failures, again.counts.records) == (1, 2)


async def test_the_same_batch_again(kept: FailureStore, reopen: Reopen) -> None:
    await kept.keep(failed(1, 2))
    again = reopen()
    assert await again.keep(failed(1, 2)) is None
    assert [found.id for found in again.page()] == [1]


async def test_a_batch_of_another_cut_after_a_crash(kept: FailureStore) -> None:
    await kept.keep(failed(2, 3))
    found = await kept.keep(failed(1, 2, 3, 4))
    assert found is not None
    assert (found.id, found.records, found.first, found.last) == (2, 2, "0" * 20 + "1", "0" * 20 + "4")
    assert [places(kept.records(n)) for n in (1, 2)] == [[2, 3], [1, 4]]
    assert found.record["DDBStreamBatchInfo"]["batchSize"] == 2


async def test_shards_have_records_of_their_own(kept: FailureStore) -> None:
    await kept.keep(failed(1))
    await kept.keep(failed(1, shard_id="shardId-00000001700000000000-00000001"))
    assert kept.counts.failures == 2


async def test_pages(kept: FailureStore) -> None:
    for place in range(1, 6):
        await kept.keep(failed(place))
    assert [found.id for found in kept.page(limit=2)] == [1, 2]
    assert [found.id for found in kept.page(after=2, limit=2)] == [3, 4]
    assert [found.id for found in kept.page(after=4, limit=2)] == [5]


async def test_what_succeeded_goes(kept: FailureStore, reopen: Reopen) -> None:
    await kept.keep(failed(1, 2, 3, attempts=4))
    clock = ManualClock(AT + 60)
    again = reopen(clock)
    rest = await again.settle(1, 1, "KeyError: 'x'")
    assert rest == again.get(1)
    assert (rest.records, rest.attempts, rest.redriven, rest.redriven_at) == (2, 5, 1, AT + 60)
    assert (rest.error, rest.at) == ("KeyError: 'x'", AT)
    assert places(again.records(1)) == [2, 3]
    assert again.counts.records == 2
    # The one that went may fail again, the others are here.
    assert (await again.keep(failed(1, 2))) is not None
    assert places(again.records(2)) == [1]


async def test_nothing_stays_of_a_failure_that_succeeded(kept: FailureStore, reopen: Reopen) -> None:
    await kept.keep(failed(1, 2))
    assert await kept.settle(1, 2, None) is None
    assert kept.page() == []
    assert kept.counts == Counts(last=1)
    with pytest.raises(FailureNotFound, match="there is no failure 1"):
        kept.records(1)
    found = await reopen().keep(failed(1, 2))
    assert found is not None
    assert found.id == 2, "a number is not given twice"


async def test_settling_what_was_purged_meanwhile(kept: FailureStore) -> None:
    await kept.keep(failed(1, 2))
    await kept.remove(1)
    assert await kept.settle(1, 1, "no") is None
    assert kept.page() == []


async def test_remove(kept: FailureStore) -> None:
    await kept.keep(failed(1))
    await kept.keep(failed(2))
    await kept.remove(1)
    assert [found.id for found in kept.page()] == [2]
    with pytest.raises(FailureNotFound):
        await kept.remove(1)


async def test_clear(kept: FailureStore) -> None:
    for place in range(1, 251):
        await kept.keep(failed(place, at=AT - place))
    assert await kept.clear(before=AT - 100) == 150
    assert kept.counts.failures == 100
    assert await kept.clear() == 100
    assert kept.counts == Counts(last=250)


async def test_nothing_of_it_stays_on_the_disk(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data")
    kept = FailureStore(store, FAILURE, ManualClock(AT))
    await kept.keep(failed(1, 2, 3))
    await kept.settle(1, 1, "no")
    await kept.clear()
    assert [key for key, _ in store.scan(FAILURE, after(FAILURE))] == [FAILURE + b"\x00"]
    store.close()


async def test_too_much_is_dropped_from_the_oldest(reopen: Reopen) -> None:
    one = ENTRY_BYTES + 20_500
    kept = reopen(limits=Limits(size_bytes=3 * one))
    for place in range(1, 6):
        await kept.keep(failed(place, text="x" * 20_000))
    assert [found.id for found in kept.page()] == [3, 4, 5]
    assert (kept.counts.failures, kept.counts.dropped) == (3, 2)
    assert kept.counts.size_bytes <= 3 * one


async def test_one_that_is_larger_than_the_limit_is_kept(reopen: Reopen) -> None:
    kept = reopen(limits=Limits(size_bytes=10))
    await kept.keep(failed(1))
    await kept.keep(failed(2))
    assert [found.id for found in kept.page()] == [2]


async def test_too_old_is_dropped_when_the_next_one_comes(reopen: Reopen) -> None:
    clock = ManualClock(AT)
    kept = reopen(clock)
    await kept.keep(failed(1, at=AT))
    clock.advance(14 * DAY_S)
    await kept.keep(failed(2, at=clock.now()))
    assert kept.counts.failures == 2
    clock.advance(1)
    await kept.keep(failed(3, at=clock.now()))
    assert [found.id for found in kept.page()] == [2, 3]
    assert kept.counts.dropped == 1


async def test_much_that_is_too_old_is_dropped_little_by_little(reopen: Reopen) -> None:
    """All writers wait for a transaction that drops it."""
    clock = ManualClock(AT)
    kept = reopen(clock)
    for start in (1000, 2000, 3000, 4000):
        await kept.keep(failed(*range(start, start + 600), at=AT))
    clock.advance(15 * DAY_S)
    await kept.keep(failed(1, at=clock.now()))
    assert [found.id for found in kept.page()] == [3, 4, 5]
    await kept.keep(failed(2, at=clock.now()))
    assert [found.id for found in kept.page()] == [5, 6]


async def test_what_comes_in_large_batches_does_not_pile_up_however_old(reopen: Reopen) -> None:
    clock = ManualClock(AT)
    kept = reopen(clock)
    for start in (10_000, 20_000, 30_000):
        await kept.keep(failed(*range(start, start + 1500), at=AT))
    clock.advance(15 * DAY_S)
    await kept.keep(failed(*range(1500), at=clock.now()))
    assert [found.id for found in kept.page()] == [3, 4]


async def test_clearing_much_takes_several_transactions(kept: FailureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for start in (1000, 2000, 3000, 4000):
        await kept.keep(failed(*range(start, start + 400)))
    removed: list[int] = []
    remove = kept._remove

    def counted(tx: Tx, ids: Sequence[int]) -> int:
        removed.append(len(ids))
        return remove(tx, ids)

    monkeypatch.setattr(kept, "_remove", counted)
    assert await kept.clear() == 4
    assert removed == [2, 2]


@given(st.lists(st.sets(st.integers(1, 12), min_size=1, max_size=5), max_size=8))
async def test_every_record_is_kept_once(batches: list[set[int]]) -> None:
    """However records are cut into batches, and however often they come."""
    store = Store.open(None)
    try:
        kept = FailureStore(store, FAILURE, ManualClock(AT))
        for batch in batches:
            await kept.keep(failed(*sorted(batch)))
        found = [place for failure in kept.page() for place in places(kept.records(failure.id))]
        assert sorted(found) == sorted(set().union(*batches))
        assert kept.counts.records == len(found)
    finally:
        store.close()
