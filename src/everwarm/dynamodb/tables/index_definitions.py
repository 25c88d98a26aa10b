"""Secondary indexes as requests define them. Texts and their order as AWS gives them.

An index that is read here has no number yet: it gets one in the transaction that stores it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from everwarm.dynamodb.tables import throughput
from everwarm.dynamodb.tables.key_schema import Types, global_key, local_key
from everwarm.dynamodb.tables.schema import Index, IndexKind, KeySchema, Projection
from everwarm.errors import invalid_parameters

MAX_LOCAL = 5
MAX_GLOBAL = 20
MAX_PROJECTED = 100
"""Attributes that the indexes of a table name in `NonKeyAttributes`, all together."""

KEPT = ("ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput")
UNNUMBERED = 0
"""The number of an index that is not stored yet."""


def local_indexes(wanted: Sequence[dict[str, Any]], table_key: KeySchema, types: Types) -> list[Index]:
    """The `LocalSecondaryIndexes` of a table.

    Raises:
        ValidationException: there is none, or too many, or one makes no sense.
    """
    if not wanted:
        raise invalid_parameters("List of LocalSecondaryIndexes is empty")
    if not table_key.ranges:
        raise invalid_parameters(
            "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"
        )
    indexes: list[Index] = []
    names: set[str] = set()
    for at, one in enumerate(wanted, start=1):
        index = _local(f"localSecondaryIndexes.{at}.member.keySchema", one, table_key, types)
        add_name(index.name, names)
        indexes.append(index)
    if len(indexes) > MAX_LOCAL:
        raise invalid_parameters(f"Number of LocalSecondaryIndexes exceeds per-table limit of {MAX_LOCAL}")
    return indexes


def _local(path: str, wanted: dict[str, Any], table_key: KeySchema, types: Types) -> Index:
    name = wanted["IndexName"]
    key = local_key(path, wanted["KeySchema"], types)
    if not key.ranges:
        raise invalid_parameters(f"Index KeySchema does not have a range key for index: {name}")
    if key.hash.name != table_key.hash.name:
        raise invalid_parameters(
            f"Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. "
            f"index hash key: {key.hash.name}, table hash key: {table_key.hash.name}"
        )
    return Index(UNNUMBERED, name, IndexKind.LOCAL, key, _projection(wanted["Projection"]))


def global_indexes(
    wanted: Sequence[dict[str, Any]], types: Types, billing_mode: str, others: Iterable[Index]
) -> list[Index]:
    """The `GlobalSecondaryIndexes` of a table.

    Args:
        others: its other indexes.

    Raises:
        ValidationException: there is none, or too many, or one makes no sense.
    """
    if not wanted:
        raise invalid_parameters("List of GlobalSecondaryIndexes is empty")
    indexes: list[Index] = []
    names = {index.name for index in others}
    for one in wanted:
        index = global_index(one, types)
        throughput.check_index(index, billing_mode)
        add_name(index.name, names)
        indexes.append(index)
    check_count(len(indexes))
    return indexes


def global_index(wanted: dict[str, Any], types: Types) -> Index:
    """One global index; whether it has the throughput that the billing mode asks for is another question.

    Raises:
        ValidationException: it makes no sense.
    """
    key = global_key(wanted["KeySchema"], types)
    projection = _projection(wanted["Projection"])
    settings = {member: wanted[member] for member in KEPT if wanted.get(member) is not None}
    for member in ("OnDemandThroughput", "WarmThroughput"):
        if not settings.get(member, True):
            del settings[member]  # an empty one says nothing
    return Index(UNNUMBERED, wanted["IndexName"], IndexKind.GLOBAL, key, projection, settings)


def check_count(count: int) -> None:
    """
    Raises:
        ValidationException: that many global indexes are too many.
    """
    if count > MAX_GLOBAL:
        raise invalid_parameters(f"GlobalSecondaryIndex count exceeds the per-table limit of {MAX_GLOBAL}")


def add_name(name: str, names: set[str]) -> None:
    """Add the name of an index to those of its table.

    Raises:
        ValidationException: it is one of them already.
    """
    if name in names:
        raise invalid_parameters(f"Duplicate index name: {name}")
    names.add(name)


def check_projected(indexes: Iterable[Index]) -> None:
    """
    Raises:
        ValidationException: all indexes together name too many attributes to be projected.
    """
    if sum(len(index.projection.attributes) for index in indexes) > MAX_PROJECTED:
        raise invalid_parameters(
            f"Number of projected NonKeyAttributes over all indexes exceeds the per-table limit of {MAX_PROJECTED}"
        )


def _projection(wanted: dict[str, Any]) -> Projection:
    kind = wanted.get("ProjectionType")
    attributes = wanted.get("NonKeyAttributes")
    if kind is None:
        raise invalid_parameters("Unknown ProjectionType: null")
    if attributes is not None and kind != "INCLUDE":
        raise invalid_parameters(f"ProjectionType is {kind}, but NonKeyAttributes is specified")
    if attributes is None and kind == "INCLUDE":
        raise invalid_parameters("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
    seen: set[str] = set()
    for attribute in attributes or ():
        if attribute in seen:
            raise invalid_parameters(f"Duplicate element in NonKeyAttributes: {attribute}")
        seen.add(attribute)
    return Projection(kind, tuple(attributes or ()))
