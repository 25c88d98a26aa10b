"""Which stretch of the disk a Query reads: key conditions, against the key of a table or an index.

Every partition attribute is asked for with `=`. Sort attributes are asked for from the left: with `=`, and the last
one that is asked for with any operator.
"""

from collections.abc import Callable
from dataclasses import dataclass

from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.key_condition import KeyCondition
from everwarm.dynamodb.storage.layout import after
from everwarm.dynamodb.tables.access import AccessPath
from everwarm.dynamodb.tables.keys import HASH_LIMIT, RANGE_LIMIT, Limit, partition_bytes
from everwarm.dynamodb.tables.schema import KeyPart
from everwarm.dynamodb.values.keys import key_bytes, key_prefix_bytes
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ValidationException


@dataclass(frozen=True, slots=True)
class KeyRange:
    """What lies at `start <= key < end`.

    Attributes:
        hashes: the partition attributes that are asked for.
        by_sort_key: whether a sort attribute is asked for.
    """

    start: bytes
    end: bytes
    hashes: Item
    by_sort_key: bool


def _nothing(part: KeyPart) -> None:
    pass


def key_range(
    path: AccessPath, conditions: tuple[KeyCondition, ...], check_start: Callable[[KeyPart], None] = _nothing
) -> KeyRange:
    """The range that key conditions ask for.

    Args:
        check_start: raises if that attribute of the starting key is wrong; AWS looks at each before its condition.

    Raises:
        ValidationException: conditions that the key cannot answer.
    """
    schema = path.key_schema
    by_name = {condition.name: condition for condition in conditions}
    if len(schema.parts) <= 2 < len(by_name):
        raise ValidationException(messages.KEY_CONDITION_COUNT)
    sort_keys_asked = len(by_name) - len(schema.hashes)
    for part in schema.hashes:
        check_start(part)
        if sort_keys_asked > len(schema.ranges):
            raise ValidationException(messages.KEY_CONDITION_NOT_SUPPORTED)
        _check(path, part, by_name.get(part.name), only_equal=True, limit=HASH_LIMIT)
    for at, part in enumerate(schema.ranges, start=1):
        check_start(part)
        if at <= sort_keys_asked:
            _check(path, part, by_name.get(part.name), only_equal=at < sort_keys_asked, limit=RANGE_LIMIT)
    hashes = {part.name: by_name[part.name].operands[0] for part in schema.hashes}
    prefix = path.prefix + partition_bytes(list(hashes.values()))
    asked = [by_name[part.name] for part in schema.ranges[: max(sort_keys_asked, 0)]]
    if not asked:
        return KeyRange(prefix, after(prefix), hashes, by_sort_key=False)
    for condition in asked[:-1]:
        prefix += key_bytes(condition.operands[0])
    return KeyRange(*_bounds(prefix, asked[-1]), hashes, by_sort_key=True)


_INDEXABLE = ("=", "<", "<=", ">", ">=", "BETWEEN", "begins_with")


def _check(path: AccessPath, part: KeyPart, condition: KeyCondition | None, *, only_equal: bool, limit: Limit) -> None:
    if condition is None:
        raise ValidationException(messages.key_condition_missed(part.name))
    if condition.operator not in _INDEXABLE:
        raise ValidationException(messages.KEY_CONDITION_NOT_INDEXABLE)
    if any(part.tag not in operand for operand in condition.operands):
        raise ValidationException(messages.KEY_CONDITION_TYPE)
    if only_equal and condition.operator != "=":
        raise ValidationException(messages.KEY_CONDITION_NOT_SUPPORTED)
    for operand in condition.operands:
        path.check_value(part, operand, limit)


def _bounds(prefix: bytes, condition: KeyCondition) -> tuple[bytes, bytes]:
    operand = condition.operands[0]
    first = prefix + key_bytes(operand)
    match condition.operator:
        case "=":
            return first, after(first)
        case "<":
            return prefix, first
        case "<=":
            return prefix, after(first)
        case ">":
            return after(first), after(prefix)
        case ">=":
            return first, after(prefix)
        case "BETWEEN":
            return first, after(prefix + key_bytes(condition.operands[1]))
        case _:
            first = prefix + key_prefix_bytes(operand)
            return first, after(first)
