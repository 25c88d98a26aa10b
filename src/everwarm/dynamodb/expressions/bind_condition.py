"""Binding of conditions: the parsed tree to nodes that can be evaluated, its operands checked on the way.

Checked is what the request alone shows: numbers of operands, types of given values. What the item holds shows later,
and makes a condition false where it does not fit.
"""

from collections.abc import Callable

from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.condition import (
    And,
    Attribute,
    AttributeExists,
    AttributeNotExists,
    AttributeType,
    BeginsWith,
    Between,
    Condition,
    Contains,
    Equal,
    In,
    Less,
    LessOrEqual,
    Literal,
    Not,
    NotEqual,
    Operand,
    Or,
    Size,
)
from everwarm.dynamodb.expressions.nodes import Call, DocumentPath, Node, Placeholder
from everwarm.dynamodb.expressions.scope import Scope
from everwarm.dynamodb.values.compare import less
from everwarm.dynamodb.values.types import KEY_TAGS, TAGS, type_of

MAX_CHOICES = 100  # of IN; source: "IN" in the developer guide's operator reference

_COMPARISONS: dict[str, Callable[[Operand, Operand], Condition]] = {
    "=": Equal,
    "<>": NotEqual,
    "<": Less,
    "<=": LessOrEqual,
    ">": lambda left, right: Less(right, left),
    ">=": lambda left, right: LessOrEqual(right, left),
}
_OPERAND_COUNTS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}


def bind_condition(node: Node, scope: Scope) -> Condition:
    """A parsed condition with its names and values.

    Raises:
        ValidationException: operands that do not go with their operator.
    """
    assert isinstance(node, Call), "the grammar puts operators and functions here"
    operator = node.operator
    if operator in ("AND", "OR"):
        parts = tuple([bind_condition(operand, scope) for operand in node.operands])
        return And(parts) if operator == "AND" else Or(parts)
    if operator == "NOT":
        return Not(bind_condition(node.operands[0], scope))
    operands = [_operand(operand, scope) for operand in node.operands]
    comparison = _COMPARISONS.get(operator)
    if comparison is not None:
        _check_distinct(operator, operands, scope)
        if operator not in ("=", "<>"):
            _check_types(operator, operands, KEY_TAGS, scope)
        return comparison(*operands)
    if operator == "BETWEEN":
        _check_types(operator, operands, KEY_TAGS, scope)
        _check_distinct(operator, operands, scope)
        _check_bounds(operands[1], operands[2], scope)
        return Between(*operands)
    if operator == "IN":
        if len(operands) > MAX_CHOICES + 1:
            raise scope.error(messages.too_many_choices(len(operands) - 1))
        _check_distinct(operator, operands, scope)
        return In(operands[0], tuple(operands[1:]))
    return _function(operator, operands, scope)


def _function(name: str, operands: list[Operand], scope: Scope) -> Condition:
    _check_count(name, operands, scope)
    _check_distinct(name, operands, scope)
    if name == "begins_with":
        _check_types(name, operands, ("S", "B"), scope)
        return BeginsWith(*operands)
    if name == "contains":
        return Contains(*operands)
    if name == "attribute_type":
        return AttributeType(operands[0], _type_tag(operands[1], scope))
    [operand] = operands
    if not isinstance(operand, Attribute):
        raise scope.error(messages.path_wanted(name))
    return AttributeExists(operand.path) if name == "attribute_exists" else AttributeNotExists(operand.path)


def _operand(node: Node, scope: Scope) -> Operand:
    if isinstance(node, DocumentPath):
        return Attribute(scope.path(node))
    if isinstance(node, Placeholder):
        return Literal(scope.value(node))
    assert node.operator == "size", "no other function is an operand"
    operands = [_operand(operand, scope) for operand in node.operands]
    _check_count("size", operands, scope)
    if (found := _known_type(operands[0])) in ("N", "BOOL", "NULL"):
        raise scope.error(messages.operand_type("size", found))
    return Size(operands[0])


def _known_type(operand: Operand) -> str:
    """The type that an operand has in every item; empty where that depends on the item."""
    if isinstance(operand, Literal):
        return type_of(operand.given)
    return "N" if isinstance(operand, Size) else ""


def _check_count(name: str, operands: list[Operand], scope: Scope) -> None:
    if len(operands) != _OPERAND_COUNTS[name]:
        raise scope.error(messages.operand_count(name, len(operands)))


def _check_distinct(operator: str, operands: list[Operand], scope: Scope) -> None:
    first = operands[0]
    if isinstance(first, Attribute) and first in operands[1:]:
        raise scope.error(messages.not_distinct(operator, first.path))


def _check_types(operator: str, operands: list[Operand], allowed: tuple[str, ...], scope: Scope) -> None:
    for operand in operands:
        found = _known_type(operand)
        if found and found not in allowed:
            raise scope.error(messages.operand_type(operator, found))


def _check_bounds(low: Operand, high: Operand, scope: Scope) -> None:
    if isinstance(low, Literal) and isinstance(high, Literal):
        if type_of(low.given) != type_of(high.given):
            raise scope.error(messages.bounds_of_two_types(low.given, high.given))
        if less(high.given, low.given):
            raise scope.error(messages.bounds_reversed(low.given, high.given))


def _type_tag(operand: Operand, scope: Scope) -> str:
    found = _known_type(operand)
    if found != "S" or not isinstance(operand, Literal):
        raise scope.error(messages.operand_type("attribute_type", found or messages.ANY_TYPE))
    tag = operand.given["S"]
    if tag not in TAGS:
        raise scope.error(messages.unknown_type(tag))
    return str(tag)
