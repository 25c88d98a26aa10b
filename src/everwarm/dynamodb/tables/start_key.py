"""`ExclusiveStartKey`: the place behind which a Query or a Scan goes on.

It has the form of a key, but there need not be an item of that key.
"""

from everwarm.dynamodb.tables.access import AccessPath
from everwarm.dynamodb.tables.key_range import KeyRange
from everwarm.dynamodb.tables.keys import HASH_LIMIT, NO_MATCH, RANGE_LIMIT, key_of_request
from everwarm.dynamodb.tables.schema import KeyPart
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ValidationException

INVALID = "The provided starting key is invalid"


def query_start(path: AccessPath, given: Item, within: KeyRange) -> bytes:
    """The place of a Query's starting key.

    Args:
        given: `check_size` and `check_part` have nothing against it.

    Raises:
        ValidationException: it is no key of the table, or not among what the key conditions ask for.
    """
    _check_table_key(path, given)
    place = path.place(given)
    # AWS looks at the sort key first, as if it lay in the partition that is asked for.
    moved = path.place({**given, **within.hashes})
    if not within.by_sort_key:
        if place != moved:
            raise ValidationException(
                "The provided starting key is outside query boundaries based on provided conditions"
            )
    elif not within.start <= moved < within.end:
        raise ValidationException("The provided starting key does not match the range key predicate")
    elif place != moved:
        raise ValidationException("The query can return at most one row and cannot be restarted")
    return place


def check_scan_start(path: AccessPath, given: Item) -> None:
    """Check a Scan's starting key as far as it is the index's; `scan_start` looks at the rest.

    Raises:
        ValidationException: it is no key of this table or index.
    """
    if path.index is None and len(given) != len(path.key_names):
        raise ValidationException(f"{INVALID}: {NO_MATCH}")
    check_size(path, given)
    if path.index is not None:
        for part in path.key_schema.parts:
            check_part(path, given, part)


def scan_start(path: AccessPath, given: Item) -> bytes:
    """The place of a Scan's starting key.

    Raises:
        ValidationException: it is no key of the table.
    """
    _check_table_key(path, given)
    return path.place(given)


def check_size(path: AccessPath, given: Item) -> None:
    """
    Raises:
        ValidationException: the key has fewer attributes, or more, than name a place in this table or index.
    """
    if len(given) != len(path.key_names):
        raise ValidationException(INVALID)


def check_part(path: AccessPath, given: Item, part: KeyPart) -> None:
    """Check one attribute of the key that is read by, the table's or the index's.

    Raises:
        ValidationException: it is missing, of another type, empty or too long.
    """
    value = given.get(part.name)
    if value is None:
        raise ValidationException(INVALID)
    if part.tag not in value:
        raise ValidationException(NO_MATCH)
    path.check_value(part, value, HASH_LIMIT if part in path.key_schema.hashes else RANGE_LIMIT)


def _check_table_key(path: AccessPath, given: Item) -> None:
    try:
        key_of_request(path.table, {name: given[name] for name in path.table.key_schema.names if name in given})
    except ValidationException as err:
        raise ValidationException(f"{INVALID}: {err.message}") from None
