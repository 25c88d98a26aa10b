"""What is there, and what becomes of it, for somebody who has no loader; on an engine in memory, on a moved clock."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everwarm import Cache, NotFound
from everwarm.cache.backends.backend import Backend
from everwarm.cache.backends.opening import open_backend
from everwarm.cache.items import Timer
from everwarm.cache.names import Names
from everwarm.cache.survey import Row, Standing, look, make_due, refreshed, survey, tally
from everwarm.cache.table import CacheTable, new_owner
from everwarm.clock import ManualClock
from tests.stack.support import eventually

NOW = 1_700_000_000.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def backend(clock: ManualClock) -> Iterator[Backend]:
    backend = open_backend(None, directory=Path("none"), clock=clock, region=None, memory_only=True)
    yield backend
    backend.close()


@pytest.fixture
def table(backend: Backend) -> CacheTable:
    return CacheTable(backend, "rates", Names(), new_owner())


class Source:
    """What is loaded from: counts, and may be down."""

    def __init__(self, cache: Cache) -> None:
        self.loads: list[str] = []
        self.down = False
        cache.loader(self)

    def __call__(self, key: str) -> str:
        self.loads.append(key)
        if self.down:
            raise ConnectionError("the source is down")
        if key == "nothing":
            raise NotFound
        return f"value {len(self.loads)}"

    # `cached` and `loader` look for annotations of what they are given.
    __name__ = "source"


def cache(backend: Backend, clock: ManualClock, keep_warm: str = "always", *, gap: bool = False) -> Cache:
    settings: dict[str, Any] = {"gap": True} if gap else {"keep_warm": keep_warm, "keep": "1d", "negative": "1h"}
    return Cache("rates", backend=backend, clock=clock, refresh="10m", jitter=0, **settings)


def keys(rows: list[Row]) -> list[str]:
    return [row.stored.key for row in rows]


def test_entries_with_their_timers(backend: Backend, clock: ManualClock, table: CacheTable) -> None:
    rates = cache(backend, clock)
    Source(rates)
    for key in ("b", "a"):
        rates.get(key)
    seen: list[int] = []
    rows = survey(table, seen=seen.append)
    assert keys(rows) == ["a", "b"]
    assert [row.next_refresh_at for row in rows] == [NOW + 600, NOW + 600]
    assert rows[0].size_bytes > 50
    assert sum(seen) == 4


def test_only_those_that_are_asked_for(backend: Backend, clock: ManualClock, table: CacheTable) -> None:
    rates = cache(backend, clock)

    @rates.cached(tags=lambda pair: {pair[:3]})
    def rate(pair: str) -> float:
        return 1.0

    @rates.cached(tags=["daily"])
    def closing(pair: str) -> float:
        return 1.0

    for pair in ("EUR/KRW", "USD/KRW"):
        rate(pair)
        closing(pair)
    assert keys(survey(table, prefix="rate:")) == ["rate:EUR/KRW", "rate:USD/KRW"]
    assert keys(survey(table, tag="EUR")) == ["rate:EUR/KRW"]
    assert keys(survey(table, prefix="closing:U", tag="daily")) == ["closing:USD/KRW"]
    assert keys(survey(table, tag="weekly")) == []
    assert all(row.timer is not None for row in survey(table, prefix="rate:"))


def test_how_an_entry_stands(backend: Backend, clock: ManualClock, table: CacheTable) -> None:
    rates = cache(backend, clock, "never")
    Source(rates)
    for key in ("a", "nothing"):
        rates.get(key)
    [a, nothing] = survey(table)
    assert (a.standing(NOW), nothing.standing(NOW)) == (Standing.FRESH, Standing.ABSENT)
    assert a.standing(NOW + 600) is Standing.STALE
    assert a.standing(NOW + 86400) is Standing.EXPIRED
    assert a.next_refresh_at is None


def test_one_entry(backend: Backend, clock: ManualClock, table: CacheTable) -> None:
    rates = cache(backend, clock)
    Source(rates)
    rates.get("a")
    found = look(table, "a")
    assert found is not None
    assert found.stored.value == {"S": "value 1"}
    assert found.timer == Timer(key="a", generation=found.stored.generation or 0, due=NOW + 600)
    assert look(table, "b") is None


def test_what_they_come_to(backend: Backend, clock: ManualClock, table: CacheTable) -> None:
    rates = cache(backend, clock)
    source = Source(rates)

    @rates.cached(keep_warm="never")
    def rate(pair: str) -> float:
        return 1.0

    rates.get("a")
    rate("EUR/KRW")
    clock.advance(120)
    rates.get("b")
    rates.get("nothing")
    source.down = True
    with pytest.raises(ConnectionError):
        rates.refresh("b")
    rows = survey(table)
    counted = tally(rows, clock.now())
    assert counted.entries == 4
    assert counted.standing == {Standing.FRESH: 3, Standing.STALE: 0, Standing.ABSENT: 1, Standing.EXPIRED: 0}
    assert counted.failing == 1
    assert (counted.oldest_at, counted.newest_at) == (NOW, NOW + 120)
    assert counted.size_bytes == sum(row.size_bytes for row in rows)
    assert counted.loaders == {"": 3, "rate": 1}
    # One is tried again in a second, one is due in eight minutes; the others wait for a reader.
    assert (counted.warm, counted.overdue) == (2, 0)
    assert counted.next_refreshes == {60: 1, 600: 2, 3600: 2, 86400: 2}


def test_of_nothing(backend: Backend, clock: ManualClock, table: CacheTable) -> None:
    cache(backend, clock).start()
    counted = tally(survey(table), clock.now())
    assert (counted.entries, counted.oldest_at, counted.size_bytes) == (0, None, 0)


@pytest.mark.parametrize("keep_warm", ["always", "while-read"])
def test_what_is_made_due_is_refreshed(backend: Backend, clock: ManualClock, table: CacheTable, keep_warm: str) -> None:
    rates = cache(backend, clock, keep_warm)
    source = Source(rates)
    rates.get("a")
    rates.get("b")
    clock.advance(599)
    due = dict(make_due(table, ["a", "not there"], clock.now()))
    assert {key: stored is not None for key, stored in due.items()} == {"a": True, "not there": False}
    assert eventually(lambda: rates.stats.refreshes == 1)
    assert source.loads == ["a", "b", "a"]
    found = rates.peek("a")
    assert found is not None
    assert found.value == "value 3"


# Nobody has read it for so long that it has no timer any more.
def test_an_entry_that_was_let_go_is_warm_again(backend: Backend, clock: ManualClock, table: CacheTable) -> None:
    rates = cache(backend, clock, "while-read")

    @rates.cached
    def rate(pair: str) -> float:
        return 1.0

    rate("EUR")
    assert eventually(lambda: rates.stats.let_go == 1, meanwhile=lambda: clock.advance(60))
    refreshes = rates.stats.refreshes
    list(make_due(table, ["rate:EUR"], clock.now()))
    assert eventually(lambda: rates.stats.refreshes == refreshes + 1)
    assert eventually(lambda: (row := look(table, "rate:EUR")) is not None and row.next_refresh_at)


# Nobody could load it, so nobody is asked to; and it must not be lost.
def test_a_value_that_was_set_by_hand(backend: Backend, clock: ManualClock, table: CacheTable) -> None:
    rates = cache(backend, clock)
    rates.set("a", 1)
    assert [key for key, stored in make_due(table, ["a"], clock.now()) if stored] == ["a"]
    row = look(table, "a")
    assert row is not None
    assert (row.standing(clock.now()), row.timer) == (Standing.STALE, None)
    assert rates.get("a") == 1


# Nothing refreshes it but a reader; so the next one has it refreshed.
def test_an_entry_that_is_not_kept_warm_is_stale(backend: Backend, clock: ManualClock, table: CacheTable) -> None:
    rates = cache(backend, clock, "never")
    Source(rates)
    rates.get("a")
    clock.advance(10)
    assert [key for key, stored in make_due(table, ["a"], clock.now()) if stored] == ["a"]
    assert rates.get("a") == "value 1"
    assert eventually(lambda: rates.get("a") == "value 2")


# Its timer is gone, and it must not be lost for that.
def test_what_fails_then_is_tried_again(backend: Backend, clock: ManualClock, table: CacheTable) -> None:
    rates = cache(backend, clock)
    source = Source(rates)
    rates.get("a")
    source.down = True
    list(make_due(table, ["a"], clock.now()))
    assert eventually(lambda: rates.stats.load_errors == 1)
    assert eventually(lambda: (row := look(table, "a")) is not None and row.next_refresh_at)
    source.down = False
    clock.advance(2)
    assert eventually(lambda: rates.stats.refreshes == 1)


def test_an_entry_of_the_form_with_a_gap(backend: Backend, clock: ManualClock, table: CacheTable) -> None:
    rates = cache(backend, clock, gap=True)
    source = Source(rates)
    rates.get("a")
    clock.advance(10)
    assert [key for key, stored in make_due(table, ["a"], clock.now()) if stored] == ["a"]
    assert eventually(lambda: source.loads == ["a", "a"])
    assert eventually(lambda: (found := rates.peek("a")) is not None and found.value == "value 2")


def test_what_became_of_them(backend: Backend, clock: ManualClock, table: CacheTable) -> None:
    rates = cache(backend, clock)
    Source(rates)
    loads: list[int] = []

    @rates.cached
    def once(n: int) -> int:
        loads.append(n)
        if len(loads) > 1:
            raise ConnectionError("the source is down")
        return n

    for key in ("a", "b"):
        rates.get(key)
    once(1)
    due = {key: stored for key, stored in make_due(table, ["a", "b", "once:1"], clock.now()) if stored is not None}
    told = refreshed(table, due, lambda: eventually(lambda: rates.stats.loads == 6))
    assert dict(told) == {"a": None, "b": None, "once:1": "ConnectionError: the source is down"}


def test_whoever_waits_may_give_up(backend: Backend, clock: ManualClock, table: CacheTable) -> None:
    rates = cache(backend, clock)
    Source(rates)
    rates.get("a")
    stored = table.read("a")
    assert stored is not None
    assert list(refreshed(table, {"a": stored}, lambda: False)) == []
