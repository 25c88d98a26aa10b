"""`ExclusiveStartKey`: the place behind which a Query or a Scan goes on.

It has the form of a key, but there need not be an item of that key.
"""

from everwarm.dynamodb.tables.access import AccessPath
from everwarm.dynamodb.tables.key_range import KeyRange
from everwarm.dynamodb.tables.keys import HASH_LIMIT, RANGE_LIMIT, key_of_request
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ValidationException

INVALID = "The provided starting key is invalid"
_NO_MATCH = "The provided key element does not match the schema"


def query_start(path: AccessPath, given: Item, within: KeyRange) -> bytes:
    """The place of a Query's starting key.

    Raises:
        ValidationException: it is no key of this table or index, or not among what the key conditions ask for.
    """
    _check_names(path, given, INVALID)
    _check_parts(path, given)
    _check_table_key(path, given)
    place = path.place(given)
    if not within.partition[0] <= place < within.partition[1]:
        raise ValidationException("The provided starting key is outside query boundaries based on provided conditions")
    if not within.start <= place < within.end:
        raise ValidationException("The provided starting key does not match the range key predicate")
    return place


def scan_start(path: AccessPath, given: Item) -> bytes:
    """The place of a Scan's starting key.

    Raises:
        ValidationException: it is no key of this table or index.
    """
    _check_names(path, given, f"{INVALID}: {_NO_MATCH}" if path.index is None else INVALID)
    if path.index is not None:
        _check_parts(path, given)
    _check_table_key(path, given)
    return path.place(given)


def _check_names(path: AccessPath, given: Item, problem: str) -> None:
    if len(given) != len(path.key_names) or any(name not in given for name in path.key_names):
        raise ValidationException(problem)


def _check_parts(path: AccessPath, given: Item) -> None:
    schema = path.key_schema
    for limit, parts in ((HASH_LIMIT, schema.hashes), (RANGE_LIMIT, schema.ranges)):
        for part in parts:
            if part.tag not in given[part.name]:
                raise ValidationException(f"{INVALID}: {_NO_MATCH}")
            path.check_value(part, given[part.name], limit)


def _check_table_key(path: AccessPath, given: Item) -> None:
    try:
        key_of_request(path.table, {name: given[name] for name in path.table.key_schema.names})
    except ValidationException as err:
        raise ValidationException(f"{INVALID}: {err.message}") from None
