"""What another version of the program has written counts as not there, and values that no item can hold are told."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from everwarm import Cache
from everwarm.clock import ManualClock
from everwarm.errors import ValueTooLarge


@dataclass
class Quote:
    day: str
    rate: float


Make = Callable[..., Cache]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Caches of one table, as two versions of a program have them."""
    clock = ManualClock(1_800_000_000)
    made: list[Cache] = []

    def cache(**settings: Any) -> Cache:
        made.append(Cache("rates", directory=tmp_path, clock=clock, keep_warm="never", **settings))
        return made[-1]

    yield cache
    for one in made:
        one.close()


@pytest.fixture
def earlier(make: Make) -> Cache:
    cache = make()

    @cache.cached
    def history(pair: str) -> list[str]:
        return ["1480.25"]

    assert history("EUR/KRW") == ["1480.25"]
    assert history("EUR/USD") == ["1480.25"]
    return cache


def test_a_value_of_another_form_is_loaded_again(make: Make, earlier: Cache) -> None:
    loads = []

    @make().cached
    def history(pair: str) -> list[Quote]:
        loads.append(pair)
        return [Quote("2024-05-01", 1480.25)]

    assert history.peek("EUR/KRW") is None
    assert history("EUR/KRW") == [Quote("2024-05-01", 1480.25)]
    assert history("EUR/KRW") == [Quote("2024-05-01", 1480.25)]
    assert loads == ["EUR/KRW"]
    assert history.get_many([("EUR/KRW",), ("EUR/USD",)]) == [[Quote("2024-05-01", 1480.25)]] * 2
    assert loads == ["EUR/KRW", "EUR/USD"]


# There is nothing to go on with.
def test_the_loader_s_error_is_the_reader_s(make: Make, earlier: Cache) -> None:
    @make().cached
    def history(pair: str) -> list[Quote]:
        raise TimeoutError("the source is down")

    with pytest.raises(TimeoutError, match="the source is down"):
        history("EUR/KRW")


def test_what_no_item_can_hold_is_told_with_what_to_do(make: Make) -> None:
    @make().cached
    def page(number: int) -> bytes:
        return bytes(500_000)

    with pytest.raises(ValueTooLarge, match=r"the value of 'page:1' makes an item of .* compress_above"):
        page(1)


def test_what_is_too_large_even_compressed(make: Make) -> None:
    @make(compress_above=10_000).cached
    def page(number: int) -> bytes:
        return os.urandom(500_000)

    @make(compress_above=10_000).cached(name="text")
    def text(number: int) -> str:
        return os.urandom(500_000).hex()

    with pytest.raises(ValueTooLarge):
        page(1)
    with pytest.raises(ValueTooLarge, match="it is compressed already"):
        text(1)
