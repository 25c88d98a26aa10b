"""Which stretch of the disk a Query reads: key conditions, against the key of a table or an index.

Every partition attribute is asked for with `=`. Sort attributes are asked for from the left: with `=`, and the last
one that is asked for with any operator.
"""

from dataclasses import dataclass

from everwarm.dynamodb.expressions.key_condition import KeyCondition
from everwarm.dynamodb.storage.layout import after
from everwarm.dynamodb.tables.access import AccessPath
from everwarm.dynamodb.tables.keys import HASH_LIMIT, RANGE_LIMIT, hash_prefix
from everwarm.dynamodb.tables.schema import KeyPart, KeySchema
from everwarm.dynamodb.values.keys import key_bytes, key_prefix_bytes
from everwarm.errors import ValidationException, invalid_parameters


@dataclass(frozen=True, slots=True)
class KeyRange:
    """What lies at `start <= key < end`.

    Attributes:
        partition: the range of the whole partition.
        by_sort_key: whether a sort attribute is asked for.
    """

    start: bytes
    end: bytes
    partition: tuple[bytes, bytes]
    by_sort_key: bool


def key_range(path: AccessPath, conditions: tuple[KeyCondition, ...]) -> KeyRange:
    """The range that key conditions ask for.

    Raises:
        ValidationException: conditions that the key cannot answer.
    """
    schema = path.key_schema
    by_name = {condition.name: condition for condition in conditions}
    _check_names(schema, by_name)
    for part in schema.parts:
        if (condition := by_name.get(part.name)) is not None:
            _check_operands(path, part, condition)
    hashed = b"".join([key_bytes(by_name[part.name].operands[0]) for part in schema.hashes])
    prefix = path.prefix + hash_prefix(hashed) + hashed
    partition = prefix, after(prefix)
    asked = [by_name[part.name] for part in schema.ranges if part.name in by_name]
    if not asked:
        return KeyRange(*partition, partition, by_sort_key=False)
    for condition in asked[:-1]:
        prefix += key_bytes(condition.operands[0])
    return KeyRange(*_bounds(prefix, asked[-1]), partition, by_sort_key=True)


_INDEXABLE = ("=", "<", "<=", ">", ">=", "BETWEEN", "begins_with")


def _check_names(schema: KeySchema, by_name: dict[str, KeyCondition]) -> None:
    if not by_name or len(schema.parts) <= 2 < len(by_name):
        raise ValidationException("Conditions can be of length 1 or 2 only")
    if len(by_name) > len(schema.parts):
        raise ValidationException("Query key condition not supported")
    for part in schema.hashes:
        condition = by_name.get(part.name)
        if condition is None:
            raise missed(part)
        if condition.operator not in _INDEXABLE:
            raise ValidationException("Attempted conditional constraint is not an indexable operation")
        if condition.operator != "=":
            raise ValidationException("Query key condition not supported")
    sort_keys_asked = len(by_name) - len(schema.hashes)
    for at, part in enumerate(schema.ranges[:sort_keys_asked]):
        condition = by_name.get(part.name)
        if condition is None:
            raise missed(part)
        if condition.operator not in _INDEXABLE:
            raise ValidationException("Attempted conditional constraint is not an indexable operation")
        if condition.operator != "=" and at < sort_keys_asked - 1:
            raise ValidationException("Query key condition not supported")


def missed(part: KeyPart) -> ValidationException:
    """The error for a key attribute that has no condition."""
    return ValidationException(f"Query condition missed key schema element: {part.name}")


def _check_operands(path: AccessPath, part: KeyPart, condition: KeyCondition) -> None:
    limit = HASH_LIMIT if part in path.key_schema.hashes else RANGE_LIMIT
    for operand in condition.operands:
        if part.tag not in operand:
            raise invalid_parameters("Condition parameter type does not match schema type")
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
