"""Which stretches of the disk a SELECT reads: partitions where its WHERE clause names them, else everything.

Source: "PartiQL select statements for DynamoDB" in the developer guide: `=`, IN, and OR of those, on the partition key
make queries.
"""

from dataclasses import dataclass, replace
from itertools import product
from math import prod

from everwarm.dynamodb.expressions.key_condition import KeyCondition
from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.binding import Where
from everwarm.dynamodb.partiql.keys import asked, check_types, partitions
from everwarm.dynamodb.partiql.tree import Select
from everwarm.dynamodb.tables.access import AccessPath
from everwarm.dynamodb.tables.key_range import key_range
from everwarm.dynamodb.tables.segments import segment_range
from everwarm.dynamodb.values.keys import key_bytes
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import ValidationException

Stretch = tuple[bytes, bytes]
"""What lies at `start <= key < end`."""

# Ours: key attributes with many values each have so many combinations that looking at more items is less work.
_MAX_STRETCHES = 1000

_RANGE_OPERATORS = ("=", "<", "<=", ">", ">=", "BETWEEN", "begins_with")


@dataclass(frozen=True, slots=True)
class Ranges:
    """What is read, one stretch after the other, none within another.

    Attributes:
        backwards: whether each of them from its end on.
        keyed: whether partitions are named, so that this is a query and no scan.
    """

    stretches: tuple[Stretch, ...]
    backwards: bool = False
    keyed: bool = False


def ranges(path: AccessPath, select: Select, where: Where | None) -> Ranges:
    """The ranges that a statement reads.

    Args:
        path: the way to its table or index.
        where: its clause, bound.

    Raises:
        ValidationException: key values of a wrong type, an order that the key does not have.
    """
    hashes = path.key_schema.hashes
    named = _named(path, where)
    conditions = {} if where is None else asked(where)
    check_order(path, select, where)
    order = {str(key[0]): descending for key, descending in select.order_by}
    sort_keys = path.key_schema.ranges
    backwards = bool(sort_keys) and order.get(sort_keys[0].name, False)
    everything = Ranges((segment_range(path, 0, 1),), backwards)
    if where is None:
        return everything
    equal = all(any(one.operator == "=" for one in conditions.get(part.name, ())) for part in hashes)
    check_types(path.key_schema, where, is_query=equal)
    values = [one for one in named if one is not None]
    count = prod(map(len, values))
    if len(values) < len(named):
        return everything
    if count > _MAX_STRETCHES:
        return replace(everything, keyed=True)
    for part, found in zip(hashes, values, strict=True):
        if part.name in order:
            found.sort(key=key_bytes, reverse=order[part.name])
    wanted = conditions.get(sort_keys[0].name, []) if sort_keys else []
    wanted = [one for one in wanted if one.operator != "IN" or count * len(one.operands) <= _MAX_STRETCHES]
    stretches: list[Stretch] = []
    for one in product(*values):
        partition = tuple([KeyCondition(part.name, "=", (value,)) for part, value in zip(hashes, one, strict=True)])
        stretches += _within(path, partition, wanted, backwards)
    return Ranges(tuple(stretches), backwards, keyed=True)


def _within(
    path: AccessPath, partition: tuple[KeyCondition, ...], wanted: list[KeyCondition], backwards: bool
) -> list[Stretch]:
    """The stretches of one partition that conditions on its sort key leave."""
    whole = key_range(path, partition)
    start, end = whole.start, whole.end
    choices: list[AttributeValue] | None = None
    for condition in wanted:
        if condition.operator in _RANGE_OPERATORS:
            found = key_range(path, (*partition, condition))
            start, end = max(start, found.start), min(end, found.end)
        elif condition.operator == "IN":
            choices = sorted(condition.operands, key=key_bytes, reverse=backwards)
    if choices is None:
        return [(start, end)] if start < end else []
    stretches: dict[Stretch, None] = {}
    for value in choices:
        found = key_range(path, (*partition, KeyCondition(wanted[0].name, "=", (value,))))
        if start <= found.start and found.end <= end:
            stretches[found.start, found.end] = None
    return list(stretches)


def _named(path: AccessPath, where: Where | None) -> list[list[AttributeValue] | None]:
    """The values that each partition attribute can have, as far as they are named."""
    return [None if where is None else partitions(part.name, where) for part in path.key_schema.hashes]


def check_order(path: AccessPath, select: Select, where: Where | None) -> None:
    """
    Raises:
        ValidationException: a statement is to be ordered by something else than its key, or asks nothing of it.
    """
    if not select.order_by:
        return
    if where is None:
        raise ValidationException(messages.ORDER_WITHOUT_WHERE)
    if None in _named(path, where) and path.key_schema.hash.name not in asked(where):
        raise ValidationException(messages.ORDER_WITHOUT_HASH)
    for key, _ in select.order_by:
        if len(key) > 1 or key[0] not in path.key_schema.names:
            raise ValidationException(messages.order_key(str(key[-1])))
