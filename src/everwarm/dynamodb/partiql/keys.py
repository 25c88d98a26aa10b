"""Which keys a WHERE clause asks for.

Only a comparison of a top-level attribute with a value says anything about keys, and only where it has to hold: alone,
or joined by AND. Partitions may also be told apart by OR and IN. The clause as a whole is evaluated all the same.
"""

from collections.abc import Iterable, Iterator

from everwarm.dynamodb.expressions import nodes
from everwarm.dynamodb.expressions.key_condition import MIRRORED, KeyCondition
from everwarm.dynamodb.expressions.nodes import DocumentPath, Node, Placeholder
from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.binding import Where
from everwarm.dynamodb.tables.keys import Key, key_of_request
from everwarm.dynamodb.tables.schema import KeyPart, KeySchema, Table
from everwarm.dynamodb.values.compare import equal
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import ValidationException, invalid_parameters

_OPERATORS = (*MIRRORED, "<>", "BETWEEN", "begins_with", "IN")


def conjuncts(root: nodes.Call) -> Iterator[nodes.Call]:
    """The conditions that all have to hold."""
    if root.operator != "AND":
        yield root
        return
    for operand in root.operands:
        assert isinstance(operand, nodes.Call), "AND joins conditions"
        yield from conjuncts(operand)


def asked(where: Where) -> dict[str, list[KeyCondition]]:
    """What has to hold of each top-level attribute."""
    found: dict[str, list[KeyCondition]] = {}
    for call in conjuncts(where.root):
        condition = _condition(call, where)
        if condition is not None:
            found.setdefault(condition.name, []).append(condition)
    return found


def one_key(table: Table, where: Where) -> Key:
    """The key of the one item that a clause is about.

    Raises:
        ValidationException: the clause leaves it open, or its values are no key of the table.
    """
    conditions = asked(where)
    given: dict[str, AttributeValue] = {}
    for part in table.key_schema.parts:
        values = [one.operands[0] for one in conditions.get(part.name, ()) if one.operator == "="]
        if not values:
            raise ValidationException(messages.INCOMPLETE_KEY)
        if any(not equal(values[0], value) for value in values):
            raise ValidationException(messages.key_twice(part.name))
        _check_type(part, values[0])
        given[part.name] = values[0]
    return key_of_request(table, given)


def names_key(schema: KeySchema, where: Where | None) -> bool:
    """Whether a clause asks for one whole key with `=`."""
    if where is None:
        return False
    conditions = asked(where)
    return all(any(one.operator == "=" for one in conditions.get(name, ())) for name in schema.names)


def names_key_alone(schema: KeySchema, where: Where | None) -> bool:
    """As `names_key`, and asks for nothing else."""
    return names_key(schema, where) and where is not None and len(list(conjuncts(where.root))) == len(schema.names)


def partitions(name: str, where: Where) -> list[AttributeValue] | None:
    """The values that an attribute can have, without repetition; None where there are more than are named."""
    return _partitions(name, where.root, where)


def _partitions(name: str, node: Node, where: Where) -> list[AttributeValue] | None:
    assert isinstance(node, nodes.Call), "conditions are calls"
    if node.operator == "AND":
        for operand in node.operands:
            if (found := _partitions(name, operand, where)) is not None:
                return found
        return None
    if node.operator == "OR":
        united: list[AttributeValue] = []
        for operand in node.operands:
            found = _partitions(name, operand, where)
            if found is None:
                return None
            united += found
        return _distinct(united)
    condition = _condition(node, where)
    if condition is None or condition.name != name or condition.operator not in ("=", "IN"):
        return None
    return _distinct(condition.operands)


def check_types(schema: KeySchema, where: Where, *, is_query: bool) -> None:
    """Refuse key attributes that are compared with values of another type.

    Args:
        is_query: whether the partition is asked for, which AWS has another text for.
    """
    if is_query:
        conditions = asked(where)
        for part in schema.parts:
            for condition in conditions.get(part.name, ()):
                if condition.operator != "IN":
                    for operand in condition.operands:
                        _check_type(part, operand)
    tags = {part.name: part.tag for part in schema.parts}
    for condition in _all_conditions(where.root, where):
        tag = tags.get(condition.name)
        if tag is not None and any(tag not in operand for operand in condition.operands):
            raise invalid_parameters("Condition parameter type does not match schema type")


def _all_conditions(node: Node, where: Where) -> Iterator[KeyCondition]:
    if isinstance(node, nodes.Call):
        condition = _condition(node, where)
        if condition is not None:
            yield condition
        elif node.operator in ("AND", "OR", "NOT"):
            for operand in node.operands:
                yield from _all_conditions(operand, where)


def _condition(call: nodes.Call, where: Where) -> KeyCondition | None:
    """A call as a comparison of a top-level attribute with values, if it is one."""
    if call.operator not in _OPERATORS:
        return None
    operands = list(call.operands)
    operator = call.operator
    if isinstance(operands[0], Placeholder) and operator in MIRRORED:
        operands.reverse()
        operator = MIRRORED[operator]
    first, *others = operands
    if not isinstance(first, DocumentPath) or len(first.elements) > 1:
        return None
    values = [where.values[other.name] for other in others if isinstance(other, Placeholder)]
    if len(values) < len(others):
        return None
    return KeyCondition(str(first.elements[0]), operator, tuple(values))


def _check_type(part: KeyPart, value: AttributeValue) -> None:
    if part.tag not in value:
        raise ValidationException(messages.key_type(part.name))


def _distinct(values: Iterable[AttributeValue]) -> list[AttributeValue]:
    return list({str(value): value for value in values}.values())
