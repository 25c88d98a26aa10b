"""What a secondary index holds, and how it follows its table: in the transaction of each write.

An entry is the projected part of an item, under the item's key in the index. Not here: keys of entries (index_keys.py),
building an index over old items (build.py), reading it (query.py, scan.py).
"""

import orjson

from everwarm.dynamodb.storage.layout import BUILDING, number32
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables import counts
from everwarm.dynamodb.tables.change import ItemChange
from everwarm.dynamodb.tables.index_keys import all_entries, entry_place, has_key
from everwarm.dynamodb.tables.schema import Index, IndexKind, Table
from everwarm.dynamodb.values.sizes import item_size
from everwarm.dynamodb.values.types import Item


def entry(table: Table, index: Index, item: Item | None) -> Item | None:
    """What an index holds of an item; None where the item is not in it. All of it is the item itself."""
    if item is None or not has_key(index, item):
        return None
    if index.projection.kind == "ALL":
        return item
    names = (*table.key_schema.names, *index.key_schema.names, *index.projection.attributes)
    return {name: item[name] for name in dict.fromkeys(names) if name in item}


def apply(tx: Tx, change: ItemChange) -> int:
    """Make all indexes of a table follow a change of an item.

    Returns:
        How many bytes more there are in local indexes.
    """
    local_bytes = 0
    for index in change.table.indexes:
        before = entry(change.table, index, change.old)
        after = entry(change.table, index, change.new)
        if before is not None:
            if before == after:
                continue
            grown_bytes = -_remove(tx, change.table, index, before, change.key.encoded)
        else:
            grown_bytes = 0
        if after is not None:
            entry_json = change.new_json if after is change.new else None
            grown_bytes += put(tx, change.table, index, after, change.key.encoded, entry_json)
        if index.kind is IndexKind.LOCAL:
            local_bytes += grown_bytes
    return local_bytes


def put(tx: Tx, table: Table, index: Index, entry: Item, encoded_key: bytes, entry_json: bytes | None = None) -> int:
    """Add an entry; how many bytes it has.

    Args:
        encoded_key: the item's, in its table.
        entry_json: the entry as bytes, where they are at hand.
    """
    tx.put(entry_place(table, index, entry, encoded_key), entry_json or orjson.dumps(entry))
    size_bytes = item_size(entry)
    counts.count(tx, index.number, 1, size_bytes)
    return size_bytes


def _remove(tx: Tx, table: Table, index: Index, entry: Item, encoded_key: bytes) -> int:
    place = entry_place(table, index, entry, encoded_key)
    # An index that is being built has not come to the old item yet, perhaps.
    if tx.get(place) is None:
        return 0
    tx.delete(place)
    size_bytes = item_size(entry)
    counts.count(tx, index.number, -1, -size_bytes)
    return size_bytes


def drop(tx: Tx, index: Index) -> None:
    """Drop all entries of an index, and what is known of its building."""
    tx.delete(BUILDING + number32(index.number))
    tx.delete_range(*all_entries(index))
    counts.forget(tx, index.number)
