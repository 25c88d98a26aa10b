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
from everwarm.dynamodb.tables.schema import Index, Table
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


def apply(tx: Tx, change: ItemChange) -> None:
    """Make all indexes of a table follow a change of an item."""
    for index in change.table.indexes:
        before = entry(change.table, index, change.old)
        after = entry(change.table, index, change.new)
        if before is not None:
            if before == after:
                continue
            _remove(tx, change.table, index, before, change.key.encoded)
        if after is not None:
            put(tx, index, after, change.key.encoded, change.new_json if after is change.new else None)


def put(tx: Tx, index: Index, entry: Item, encoded_key: bytes, entry_json: bytes | None = None) -> None:
    """Add an entry.

    Args:
        encoded_key: the item's, in its table.
        entry_json: the entry as bytes, where they are at hand.
    """
    tx.put(entry_place(index, entry, encoded_key), entry_json or orjson.dumps(entry))
    counts.count(tx, index.number, 1, item_size(entry))


def _remove(tx: Tx, table: Table, index: Index, entry: Item, encoded_key: bytes) -> None:
    place = entry_place(index, entry, encoded_key)
    # An index that is being built has not come to the old item yet, perhaps.
    if tx.get(place) is not None:
        tx.delete(place)
        counts.count(tx, index.number, -1, -item_size(entry))


def drop(tx: Tx, index: Index) -> None:
    """Drop all entries of an index, and what is known of its building."""
    tx.delete(BUILDING + number32(index.number))
    tx.delete_range(*all_entries(index))
    counts.forget(tx, index.number)
