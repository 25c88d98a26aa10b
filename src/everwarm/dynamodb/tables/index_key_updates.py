"""What an update may make of the keys of indexes: what can be told from the request, and what only its result tells.

Not here: whole items that are put (index_keys.py); the keys of the table, which no update may touch.
"""

from collections.abc import Iterator

from everwarm.dynamodb.expressions.update import Update, given_value, known_type, top_level_names
from everwarm.dynamodb.tables.index_keys import type_mismatch
from everwarm.dynamodb.tables.keys import EMPTY_KINDS, HASH_LIMIT, RANGE_LIMIT, Limit
from everwarm.dynamodb.tables.schema import Index, KeyPart, Table
from everwarm.dynamodb.values.sizes import attribute_size
from everwarm.dynamodb.values.types import Item
from everwarm.errors import RefusedRequest, ValidationException


def check_update(table: Table, update: Update) -> None:
    """Check what can be told before the item is looked at.

    Raises:
        ValidationException: an attribute that is a key of an index would get another type.
        RefusedRequest: it would get an empty value.
    """
    actions = {action.path: action for action in update.actions}
    for index, part, _ in _parts(table):
        action = actions.get((part.name,))
        if action is None:
            continue
        tag = known_type(action)
        if tag is not None and tag != part.tag:
            raise type_mismatch(index, part, tag)
        if (given_value(action) or {}).get(part.tag) == "":
            raise RefusedRequest(_empty(part))


def check_updated(table: Table, update: Update, item: Item) -> None:
    """Check what an update has made of an item.

    Raises:
        ValidationException: an attribute that is a key of an index is of another type now, or empty, or too long.
    """
    names = top_level_names(update)
    for _, part, limit in _parts(table):
        value = item.get(part.name)
        if value is None or part.name not in names:
            continue
        if part.tag not in value:
            raise ValidationException(
                "The update expression attempted to update the secondary index key to unsupported type"
            )
        if value[part.tag] == "":
            raise ValidationException(_empty(part))
        if attribute_size(value) > limit.size_bytes:
            raise ValidationException(
                "The update expression attempted to update the secondary index key beyond allowed size limits"
            )


def _parts(table: Table) -> Iterator[tuple[Index, KeyPart, Limit]]:
    for index in table.indexes:
        for part in index.key_schema.hashes:
            yield index, part, HASH_LIMIT
        for part in index.key_schema.ranges:
            yield index, part, RANGE_LIMIT


def _empty(part: KeyPart) -> str:
    return (
        "One or more parameter values are not valid. The update expression attempted to update a secondary index key "
        f"to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty "
        f"{EMPTY_KINDS[part.tag]} value."
    )
