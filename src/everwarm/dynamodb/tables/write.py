"""The one road of every write.

Put, update, delete, batch and TTL deletion differ only in `decide(old) -> new`, a pure function that may raise. The
item and whatever its observers keep about it (expiry entries, stream records) go into the caller's transaction.
"""

from collections.abc import Callable, Sequence

import orjson

from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.change import Cause, ItemChange
from everwarm.dynamodb.tables.keys import Key, item_key
from everwarm.dynamodb.tables.read import decode
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.values.compare import same_item
from everwarm.dynamodb.values.sizes import MAX_ITEM_BYTES, item_size
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ValidationException

Decide = Callable[[Item | None], Item | None]
"""From the item as it is, to the item as it shall be; None is no item."""

Observer = Callable[[Tx, ItemChange], None]
"""Told of every change, inside its transaction."""

TOO_LARGE = "Item size has exceeded the maximum allowed size"


def write(
    tx: Tx,
    table: Table,
    key: Key,
    decide: Decide,
    observers: Sequence[Observer],
    *,
    cause: Cause = Cause.USER,
    too_large: str = TOO_LARGE,
) -> ItemChange:
    """Change one item.

    Args:
        decide: raises to refuse the write, a failed condition say.
        too_large: the message for an item over the limit, which differs by operation.

    Raises:
        ValidationException: the new item is larger than 400 KB.
    """
    place = item_key(table, key)
    old_json = tx.get(place)
    old = None if old_json is None else decode(old_json)
    new = decide(old)
    if new is None:
        change = ItemChange(table, key, old, None, old_json, None, cause, changed=old is not None)
        if not change.changed:
            return change
        tx.delete(place)
    else:
        if old is not None and same_item(old, new):
            return ItemChange(table, key, old, new, old_json, old_json, cause, changed=False)
        new_json = orjson.dumps(new)
        # Its JSON is always longer than what AWS counts, so a short one needs no counting.
        if len(new_json) > MAX_ITEM_BYTES and item_size(new) > MAX_ITEM_BYTES:
            raise ValidationException(too_large)
        change = ItemChange(table, key, old, new, old_json, new_json, cause, changed=True)
        tx.put(place, new_json)
    for observe in observers:
        observe(tx, change)
    return change
