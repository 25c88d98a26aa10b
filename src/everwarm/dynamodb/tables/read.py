"""Reading items. An item that is read whole leaves as the bytes that lie on disk, never taken apart."""

import orjson

from everwarm.dynamodb.storage.transaction import Reader
from everwarm.dynamodb.tables.keys import Key, item_key
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.values.types import Item


def read_json(reader: Reader, table: Table, key: Key) -> bytes | None:
    """The item as JSON of the wire's form, or None."""
    return reader.get(item_key(table, key))


def decode(item_json: bytes) -> Item:
    """An item from its bytes on disk."""
    item: Item = orjson.loads(item_json)
    return item
