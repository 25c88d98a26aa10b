"""The one road of every write.

Put, update, delete, batch, transaction and TTL deletion differ only in `decide(old) -> new`, a pure function that may
raise. The item, its index entries, the sizes of its table and its collection, and whatever observers keep (expiry
entries, stream records) go into the caller's transaction.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import orjson

from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables import collections, indexes
from everwarm.dynamodb.tables.change import Cause, ItemChange
from everwarm.dynamodb.tables.counts import count
from everwarm.dynamodb.tables.keys import Key, item_key, items_prefix
from everwarm.dynamodb.tables.read import decode
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.values.sizes import MAX_ITEM_BYTES, growth, item_size
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ConditionalCheckFailedException, PlainValidationException

Decide = Callable[[Item | None], Item | None]
"""From the item as it is, to the item as it shall be; None is no item."""

Observer = Callable[[Tx, Sequence[ItemChange]], None]
"""Told of every change, inside its transaction. Some come together: those of one table that are made at once."""

TOO_LARGE = "Item size has exceeded the maximum allowed size"
UPDATE_TOO_LARGE = "Item size to update has exceeded the maximum allowed size"


class PlannedWrite(NamedTuple):
    """A write of one item, with all of it that can be known before the table's data is looked at.

    Attributes:
        table: as it was when the request was read.
        too_large: the message for an item over the limit, which differs by operation.
        new_json: the new item as bytes, where it is known already.
        touched: the paths that an update names, for `UPDATED_OLD` and `UPDATED_NEW`.
    """

    table: Table
    key: Key
    decide: Decide
    too_large: str = TOO_LARGE
    new_json: bytes | None = None
    touched: tuple[Path, ...] = ()


def condition_failed(shown: Item | None) -> ConditionalCheckFailedException:
    """The error for a write whose condition does not hold.

    Args:
        shown: the item as it is, if it shall be told and is there.
    """
    members = {} if shown is None else {"Item": shown}
    return ConditionalCheckFailedException("The conditional request failed", **members)


Plan = Callable[[Table], PlannedWrite]
"""What is left to do of a request whose meaning is clear, once its table is found.

Raises:
    ValidationException: what the request has does not fit the table.
"""


def write(
    tx: Tx,
    table: Table,
    key: Key,
    decide: Decide,
    observers: Sequence[Observer],
    *,
    cause: Cause = Cause.USER,
    too_large: str = TOO_LARGE,
    new_json: bytes | None = None,
) -> ItemChange:
    """Change one item.

    Args:
        decide: raises to refuse the write, a failed condition say.
        too_large, new_json: as in `PlannedWrite`.

    Raises:
        ValidationException: the new item is larger than 400 KB.
        ItemCollectionSizeLimitExceededException: its item collection has no room for it.
    """
    place = item_key(table, key)
    old_json = tx.get(place)
    old = None if old_json is None else decode(old_json)
    new = decide(old)
    grown_bytes = growth(old, new)
    if grown_bytes is None:
        return ItemChange(table, key, old, new, old_json, old_json, 0, cause, changed=False)
    if new is None:
        new_json = None
        tx.delete(place)
    else:
        if new_json is None:
            new_json = encode(new, too_large)
        tx.put(place, new_json)
    change = ItemChange(table, key, old, new, old_json, new_json, grown_bytes, cause, changed=True)
    count(tx, table.number, (new is not None) - (old is not None), grown_bytes)
    _follow(tx, table, (change,), observers)
    return change


Found = tuple[Key, Item, bytes]
"""An item that has just been read: its key, itself, and its bytes on disk."""


def remove(tx: Tx, table: Table, found: Sequence[Found], observers: Sequence[Observer], cause: Cause) -> None:
    """Delete items that have just been read in this transaction, as `write` would, but without reading them again."""
    if not found:
        return
    changes = [
        ItemChange(table, key, item, None, item_json, None, -item_size(item), cause, changed=True)
        for key, item, item_json in found
    ]
    prefix = items_prefix(table)
    for change in changes:
        tx.delete(prefix + change.key.encoded)
    count(tx, table.number, -len(changes), sum([change.grown_bytes for change in changes]))
    _follow(tx, table, changes, observers)


def _follow(tx: Tx, table: Table, changes: Sequence[ItemChange], observers: Sequence[Observer]) -> None:
    """Make all that is kept beside the items follow their changes."""
    if table.indexes:
        for change in changes:
            local_bytes = indexes.apply(tx, change)
            if collections.has_collections(table):
                collections.grow(tx, table, change.key, change.grown_bytes + local_bytes)
    for observe in observers:
        observe(tx, changes)


def encode(item: Item, too_large: str = TOO_LARGE) -> bytes:
    """An item that is to be written, as its bytes on disk.

    Raises:
        ValidationException: it is larger than 400 KB.
    """
    item_json = orjson.dumps(item)
    # Its JSON is always longer than what AWS counts, so a short one needs no counting.
    if len(item_json) > MAX_ITEM_BYTES and item_size(item) > MAX_ITEM_BYTES:
        raise PlainValidationException(too_large)
    return item_json
