"""Consumed capacity of reads and writes. Pure.

Source: "DynamoDB read and write operations" in the developer guide: 4 KB a read unit, 1 KB a write unit, rounded up for
each item that is written or got, and for all items of a page together; half of it for an eventually consistent read,
twice for a transaction. "Using Global Secondary Indexes" says what a write costs in an index.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from everwarm.dynamodb.tables.change import ItemChange
from everwarm.dynamodb.tables.indexes import entry
from everwarm.dynamodb.tables.schema import Index, IndexKind
from everwarm.dynamodb.values.sizes import growth, item_size

READ_UNIT_BYTES = 4096
WRITE_UNIT_BYTES = 1024
TRANSACTIONAL = 2
"""A transaction reads or writes each item twice, as AWS counts."""


class Kind(StrEnum):
    """What transactions say besides the sum: which kind of units they are."""

    READ = "ReadCapacityUnits"
    WRITE = "WriteCapacityUnits"


def wanted(request: Mapping[str, Any]) -> bool:
    """Whether a request asks for its consumed capacity."""
    return request.get("ReturnConsumedCapacity") in ("TOTAL", "INDEXES")


def read_units(size_bytes: int, consistent: bool) -> float:
    """Units of one read; an eventually consistent one costs half, and one that finds nothing counts as one block."""
    units = max(1, -(-size_bytes // READ_UNIT_BYTES))
    return float(units if consistent else units / 2)


def write_units(*sizes_bytes: int) -> float:
    """Units of one write: the larger of the item before and after."""
    return float(max(1, -(-max(sizes_bytes) // WRITE_UNIT_BYTES)))


@dataclass(frozen=True, slots=True)
class Capacity:
    """Units consumed in one table: by the table itself, and by each of its indexes."""

    table_name: str
    table: float = 0.0
    indexes: Mapping[tuple[IndexKind, str], float] = field(default_factory=dict)

    def __add__(self, other: "Capacity") -> "Capacity":
        indexes = dict(self.indexes)
        for key, units in other.indexes.items():
            indexes[key] = indexes.get(key, 0.0) + units
        return Capacity(self.table_name, self.table + other.table, indexes)

    def in_transaction(self) -> "Capacity":
        """The same in a transaction: twice as much in the table, and no more in its indexes."""
        return replace(self, table=self.table * TRANSACTIONAL)

    def named(self, name_or_arn: str) -> "Capacity":
        """The same under the name by which the request knows the table: AWS gives an ARN back."""
        return Capacity(name_or_arn, self.table, self.indexes)

    def to_wire(self, wanted: str, kind: Kind | None = None) -> dict[str, Any]:
        """One `ConsumedCapacity` of a response.

        Args:
            wanted: `TOTAL` or `INDEXES`.
            kind: for transactions.
        """

        def shown(units: float) -> dict[str, float]:
            return {"CapacityUnits": units} if kind is None else {"CapacityUnits": units, str(kind): units}

        wire: dict[str, Any] = {"TableName": self.table_name, **shown(self.table + sum(self.indexes.values()))}
        if wanted == "INDEXES":
            wire["Table"] = shown(self.table)
            for member, index_kind in (
                ("LocalSecondaryIndexes", IndexKind.LOCAL),
                ("GlobalSecondaryIndexes", IndexKind.GLOBAL),
            ):
                units = {name: shown(units) for (of, name), units in self.indexes.items() if of is index_kind}
                if units:
                    wire[member] = units
        return wire


def of_write(change: ItemChange) -> Capacity:
    """What a write of one item consumed."""
    indexes: dict[tuple[IndexKind, str], float] = {}
    for index in change.table.indexes:
        units = _index_units(change, index)
        if units:
            indexes[index.kind, index.name] = units
    return Capacity(change.table.name, write_units(change.old_bytes, change.new_bytes), indexes)


def _index_units(change: ItemChange, index: Index) -> float:
    before, after = entry(change.table, index, change.old), entry(change.table, index, change.new)
    # The members of a set have no order, so that another order of them is no change.
    if not change.changed or growth(before, after) is None:
        return 0.0
    if before is None or after is None:
        return write_units(item_size(before or after or {}))
    if any(before[name] != after[name] for name in index.key_schema.names):
        # An entry cannot move: one is deleted, another one put.
        return write_units(item_size(before)) + write_units(item_size(after))
    return write_units(item_size(before), item_size(after))


def summed(capacities: Iterable[Capacity]) -> list[Capacity]:
    """One for each table, in the order in which the tables come."""
    sums: dict[str, Capacity] = {}
    for one in capacities:
        known = sums.get(one.table_name)
        sums[one.table_name] = one if known is None else known + one
    return list(sums.values())


def consumed(capacity: Capacity, request: Mapping[str, Any]) -> dict[str, Any]:
    """The response's `ConsumedCapacity`, if the request for one table wants it: members to add."""
    if not wanted(request):
        return {}
    named = capacity.named(request["TableName"])
    return {"ConsumedCapacity": named.to_wire(request["ReturnConsumedCapacity"])}


def of_repetition(names: Iterable[str], sizes_bytes: Iterable[int]) -> list[Capacity]:
    """What a transaction that was done before consumes: what it would cost to read the items that it wrote then.

    Args:
        names: of the tables, as the request has them.
    """
    return [
        Capacity(name, read_units(size_bytes, consistent=True))
        for name, size_bytes in zip(names, sizes_bytes, strict=True)
    ]


def consumed_in_transaction(request: Mapping[str, Any], capacities: Iterable[Capacity], kind: Kind) -> dict[str, Any]:
    """As `consumed`, for a transaction: one for each table, each named as the request has it."""
    if not wanted(request):
        return {}
    sums = summed(one.in_transaction() for one in capacities)
    return {"ConsumedCapacity": [one.to_wire(request["ReturnConsumedCapacity"], kind) for one in sums]}
