"""Consumed capacity of reads and writes of single items. Pure.

Source: "DynamoDB read and write operations" in the developer guide: 4 KB a read unit, 1 KB a write unit, rounded up.
"""

from typing import Any

from everwarm.dynamodb.values.sizes import item_size
from everwarm.dynamodb.values.types import Item

READ_UNIT_BYTES = 4096
WRITE_UNIT_BYTES = 1024


def read_units(size_bytes: int, consistent: bool) -> float:
    """Units of one read; an eventually consistent one costs half, and one that finds nothing counts as one block."""
    units = max(1, -(-size_bytes // READ_UNIT_BYTES))
    return float(units if consistent else units / 2)


def write_units(old: Item | None, new: Item | None) -> float:
    """Units of one write: the larger of the item before and after."""
    size_bytes = max(item_size(item) if item is not None else 0 for item in (old, new))
    return float(max(1, -(-size_bytes // WRITE_UNIT_BYTES)))


def consumed(table_name: str, units: float, wanted: str | None) -> dict[str, Any]:
    """The response's `ConsumedCapacity`, as far as `ReturnConsumedCapacity` wants it: members to add."""
    if wanted in (None, "NONE"):
        return {}
    capacity: dict[str, Any] = {"TableName": table_name, "CapacityUnits": units}
    if wanted == "INDEXES":
        capacity["Table"] = {"CapacityUnits": units}
    return {"ConsumedCapacity": capacity}
