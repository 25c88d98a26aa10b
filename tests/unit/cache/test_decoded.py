"""What was decoded is not decoded again, and nobody can tell: not by a value that changed, nor by one of another's."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from everwarm import Cache
from everwarm.cache.backends.embedded import Embedded
from everwarm.cache.decoded import MISSING, DecodedItems
from everwarm.cache.values.codec import Codec
from everwarm.clock import ManualClock

JSON = b'{"key":{"S":"EUR/KRW"}}'
CODEC = Codec()
NOW = 1_793_318_400.0


@dataclass
class Day:
    rate: float


@pytest.fixture
def items() -> DecodedItems:
    return DecodedItems()


@pytest.mark.parametrize(
    "value", [[{"rate": 1.5, "tags": {"a", "b"}}], "text", 1, 1.5, None, b"bytes", Decimal("1.50"), {"a": [1, [2]]}]
)
def test_the_same_bytes_are_the_same_value(items: DecodedItems, value: Any) -> None:
    items.put("EUR/KRW", JSON, CODEC, NOW + 60, value)
    found = items.fresh("EUR/KRW", JSON, CODEC, NOW)
    assert (found, type(found)) == (value, type(value))


def test_each_reader_has_a_value_of_his_own(items: DecodedItems) -> None:
    items.put("EUR/KRW", JSON, CODEC, NOW + 60, [{"rate": 1.5}])
    items.fresh("EUR/KRW", JSON, CODEC, NOW)[0]["rate"] = "spoilt"
    assert items.fresh("EUR/KRW", JSON, CODEC, NOW) == [{"rate": 1.5}]


def test_what_has_changed_is_not_believed(items: DecodedItems) -> None:
    items.put("EUR/KRW", JSON, CODEC, NOW + 60, "text")
    assert items.fresh("EUR/KRW", JSON.replace(b"KRW", b"USD"), CODEC, NOW) is MISSING
    assert items.fresh("EUR/KRW", None, CODEC, NOW) is MISSING
    assert items.fresh("EUR/USD", JSON, CODEC, NOW) is MISSING


# The same item, read by the function that it is of and by somebody without an annotation.
def test_another_codec_decodes_for_itself(items: DecodedItems) -> None:
    items.put("EUR/KRW", JSON, CODEC, NOW + 60, "text")
    assert items.fresh("EUR/KRW", JSON, Codec(), NOW) is MISSING


def test_what_is_no_longer_fresh_is_left_to_others(items: DecodedItems) -> None:
    items.put("EUR/KRW", JSON, CODEC, NOW + 60, "text")
    assert items.fresh("EUR/KRW", JSON, CODEC, NOW + 59.999) == "text"
    assert items.fresh("EUR/KRW", JSON, CODEC, NOW + 60) is MISSING


# A class may have ideas of its own of how it is copied.
@pytest.mark.parametrize("value", [Day(1.5), [Day(1.5)], {"day": Day(1.5)}, bytearray(b"bytes")])
def test_objects_of_other_types_are_decoded_each_time(items: DecodedItems, value: Any) -> None:
    items.put("EUR/KRW", JSON, CODEC, NOW + 60, value)
    assert items.fresh("EUR/KRW", JSON, CODEC, NOW) is MISSING
    assert "EUR/KRW" not in items


def test_what_was_used_last_is_kept() -> None:
    items = DecodedItems(most_bytes=3 * 100 + 50)
    for key in ("a", "b", "c"):
        items.put(key, b"x" * 100, CODEC, NOW + 60, key)
    items.fresh("a", b"x" * 100, CODEC, NOW)
    items.put("d", b"x" * 100, CODEC, NOW + 60, "d")
    assert [key in items for key in ("a", "b", "c", "d")] == [True, False, True, True]
    items.put("large", b"x" * 1000, CODEC, NOW + 60, "large")
    assert "large" not in items
    assert len(items) == 3


# Put again and again, an item is counted once.
def test_an_item_that_changes_takes_the_place_of_itself() -> None:
    items = DecodedItems(most_bytes=250)
    for n in range(100):
        items.put("a", b"x" * 99 + b"%d" % (n % 10), CODEC, NOW + 60, n)
    items.put("b", b"x" * 100, CODEC, NOW + 60, "b")
    assert [key in items for key in ("a", "b")] == [True, True]


@pytest.fixture
def cache() -> Iterator[Cache]:
    clock = ManualClock(NOW)
    backend = Embedded(None, clock)
    with Cache("rates", refresh="10m", jitter=0, clock=clock, backend=backend) as cache:
        yield cache
    backend.close()


def test_a_value_that_was_set_is_read_by_the_next_one_who_asks(cache: Cache) -> None:
    for value in ([{"rate": 1.5}], [{"rate": 2.5}], "text", "text", None):
        cache.set("EUR/KRW", value)
        assert [cache.get("EUR/KRW") for _ in range(3)] == [value] * 3


def test_a_hit_is_counted_whether_or_not_it_was_decoded(cache: Cache) -> None:
    cache.set("EUR/KRW", [1, 2])
    for _ in range(5):
        cache.get("EUR/KRW")
    assert (cache.stats.hits, cache.stats.misses) == (5, 0)


def test_a_reader_may_do_with_his_value_what_he_wants(cache: Cache) -> None:
    @cache.cached
    def history(pair: str) -> list[dict[str, float]]:
        return [{"rate": 1.5}]

    for _ in range(4):
        found = history("EUR/KRW")
        assert found == [{"rate": 1.5}]
        found[0]["rate"] = 0.0


def test_what_was_invalidated_or_removed_by_others_is_gone(cache: Cache) -> None:
    for remove in (cache.invalidate, lambda key: cache.invalidate(prefix=key)):
        cache.set("EUR/KRW", "text")
        cache.get("EUR/KRW"), cache.get("EUR/KRW")
        remove("EUR/KRW")
        assert cache.get("EUR/KRW") is None
