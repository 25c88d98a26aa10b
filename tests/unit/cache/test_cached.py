"""What can be decorated, and what a decorated function is to the rest of Python."""

import asyncio
import copy
import functools
import pickle
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from everwarm import Cache
from everwarm.cache.core import MANY_AT_ONCE
from everwarm.clock import ManualClock
from everwarm.errors import CacheError, UnstorableValue

_of_the_module = Cache("of-the-module", directory=None)


@_of_the_module.cached
def doubled(number: int) -> int:
    return 2 * number


@pytest.fixture
def cache() -> Iterator[Cache]:
    with Cache("rates", directory=None) as cache:
        yield cache


def test_a_cached_function_can_be_cached_by_another_cache(cache: Cache) -> None:
    """By one that is nearer, say. Both are asked, and both keep it."""
    with Cache("farther", directory=None) as farther:

        @cache.cached
        @farther.cached
        def rate(pair: str) -> float:
            return 1724.5

        assert rate("EUR/KRW") == rate("EUR/KRW") == 1724.5
        assert (cache.stats.loads, cache.stats.hits) == (1, 1)
        assert (farther.stats.loads, farther.stats.hits) == (1, 0)


async def test_so_can_an_async_one(cache: Cache) -> None:
    async with Cache("farther", directory=None) as farther:

        @cache.cached
        @farther.cached
        async def rate(pair: str) -> float:
            return 1724.5

        assert await rate("EUR/KRW") == await rate("EUR/KRW") == 1724.5
        assert (cache.stats.loads, farther.stats.loads) == (1, 1)


def test_a_cached_function_is_pickled_and_copied_as_a_function_is() -> None:
    """By its name: so a pool of processes can be given it."""
    assert pickle.loads(pickle.dumps(doubled)) is doubled
    assert copy.deepcopy({"function": doubled})["function"] is doubled
    assert copy.copy(doubled) is doubled


def test_a_generator_is_refused_when_it_is_decorated(cache: Cache) -> None:
    def days(count: int):  # type: ignore[no-untyped-def]
        yield from range(count)

    async def nights(count: int) -> AsyncIterator[int]:
        yield count

    with pytest.raises(UnstorableValue, match=r"days\(\) is a generator, which cannot be kept: return a list"):
        cache.cached(days)
    with pytest.raises(UnstorableValue, match=r"nights\(\) is a generator"):
        cache.cached(nights)


def test_a_method_is_refused_whoever_makes_its_key(cache: Cache) -> None:
    """What it is called on would not be there for a refresh."""
    with pytest.raises(CacheError, match=r"rate is a method: .* cache a function of what identifies it instead"):

        class Source:
            @cache.cached(key=lambda self, pair: str(pair))
            def rate(self, pair: str) -> float:
                return 1.0


def test_a_function_may_call_its_first_parameter_as_it_likes(cache: Cache) -> None:
    @cache.cached(key=lambda cls: f"class/{cls}")
    def members(cls: str) -> list[str]:
        return [cls]

    assert members("B") == ["B"]


def test_what_has_no_name_is_to_be_given_one(cache: Cache) -> None:
    def rate(pair: str, days: int) -> list[Any]:
        return [pair, days]

    monthly = functools.partial(rate, days=30)
    with pytest.raises(CacheError, match=r"has no name .*: give it one, cached\(name=...\)"):
        cache.cached(monthly)
    assert cache.cached(name="monthly")(monthly)("EUR") == ["EUR", 30]


def test_what_is_no_function_is_told_so(cache: Cache) -> None:
    with pytest.raises(CacheError, match="cached is a decorator, and '1h' is no function"):
        cache.cached("1h")  # type: ignore[call-overload]


def test_a_single_text_is_one_tag(cache: Cache) -> None:
    @cache.cached(tags="daily")
    def rate(pair: str) -> float:
        return 1.0

    @cache.cached(tags=lambda pair: pair)
    def closing(pair: str) -> float:
        return 1.0

    rate("EUR/KRW"), closing("EUR/KRW")
    cache.set("noon", 1, tags="daily")
    assert cache.invalidate(tag="daily") == 2
    assert cache.invalidate(tag="EUR/KRW") == 1


def test_a_tag_that_is_no_text_is_told(cache: Cache) -> None:
    with pytest.raises(CacheError, match="a tag is a text, not 7"):
        cache.set("noon", 1, tags=[7])  # type: ignore[list-item]


def test_a_key_that_is_no_text_is_told(cache: Cache) -> None:
    @cache.cached(key=lambda number: number)
    def user(number: int) -> str:
        return "Ann"

    with pytest.raises(CacheError, match="a key is a text, not 7"):
        user(7)
    with pytest.raises(CacheError, match="a key is a text, not 7"):
        cache.get(7)  # type: ignore[arg-type]


async def test_of_very_many_keys_some_are_loaded_at_a_time(cache: Cache) -> None:
    """Each has a thread, and thousands would be in each other's way. What one asks of the rest, it gets."""
    at_it: set[int] = set()
    most = 0

    @cache.cached
    async def rate(number: int) -> int:
        nonlocal most
        at_it.add(number)
        most = max(most, len(at_it))
        await asyncio.sleep(0)
        last = number if number == 399 else await rate(399)
        at_it.remove(number)
        return number + last

    assert await rate.get_many(range(400)) == [number + 798 for number in range(399)] + [798]
    assert 1 < most <= MANY_AT_ONCE + 1  # one who is asked for by others has its turn yet to come


@dataclass
class Closing:
    day: date


def test_a_functions_entry_that_is_read_by_its_key_is_not_taken_for_the_loaders() -> None:
    """A cache has a loader for keys, and functions, too: each entry is loaded by whose it is."""
    clock = ManualClock(1_772_424_000.0)
    with Cache("rates", directory=None, clock=clock, refresh="10m", keep="1h", keep_warm="never") as cache:

        @cache.loader
        def page(key: str) -> str:
            return f"the page {key}"

        @cache.cached
        def closing(pair: str) -> Closing:
            return Closing(datetime.fromtimestamp(clock.now(), UTC).date())

        first, later = Closing(date(2026, 3, 2)), Closing(date(2026, 3, 3))
        assert closing("EUR") == first
        key = closing.key("EUR")
        assert cache.get(key) == {"day": "2026-03-02"}
        shown = cache.peek(key)
        assert shown is not None
        assert shown.value == {"day": "2026-03-02"}
        assert cache.get_many([key, "start"]) == {key: {"day": "2026-03-02"}, "start": "the page start"}

        clock.advance(86_400)  # it has ended
        assert cache.get(key) == {"day": "2026-03-03"}
        assert closing("EUR") == later
        clock.advance(1_000)  # it is stale
        assert cache.get(key) == {"day": "2026-03-03"}
        assert cache.get(key, stale_ok=False) == {"day": "2026-03-03"}
        clock.advance(86_400)
        assert cache.get_many([key]) == {key: {"day": "2026-03-04"}}
        assert closing("EUR") == Closing(date(2026, 3, 4))
        assert cache.get("start") == "the page start"
