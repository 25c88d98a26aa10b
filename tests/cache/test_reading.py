"""Reading, on each backend."""

import asyncio
from typing import Any

import pytest

from everwarm import NotFound
from everwarm.cache.entry import State
from everwarm.errors import CacheError
from tests.cache.backends import Bench
from tests.cache.caches import Make, Source, until


def test_a_key_is_loaded_once_and_read_from_then_on(make: Make, backend: Bench) -> None:
    cache, source = make(), Source()
    cache.loader(source)
    assert cache.peek("a") is None
    assert cache.get("a") == {"key": "a", "number": 1}
    backend.clock.advance(300)
    assert cache.get("a")["number"] == 1
    entry = cache.entry("a")
    assert entry is not None
    assert (entry.state, entry.failures, entry.error) == (State.FRESH, 0, None)
    assert entry.age_s == pytest.approx(300)
    assert entry.fresh_until == pytest.approx(entry.loaded_at + 600, abs=0.01)
    assert entry.expires_at == pytest.approx(entry.loaded_at + 86400, abs=0.01)
    peeked = cache.peek("a")
    assert peeked is not None
    assert peeked.generation == entry.generation == round(entry.loaded_at * 1000)
    assert source.asked == ["a"]


def test_without_a_loader_there_is_the_default(make: Make) -> None:
    cache = make()
    assert cache.get("a") is None
    assert cache.get("a", 7) == 7
    assert cache.entry("a") is None
    assert cache.get_many(["a", "b"]) == {}
    with pytest.raises(CacheError, match="no loader"):
        cache.refresh("a")


def test_many_keys_are_read_together(make: Make) -> None:
    cache, source = make(), Source()
    cache.loader(source)
    cache.get("k7")
    keys = [f"k{n}" for n in range(101)]  # BatchGetItem takes a hundred
    found = cache.get_many(keys)
    assert sorted(found) == sorted(keys)
    assert found["k7"]["number"] == 1
    assert len(source.asked) == 101
    assert cache.get_many(keys) == found
    assert len(source.asked) == 101


def test_a_stale_value_is_served_at_once_and_one_refresh_starts(make: Make, backend: Bench) -> None:
    cache, source = make(keep_warm="never"), Source()
    cache.loader(source)
    cache.get("a")
    backend.clock.advance(601)
    assert [cache.get("a")["number"] for _ in range(3)][0:1] == [1]
    until(lambda: cache.get("a")["number"] == 2)
    assert source.asked == ["a", "a"]


def test_who_does_not_want_a_stale_value_waits_for_a_fresh_one(make: Make, backend: Bench) -> None:
    cache, source = make(keep_warm="never"), Source()
    cache.loader(source)
    cache.get("a")
    backend.clock.advance(601)
    assert cache.get("a", stale_ok=False)["number"] == 2
    strict = make(keep_warm="never", stale_ok=False)
    strict.loader(source)
    assert strict.get("a")["number"] == 2
    backend.clock.advance(601)
    assert strict.get("a")["number"] == 3
    assert strict.get_many(["a"])["a"]["number"] == 3


def test_beyond_its_hard_limit_a_value_is_not_served_though_it_lies_there(make: Make, backend: Bench) -> None:
    cache, source = make(keep="20m", keep_warm="never"), Source()
    cache.loader(source)
    cache.get("a")
    backend.clock.advance(1201)
    assert cache.peek("a") is None
    source.error = OSError("down")
    with pytest.raises(OSError, match="down"):
        cache.get("a")
    source.error = None
    assert cache.get("a")["number"] == 3


def test_what_the_loader_raises_on_a_miss_is_raised(make: Make) -> None:
    cache, source = make(), Source()
    cache.loader(source)
    source.error = OSError("down")
    for _ in range(2):
        with pytest.raises(OSError, match="down"):
            cache.get("a", 7)
    assert source.asked == ["a", "a"]  # nothing was kept of it, its lease neither


def test_what_there_is_not_is_remembered_for_its_own_time(make: Make, backend: Bench) -> None:
    cache, source = make(negative="30s"), Source()
    cache.loader(source)
    source.error = NotFound("a")
    assert cache.get("a", 7) == 7
    assert cache.get("a") is None
    assert cache.get_many(["a"]) == {}
    assert source.asked == ["a"]
    source.error = None
    assert cache.get("a") is None
    backend.clock.advance(31)
    assert cache.get("a")["number"] == 2


def test_what_there_is_not_is_forgotten_where_that_was_not_asked_for(make: Make) -> None:
    cache, source = make(), Source()
    cache.loader(source)
    source.error = NotFound("a")
    assert cache.get("a", 7) == 7
    assert cache.get("a", 8) == 8
    assert source.asked == ["a", "a"]


def test_a_value_that_is_no_more_is_forgotten(make: Make) -> None:
    cache, source = make(), Source()
    cache.loader(source)
    cache.get("a")
    source.error = NotFound("a")
    with pytest.raises(NotFound):
        cache.refresh("a")
    assert cache.peek("a") is None


def test_on_an_event_loop(make: Make, backend: Bench) -> None:
    cache = make(keep_warm="never")
    loops: list[object] = []

    @cache.loader
    async def load(key: str) -> str:
        loops.append(asyncio.get_running_loop())
        if key == "none":
            raise NotFound(key)
        return f"{key}{len(loops)}"

    async def main() -> None:
        assert await cache.aget("a") == "a1"
        assert await cache.aget("a") == "a1"
        assert await cache.aget("none", 7) == 7
        entry = await cache.aentry("a")
        assert entry is not None
        assert entry.value == "a1"
        assert await cache.apeek("b") is None
        found = await cache.aget_many(["a", "b", "none"])
        assert sorted(found) == ["a", "b"]
        refreshed = await cache.arefresh("a")
        assert refreshed.value == f"a{len(loops)}"
        await cache.aset("c", "by hand")
        assert await cache.aget("c") == "by hand"
        assert await cache.ainvalidate("c")
        assert set(loops) == {asyncio.get_running_loop()}

    asyncio.run(main())
    assert cache.get("sync") == f"sync{len(loops)}"  # on a loop of the cache's own


@pytest.mark.parametrize("memory", [0, 100])
def test_decorated_functions(make: Make, backend: Bench, memory: int) -> None:
    cache = make(keep_warm="never", memory=memory)
    calls: list[tuple[str, int]] = []

    @cache.cached
    def history(pair: str, days: int = 30) -> list[dict[str, Any]]:
        """The history of a rate."""
        calls.append((pair, days))
        return [{"pair": pair, "days": days, "rate": 1.5 * len(calls)}]

    @cache.cached(refresh="1h", tags=["daily"])
    async def closing(pair: str) -> float:
        return 2.5

    assert getattr(history, "__name__", None) == "history"
    assert history.__doc__ == "The history of a rate."
    first = history("EUR")
    assert first == [{"pair": "EUR", "days": 30, "rate": 1.5}]
    assert history(pair="EUR", days=30) == first
    assert history.entry("EUR").key == history.key("EUR", 30)
    assert calls == [("EUR", 30)]
    assert history.get_many(["EUR", ("USD", 7)]) == [first[0:1], [{"pair": "USD", "days": 7, "rate": 3.0}]]
    assert history.refresh("EUR")[0]["rate"] == 4.5
    assert history("EUR")[0]["rate"] == 4.5
    history.set([], "EUR")
    assert history("EUR") == []
    assert history.invalidate("EUR")
    assert not history.invalidate("EUR")
    assert history.peek("EUR") is None
    backend.clock.advance(601)
    assert history.fresh("USD", 7)[0]["rate"] == 6.0

    async def main() -> None:
        assert await closing("EUR") == 2.5
        entry = await closing.entry("EUR")
        assert entry.tags == {"daily"}
        assert entry.fresh_until == pytest.approx(entry.loaded_at + 3600, abs=0.01)
        assert await closing.get_many(["EUR", "USD"]) == [2.5, 2.5]
        assert await history.aget("USD", 7) == history("USD", 7)
        assert await closing.invalidate("EUR")

    asyncio.run(main())


def test_one_that_is_not_found_is_raised_from_many_calls(make: Make) -> None:
    cache = make()

    @cache.cached
    def rate(pair: str) -> int:
        if pair == "none":
            raise NotFound(pair)
        return 1

    assert rate.get_many(["EUR", "USD"]) == [1, 1]
    with pytest.raises(NotFound):
        rate.get_many(["EUR", "none"])


def test_two_processes_load_once(make: Make, backend: Bench) -> None:
    """The second one waits for the first, whose lease it meets, and reads what that has stored."""
    one, other = make(), make()
    source = Source()

    def slowly(key: str) -> dict[str, Any]:
        assert other.opened().table.take_lease(key, backend.clock.now(), backend.clock.now() + 60) is None
        return source(key)

    one.loader(slowly)
    other.loader(source)
    assert one.get("a") == other.get("a")
    assert source.asked == ["a"]


def test_a_list_of_maps_stays_one_in_the_table(make: Make, backend: Bench) -> None:
    cache = make()
    cache.set("a", [{"pair": "EUR/KRW", "rate": 1724.5, "closed": False}], tags=["fx"])
    found = backend.call("GetItem", {"TableName": cache.table, "Key": {"key": {"S": "a"}}, "ConsistentRead": True})
    item = found["Item"]
    assert item["value"] == {
        "L": [{"M": {"pair": {"S": "EUR/KRW"}, "rate": {"N": "1724.5"}, "closed": {"BOOL": False}}}]
    }
    assert item["tags"] == {"SS": ["fx"]}
    assert {"generation", "loaded_at", "fresh_until", "ttl"} <= item.keys()
