"""Item collections: the items of one partition key with their entries in local indexes, which AWS keeps below 10 GB.

Only tables with a local index have them, from the day they are created. The bytes of each collection are kept in the
transaction of every write, so they are exact; AWS gives an estimate.

Source: "Item collections in local secondary indexes" in the developer guide.
"""

from collections.abc import Iterable
from typing import Any

from everwarm.dynamodb.storage.layout import COLLECTION, after, number32, number64
from everwarm.dynamodb.storage.transaction import Reader, Tx
from everwarm.dynamodb.tables.change import ItemChange
from everwarm.dynamodb.tables.keys import Key, partition_bytes
from everwarm.dynamodb.tables.schema import IndexKind, Table
from everwarm.errors import ItemCollectionSizeLimitExceededException

GB = 1024**3
MAX_BYTES = 10 * GB


def has_collections(table: Table) -> bool:
    """Whether a table has a local index."""
    return any(index.kind is IndexKind.LOCAL for index in table.indexes)


def grow(tx: Tx, table: Table, key: Key, more_bytes: int) -> None:
    """Add to the bytes of an item's collection; the addition may be negative.

    Raises:
        ItemCollectionSizeLimitExceededException: it grew too large.
    """
    place = _place(table, key)
    total_bytes = _size(tx, place) + more_bytes
    if more_bytes > 0 and total_bytes > MAX_BYTES:
        raise ItemCollectionSizeLimitExceededException("Collection size exceeded.")
    if total_bytes:
        tx.put(place, number64(total_bytes))
    else:
        tx.delete(place)


def size_bytes(reader: Reader, table: Table, key: Key) -> int:
    """The bytes of an item's collection."""
    return _size(reader, _place(table, key))


def metrics(reader: Reader, changes: Iterable[ItemChange]) -> list[dict[str, Any]]:
    """One `ItemCollectionMetrics` for each collection that was written to; none where the table has none."""
    found: dict[bytes, dict[str, Any]] = {}
    for change in changes:
        if has_collections(change.table):
            place = _place(change.table, change.key)
            name = change.table.key_schema.hash.name
            gigabytes = _size(reader, place) // GB
            found[place] = {
                "ItemCollectionKey": {name: change.key.attributes[name]},
                "SizeEstimateRangeGB": [float(gigabytes), float(gigabytes + 1)],
            }
    return list(found.values())


def drop(tx: Tx, table: Table) -> None:
    """Forget all collections of a table."""
    prefix = COLLECTION + number32(table.number)
    tx.delete_range(prefix, after(prefix))


def _place(table: Table, key: Key) -> bytes:
    return COLLECTION + number32(table.number) + partition_bytes([key.attributes[table.key_schema.hash.name]])


def _size(reader: Reader, place: bytes) -> int:
    return int.from_bytes(reader.get(place) or b"", "big")
