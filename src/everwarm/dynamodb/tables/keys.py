"""An item's key: found in an item or a request, checked against the schema, turned into bytes.

On disk, items of a table stand in the order of a 16-bit hash of the partition key, then of the key itself: items of
one partition together in sort order, partitions scattered as on AWS, so that a Scan can be cut into segments.
"""

from dataclasses import dataclass
from zlib import crc32

from everwarm.dynamodb.storage.layout import ITEM, after, number32
from everwarm.dynamodb.tables.schema import KeyPart, Table
from everwarm.dynamodb.values.keys import key_bytes
from everwarm.dynamodb.values.sizes import attribute_size
from everwarm.dynamodb.values.types import Item, type_of
from everwarm.errors import ValidationException, invalid_parameters

MAX_HASH_BYTES = 2048
MAX_RANGE_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Key:
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
    parts = table.key_schema.parts
    if len(given) != len(parts):
        raise ValidationException("The number of conditions on the keys is invalid")
    for part in parts:
        if part.tag not in given.get(part.name, ()):
            raise ValidationException("The provided key element does not match the schema")
    return _key(table, given)


def _key(table: Table, item: Item) -> Key:
    schema = table.key_schema
    _check_value(schema.hash, item, MAX_HASH_BYTES, "Size of hashkey has exceeded the maximum size limit of2048 bytes")
    attributes = {schema.hash.name: item[schema.hash.name]}
    hashed = key_bytes(item[schema.hash.name])
    encoded = (crc32(hashed) & 0xFFFF).to_bytes(2, "big") + hashed
    if schema.range is not None:
        _check_value(
            schema.range,
            item,
            MAX_RANGE_BYTES,
            "Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
        )
        attributes[schema.range.name] = item[schema.range.name]
        encoded += key_bytes(item[schema.range.name])
    return Key(attributes, encoded)


def _check_value(part: KeyPart, item: Item, limit_bytes: int, too_long: str) -> None:
    value = item[part.name]
    if part.tag == "N":
        return
    if not value[part.tag]:
        kind = "string" if part.tag == "S" else "binary"
        raise ValidationException(
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
            f"cannot contain an empty {kind} value. Key: {part.name}"
        )
    # No character takes more than 4 bytes, so most keys need no counting.
    if len(value[part.tag]) * 4 > limit_bytes and attribute_size(value) > limit_bytes:
        raise invalid_parameters(too_long)


def item_key(table: Table, key: Key) -> bytes:
    """Where the item lies on disk."""
    return item_place(table, key.encoded)


def item_place(table: Table, encoded: bytes) -> bytes:
    """As `item_key`, for a key of which only the bytes are at hand."""
    return ITEM + number32(table.number) + encoded


def all_items(table: Table) -> tuple[bytes, bytes]:
    """The range on disk of all items of a table."""
    prefix = ITEM + number32(table.number)
    return prefix, after(prefix)
