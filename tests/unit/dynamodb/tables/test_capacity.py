"""Consumed capacity: 4 KB a read unit, half of it if eventually consistent; 1 KB a write unit; rounded up."""

import pytest

from everwarm.dynamodb.tables.capacity import consumed, read_units, write_units
from everwarm.dynamodb.values.types import Item


def item(size_bytes: int) -> Item:
    return {"a": {"S": "x" * (size_bytes - 1)}}


@pytest.mark.parametrize(
    ("size_bytes", "strong", "eventual"),
    [(0, 1, 0.5), (1, 1, 0.5), (4096, 1, 0.5), (4097, 2, 1), (9000, 3, 1.5)],
)
def test_reads(size_bytes: int, strong: float, eventual: float) -> None:
    assert read_units(size_bytes, consistent=True) == strong
    assert read_units(size_bytes, consistent=False) == eventual


@pytest.mark.parametrize(
    ("old", "new", "units"),
    [
        (None, item(1), 1),
        (None, item(1024), 1),
        (None, item(1025), 2),
        (item(3000), item(10), 3),
        (item(3000), None, 3),
        (None, None, 1),
    ],
)
def test_a_write_costs_the_larger_of_before_and_after(old: Item | None, new: Item | None, units: float) -> None:
    assert write_units(old, new) == units


def test_what_the_response_shows() -> None:
    assert consumed("rates", 1.5, None) == consumed("rates", 1.5, "NONE") == {}
    assert consumed("rates", 1.5, "TOTAL") == {"ConsumedCapacity": {"TableName": "rates", "CapacityUnits": 1.5}}
    assert consumed("rates", 1.5, "INDEXES")["ConsumedCapacity"]["Table"] == {"CapacityUnits": 1.5}
