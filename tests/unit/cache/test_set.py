"""Values that are put by hand."""

from collections.abc import Iterator

import pytest

from everwarm import Cache, SettingError
from everwarm.cache.entry import State
from everwarm.clock import ManualClock
from tests.stack.support import eventually


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def rates(clock: ManualClock) -> Iterator[Cache]:
    with Cache("rates", refresh="10m", keep="1h", directory=None, clock=clock) as cache:
        yield cache


def test_without_a_loader_it_stays_until_keep_is_over(rates: Cache, clock: ManualClock) -> None:
    rates.set("a", 1)
    assert rates.get("a") == 1
    clock.advance(601)
    entry = rates.entry("a")
    assert entry is not None
    assert entry.state is State.STALE
    clock.advance(3000)
    assert rates.get("a") is None


# A timer that nobody can answer would be retried, and end among the failures.
def test_without_a_loader_it_has_no_timer(rates: Cache) -> None:
    rates.set("a", 1)
    items = rates.opened().table.backend.call("Scan", {"TableName": "rates"})["Items"]
    assert [item["key"]["S"] for item in items] == ["a"]


def test_with_a_loader_it_is_refreshed(rates: Cache, clock: ManualClock) -> None:
    @rates.loader
    def load(key: str) -> str:
        return f"loaded {key}"

    rates.set("a", "by hand")
    assert rates.get("a") == "by hand"
    clock.advance(601)
    assert eventually(lambda: rates.get("a") == "loaded a")


def test_times_of_its_own(rates: Cache, clock: ManualClock) -> None:
    now = clock.now()
    assert rates.set("a", 1, keep="2h").expires_at == now + 7200
    assert rates.set("b", 1, keep=None).expires_at is None
    entry = rates.set("c", 1, refresh="1m")
    assert now + 54 <= entry.fresh_until <= now + 60
    assert entry.expires_at == now + 3600
    with pytest.raises(SettingError, match="refresh"):
        rates.set("d", 1, refresh="soon")


def test_tags(rates: Cache) -> None:
    rates.set("a", 1, tags=["daily"])
    rates.set("b", 2)
    assert rates.invalidate(tag="daily") == 1
    assert (rates.get("a"), rates.get("b")) == (None, 2)


async def test_on_an_event_loop(rates: Cache, clock: ManualClock) -> None:
    entry = await rates.aset("a", [1], keep="2h", tags=["daily"])
    assert (entry.expires_at, entry.tags) == (clock.now() + 7200, frozenset({"daily"}))
    assert await rates.aget("a") == [1]


# In this form every expiry is a refresh; that of a value without a loader would fail, again and again.
def test_without_a_loader_in_the_form_with_a_gap(clock: ManualClock) -> None:
    with Cache("plain", refresh="10m", gap=True, directory=None, clock=clock) as plain:
        plain.set("a", 1)
        assert plain.get("a") == 1
        clock.advance(601)
        assert plain.get("a") is None
        assert eventually(lambda: plain.stats.skipped == 1)
