"""An item's key: found in an item or a request, checked against the schema, turned into bytes.

On disk, items of a table stand in the order of a hash of the partition key (key_hash.py), then of the key itself: items
of one partition together in sort order, partitions scattered as on AWS, so that a Scan can be cut into segments.
Entries of an index (index_keys.py) are ordered the same way, by the index's own key.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from everwarm.dynamodb.storage.layout import ITEM, after, number32
from everwarm.dynamodb.tables.key_hash import hash_of, key_hash
from everwarm.dynamodb.tables.schema import KeyPart, KeySchema, Table
from everwarm.dynamodb.values.keys import key_bytes, part_bytes
from everwarm.dynamodb.values.sizes import attribute_size
from everwarm.dynamodb.values.types import AttributeValue, Item, type_of
from everwarm.errors import RefusedRequest, ValidationException, invalid_parameters

NO_MATCH = "The provided key element does not match the schema"
TWICE_IN_BATCH = "Provided list of item keys contains duplicates"


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a key's part may be, and what is said of a longer one."""

    size_bytes: int
    message: str


HASH_LIMIT = Limit(2048, "Size of hashkey has exceeded the maximum size limit of2048 bytes")
RANGE_LIMIT = Limit(1024, "Aggregated size of all range keys has exceeded the size limit of 1024 bytes")


class Key(NamedTuple):
    """An item's primary key.

    Attributes:
        attributes: the key attributes, in the schema's order.
        encoded: its bytes; unique and sortable within its table.
    """

    attributes: Item
    encoded: bytes


def key_in_item(table: Table, item: Item) -> Key:
    """The key of an item that is to be put.

    Raises:
        ValidationException: a key attribute is missing, of the wrong type, empty or too long.
    """
    for part in table.key_schema.parts:
        value = item.get(part.name)
        if value is None:
            raise invalid_parameters(f"Missing the key {part.name} in the item")
        if part.tag not in value:
            raise invalid_parameters(f"Type mismatch for key {part.name} expected: {part.tag} actual: {type_of(value)}")
    return _key(table, item)


def key_of_request(table: Table, given: Item) -> Key:
    """The key that a request names.

    Raises:
        ValidationException: it is not exactly the schema's attributes, or one is empty or too long.
    """
    if len(given) != len(table.key_schema.parts):
        raise ValidationException(NO_MATCH)
    return key_of_batch(table, given)


def key_of_batch(table: Table, item: Item) -> Key:
    """The key of an item that a batch puts; as `key_in_item`, with the text of `key_of_request`.

    Raises:
        ValidationException: a key attribute is missing, of the wrong type, empty or too long.
    """
    for part in table.key_schema.parts:
        if part.tag not in item.get(part.name, ()):
            raise ValidationException(NO_MATCH)
    return _key(table, item)


def refuse_updates(table: Table, changed: Collection[str]) -> None:
    """A key is what an item is known by, so it never changes.

    Args:
        changed: the names of the attributes that an update changes.

    Raises:
        ValidationException: a key attribute is among them.
    """
    for name in table.key_schema.names:
        if name in changed:
            raise invalid_parameters(f"Cannot update attribute {name}. This attribute is part of the key")


def _key(table: Table, item: Item) -> Key:
    schema = table.key_schema
    check_key_value(schema.hash, item[schema.hash.name], HASH_LIMIT)
    if schema.range is not None:
        check_key_value(schema.range, item[schema.range.name], RANGE_LIMIT)
    return known_key(table, item)


def known_key(table: Table, item: Item) -> Key:
    """The key of an item that is known to have a right one, since it lies in the table."""
    return Key({name: item[name] for name in table.key_schema.names}, encode(table.key_schema, item))


def encode(schema: KeySchema, item: Item) -> bytes:
    """A key's bytes, from an item that has all of its attributes."""
    encoded = partition_bytes([item[part.name] for part in schema.hashes])
    for part in schema.ranges:
        encoded += key_bytes(item[part.name])
    return encoded


def partition_bytes(values: Sequence[AttributeValue]) -> bytes:
    """A partition key's bytes: its hash, then the key itself."""
    if len(values) == 1 and "S" in values[0]:
        # Nearly all are; so the text is turned into bytes once.
        raw = values[0]["S"].encode()
        return hash_of(raw) + part_bytes(raw)
    return key_hash(values) + b"".join(map(key_bytes, values))


def check_key_value(part: KeyPart, value: AttributeValue, limit: Limit) -> None:
    """Check a value of a key's type.

    Raises:
        ValidationException: it is empty or too long.
    """
    if part.tag == "N":
        return
    text = value[part.tag]
    if not text:
        raise RefusedRequest(
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
            f"cannot contain an empty {EMPTY_KINDS[part.tag]} value. Key: {part.name}"
        )
    # No character takes more than 4 bytes, so most keys need no counting.
    if len(text) * 4 > limit.size_bytes:
        check_length(value, limit)


EMPTY_KINDS = {"S": "string", "B": "binary"}


def check_length(value: AttributeValue, limit: Limit) -> None:
    """
    Raises:
        ValidationException: a string or binary has more bytes than it may have.
    """
    if attribute_size(value) > limit.size_bytes:
        raise invalid_parameters(limit.message)


def item_key(table: Table, key: Key) -> bytes:
    """Where the item lies on disk."""
    return ITEM + number32(table.number) + key.encoded


def items_prefix(table: Table) -> bytes:
    """What `item_key` begins with; the key's bytes are what follows."""
    return ITEM + number32(table.number)


def all_items(table: Table) -> tuple[bytes, bytes]:
    """The range on disk of all items of a table."""
    prefix = items_prefix(table)
    return prefix, after(prefix)
