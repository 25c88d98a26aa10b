"""An item's key in a secondary index, where it has one, and whether an item may have it.

An index is sparse: an item without one of the index's key attributes is not in it. An attribute of the wrong type is
refused when it is written; only in items that are older than the index can there be one, and those are left out.
"""

from everwarm.dynamodb.storage.layout import INDEX, after, number32
from everwarm.dynamodb.tables.key_hash import key_hash
from everwarm.dynamodb.tables.keys import (
    EMPTY_KINDS,
    HASH_LIMIT,
    RANGE_LIMIT,
    Limit,
    check_length,
    encode,
)
from everwarm.dynamodb.tables.schema import Index, IndexKind, KeyPart, Table
from everwarm.dynamodb.values.types import AttributeValue, Item, type_of
from everwarm.errors import RefusedRequest, ValidationException, invalid_parameters


def check_index_keys(table: Table, item: Item) -> None:
    """Check the attributes of an item that are keys of an index.

    Raises:
        ValidationException: one is of the wrong type, empty or too long.
    """
    for index in table.indexes:
        _check_keys(index, item)


def _check_keys(index: Index, item: Item) -> None:
    for part in index.key_schema.hashes:
        _check(index, part, item.get(part.name), HASH_LIMIT)
    for part in index.key_schema.ranges:
        _check(index, part, item.get(part.name), RANGE_LIMIT)


def _check(index: Index, part: KeyPart, value: AttributeValue | None, limit: Limit) -> None:
    if value is None:
        return
    if part.tag not in value:
        raise type_mismatch(index, part, type_of(value))
    check_index_value(index, part, value, limit)


def type_mismatch(index: Index, part: KeyPart, actual_tag: str) -> ValidationException:
    """The error for an attribute that would be a key of an index, and is of another type."""
    return invalid_parameters(
        f"Type mismatch for Index Key {part.name} Expected: {part.tag} Actual: {actual_tag} IndexName: {index.name}"
    )


def check_index_value(index: Index, part: KeyPart, value: AttributeValue, limit: Limit) -> None:
    """Check a value of the type of an index's key attribute.

    Raises:
        ValidationException: it is empty or too long.
    """
    if part.tag == "N":
        return
    if not value[part.tag]:
        raise RefusedRequest(
            "One or more parameter values are not valid. A value specified for a secondary index key is not "
            f"supported. The AttributeValue for a key attribute cannot contain an empty {EMPTY_KINDS[part.tag]} "
            f"value. IndexName: {index.name}, IndexKey: {part.name}"
        )
    check_length(value, limit)


def has_key(index: Index, item: Item) -> bool:
    """Whether an item is in an index."""
    for part in index.key_schema.hashes:
        value = item.get(part.name)
        if value is None or not value.get(part.tag):
            return False
    for part in index.key_schema.ranges:
        value = item.get(part.name)
        if value is None or not value.get(part.tag):
            return False
    return True


def fits(index: Index, item: Item) -> bool:
    """Whether the attributes of an item that is older than an index may be its keys there."""
    try:
        _check_keys(index, item)
    except ValidationException:
        return False
    return True


def entry_place(table: Table, index: Index, item: Item, encoded_key: bytes) -> bytes:
    """Where the entry of an item lies on disk.

    Two items may have the same key in an index. Those of a global one are then scattered by their whole key.

    Args:
        item: it, its entry, or no more than the key attributes of both.
        encoded_key: of the item in its table.
    """
    place = INDEX + number32(index.number) + encode(index.key_schema, item)
    if index.kind is IndexKind.GLOBAL and table.key_schema.ranges:
        place += key_hash([item[name] for name in table.key_schema.names])
    return place + encoded_key


def all_entries(index: Index) -> tuple[bytes, bytes]:
    """The range on disk of all entries of an index."""
    prefix = INDEX + number32(index.number)
    return prefix, after(prefix)
