"""Counters and their snapshot."""

import dataclasses
import math
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from everwarm.cache.memory import Memory
from everwarm.cache.stats import LATENESS_BOUNDS_S, Counter, Snapshot, Stats
from everwarm.dynamodb.values.types import Item
from tests.docs.pages import Page


def test_nothing_has_happened_yet() -> None:
    snapshot = Stats().snapshot()
    assert snapshot.reads == 0
    assert snapshot.hit_ratio == 0
    assert snapshot.load_time.mean_s == 0


def test_a_snapshot_is_frozen_and_stands_still() -> None:
    stats = Stats()
    stats.hits.add()
    before = stats.snapshot()
    stats.hits.add()
    assert before.hits == 1
    assert stats.snapshot().hits == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        before.hits = 5  # type: ignore[misc]


# There is no way to look at such a counter but to count: a look must leave no trace.
def test_looking_changes_nothing() -> None:
    counter = Counter()
    for number in range(1, 5):
        counter.add()
        assert [counter.value, counter.value] == [number, number]


def test_reads_are_counted_by_what_they_were_given_and_by_where() -> None:
    stats = Stats()
    for counter, times in (
        (stats.hits, 3),
        (stats.memory_hits, 4),
        (stats.stale_hits, 3),
        (stats.negative_hits, 2),
        (stats.misses, 4),
    ):
        for _ in range(times):
            counter.add()
    snapshot = stats.snapshot()
    assert (snapshot.hits, snapshot.stale_hits, snapshot.negative_hits, snapshot.misses) == (7, 3, 2, 4)
    assert snapshot.memory_hits == 4
    assert snapshot.reads == 16
    assert snapshot.hit_ratio == 0.75


def test_loads() -> None:
    stats = Stats()
    stats.load(0.2)
    stats.load(0.4, failed=True)
    stats.refresh()
    snapshot = stats.snapshot()
    assert (snapshot.loads, snapshot.load_errors, snapshot.refreshes) == (2, 1, 1)
    assert snapshot.load_time.sum_s == pytest.approx(0.6)
    assert snapshot.load_time.max_s == 0.4
    assert snapshot.load_time.mean_s == pytest.approx(0.3)


def test_the_rest() -> None:
    stats = Stats()
    stats.skip()
    stats.discard()
    stats.leave()
    stats.invalidate(3)
    stats.wrote(400)
    stats.wrote(100)
    snapshot = stats.snapshot()
    assert (snapshot.skipped, snapshot.discarded, snapshot.let_go, snapshot.invalidated) == (1, 1, 1, 3)
    assert snapshot.bytes_written == 500


def item(size_bytes: int) -> Item:
    return {"k": {"S": (size_bytes - 1) * "x"}}


# Looks in between change nothing; and the first item is measured, so that the sum is never nothing.
def test_sizes_of_what_was_read() -> None:
    stats = Stats()
    assert stats.snapshot().bytes_read == 0
    for number in range(1, 100):
        stats.read.add(item(1000))
        assert stats.snapshot().bytes_read == 1000 * number


# To measure each would cost as much as half a hit.
def test_sizes_are_an_estimate_that_is_not_far_off() -> None:
    stats = Stats()
    chance = random.Random(1)
    sizes = [chance.randint(100, 2000) for _ in range(20_000)]
    told = []
    for size_bytes in sizes:
        stats.read.add(item(size_bytes))
        told.append(stats.read.sum_bytes)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(sum(sizes), rel=0.1)


# A time that equals a bound is within it; one that no bound has is in the last bucket.
def test_lateness_by_buckets() -> None:
    stats = Stats()
    for lateness_s in (0.0, 0.01, 0.02, 7200.0, 1e6):
        stats.late(lateness_s)
    lateness = stats.snapshot().lateness
    assert lateness.count == 5
    assert dict(zip((*LATENESS_BOUNDS_S, math.inf), lateness.buckets, strict=True)) == {
        **dict.fromkeys(LATENESS_BOUNDS_S, 0),
        0.01: 2,
        0.05: 1,
        14400: 1,
        math.inf: 1,
    }


# A clock that was set back makes a refresh early by as much; the sum of a Prometheus histogram never falls.
def test_a_lateness_below_zero_is_none() -> None:
    stats = Stats()
    stats.late(-3600)
    lateness = stats.snapshot().lateness
    assert (lateness.sum_s, lateness.max_s, lateness.buckets[0]) == (0, 0, 1)


def test_a_bound_that_most_have_kept() -> None:
    stats = Stats()
    for _ in range(99):
        stats.late(0.02)
    stats.late(2)
    lateness = stats.snapshot().lateness
    assert lateness.at_most(0.5) == 0.05
    assert lateness.at_most(0.99) == 0.05
    assert lateness.at_most(1) == 2.5
    stats.late(1e6)
    assert stats.snapshot().lateness.at_most(1) == math.inf


def test_the_memory_layer_speaks_for_itself() -> None:
    memory: Memory[object] = Memory(10, 1.0)  # type: ignore[type-var]
    memory.evictions, memory.drops = 5, 6
    snapshot = Stats(memory=memory.figures).snapshot()
    assert (snapshot.memory_entries, snapshot.evictions, snapshot.drops) == (0, 5, 6)


# Exact, with looks in between.
def test_threads_lose_no_count() -> None:
    stats = Stats()

    def work() -> None:
        for turn in range(5000):
            stats.hits.add()
            stats.memory_hits.add()
            stats.load(0.001)
            if turn % 100 == 0:
                stats.snapshot()

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(work) for _ in range(4)]:
            future.result()
    snapshot = stats.snapshot()
    assert (snapshot.hits, snapshot.memory_hits, snapshot.loads) == (40_000, 20_000, 20_000)


def test_the_page_has_all_counters() -> None:
    assert set(Snapshot.__dataclass_fields__) <= set(Page(Path("docs/cache/seeing.md")).inline())
