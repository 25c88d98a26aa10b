"""Conditions from before expressions, made into the nodes that expressions have.

`Expected` guards a write, `QueryFilter` and `ScanFilter` choose what is read, `KeyConditions` says which keys. They
know top-level attributes only, so a name with a dot in it is just a name.

Source: "Legacy conditional parameters" in the DynamoDB developer guide.

Not here: `AttributeUpdates` (legacy_update.py); what a request may carry together (`api/request_expressions.py`).
"""

from collections.abc import Callable, Iterable
from typing import Any

from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.condition import (
    And,
    Attribute,
    AttributeExists,
    AttributeNotExists,
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
    Or,
)
from everwarm.dynamodb.expressions.key_condition import KeyCondition
from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.values.check import ALONE, check_names, normal_value
from everwarm.dynamodb.values.compare import less
from everwarm.dynamodb.values.types import KEY_TAGS, TAGS, AttributeValue, type_of
from everwarm.errors import ValidationException, invalid_parameters

Legacy = dict[str, dict[str, Any]]
"""A legacy parameter as it stands in the request, of the right shape: attribute names, and what is said about each."""

_CONTAINABLE = (*KEY_TAGS, "BOOL", "NULL")
_OPERAND_TAGS = {
    "EQ": TAGS,
    "NE": TAGS,
    "LE": KEY_TAGS,
    "LT": KEY_TAGS,
    "GE": KEY_TAGS,
    "GT": KEY_TAGS,
    "CONTAINS": _CONTAINABLE,
    "NOT_CONTAINS": _CONTAINABLE,
    "BEGINS_WITH": ("S", "B"),
    "IN": KEY_TAGS,
    "BETWEEN": KEY_TAGS,
}
_OPERAND_COUNTS = {"NULL": 0, "NOT_NULL": 0, "BETWEEN": 2}  # one for the rest, one or more for IN

_COMPARISONS: dict[str, Callable[[Attribute, Literal], Condition]] = {
    "EQ": Equal,
    "NE": NotEqual,
    "LE": LessOrEqual,
    "LT": Less,
    "GE": lambda left, right: LessOrEqual(right, left),
    "GT": lambda left, right: Less(right, left),
    "CONTAINS": Contains,
    "BEGINS_WITH": BeginsWith,
}
_KEY_OPERATORS = {"EQ": "=", "LE": "<=", "LT": "<", "GE": ">=", "GT": ">", "BEGINS_WITH": "begins_with"}


def expected(given: Legacy, conditional_operator: str | None) -> Condition | None:
    """The condition of `Expected`; None where it is empty.

    Raises:
        ValidationException: members that do not go together, values that do not go with their operator.
    """
    check_names(given)
    conditions = [_expectation(name, expectation) for name, expectation in given.items()]
    return _joined(conditions, conditional_operator)


def attribute_filter(given: Legacy, conditional_operator: str | None) -> Condition | None:
    """The condition of `QueryFilter` or `ScanFilter`; None where it is empty. Raises as `expected`."""
    check_names(given)
    conditions = [_condition(name, *_operation(condition)) for name, condition in given.items()]
    return _joined(conditions, conditional_operator)


def legacy_key_conditions(given: Legacy) -> tuple[KeyCondition, ...]:
    """The conditions of `KeyConditions`. Raises as `expected`.

    Operators that no key takes keep their legacy name: which attribute they were meant for decides what AWS says.
    """
    return tuple(
        KeyCondition(name, _KEY_OPERATORS.get(operator, operator), tuple(operands))
        for name, (operator, operands) in ((name, _operation(condition)) for name, condition in given.items())
    )


def attributes_to_get(names: list[str]) -> tuple[Path, ...]:
    """The paths of `AttributesToGet`.

    Raises:
        ValidationException: a name stands there twice.
    """
    check_names(names)
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise invalid_parameters(f"Duplicate value in attribute name: {name}")
        seen.add(name)
    return tuple((name,) for name in names)


def _joined(conditions: list[Condition], conditional_operator: str | None) -> Condition | None:
    if conditional_operator is not None:
        if not conditions:
            raise ValidationException(messages.CONDITIONAL_OPERATOR_ALONE)
        if len(conditions) == 1:
            raise ValidationException(
                "ConditionalOperator can only be used when Filter or Expected has two or more elements"
            )
    if len(conditions) > 1:
        return Or(tuple(conditions)) if conditional_operator == "OR" else And(tuple(conditions))
    return conditions[0] if conditions else None


def _expectation(name: str, given: dict[str, Any]) -> Condition:
    value, listed = given.get("Value"), given.get("AttributeValueList")
    operator, exists = given.get("ComparisonOperator"), given.get("Exists")
    if value is not None and listed is not None:
        raise _at(name, "Value and AttributeValueList cannot be used together")
    if operator is not None:
        if exists is not None:
            raise _at(name, "Exists and ComparisonOperator cannot be used together")
        if value is None and listed is None and operator not in ("NULL", "NOT_NULL"):
            raise _at(name, f"Value or AttributeValueList must be used with ComparisonOperator: {operator}")
        return _condition(name, operator, _operands(operator, listed if value is None else [value]))
    if listed is not None:
        raise _at(name, "AttributeValueList can only be used with a ComparisonOperator")
    if exists is False:
        if value is not None:
            raise _at(name, "Value cannot be used when Exists is false")
        return AttributeNotExists((name,))
    if value is None:
        raise _at(name, f"Value must be provided when Exists is {'null' if exists is None else 'true'}")
    return Equal(Attribute((name,)), Literal(normal_value(value, ALONE)))


def _at(name: str, problem: str) -> ValidationException:
    return invalid_parameters(f"{problem} for Attribute: {name}")


def _operation(given: dict[str, Any]) -> tuple[str, list[AttributeValue]]:
    operator: str = given["ComparisonOperator"]
    return operator, _operands(operator, given.get("AttributeValueList"))


def _operands(operator: str, given: Iterable[Any] | None) -> list[AttributeValue]:
    """The values of one condition, checked against its operator."""
    values = [normal_value(value, ALONE) for value in given or ()]
    count = _OPERAND_COUNTS.get(operator, 1)
    if len(values) != count and not (operator == "IN" and values):
        raise invalid_parameters(f"Invalid number of argument(s) for the {operator} ComparisonOperator")
    tags = [type_of(value) for value in values]
    for tag in tags:
        if tag not in _OPERAND_TAGS[operator]:
            raise invalid_parameters(f"ComparisonOperator {operator} is not valid for {tag} AttributeValue type")
    if len(set(tags)) > 1:
        raise invalid_parameters("AttributeValues inside AttributeValueList must be of same type")
    if operator == "BETWEEN" and less(values[1], values[0]):
        raise ValidationException(
            "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"
        )
    return values


def _condition(name: str, operator: str, operands: list[AttributeValue]) -> Condition:
    path: Path = (name,)
    attribute, values = Attribute(path), [Literal(operand) for operand in operands]
    match operator:
        case "NULL":
            return AttributeNotExists(path)
        case "NOT_NULL":
            return AttributeExists(path)
        case "NOT_CONTAINS":
            # Absence of the attribute is no absence of the value.
            return And((AttributeExists(path), Not(Contains(attribute, values[0]))))
        case "IN":
            return In(attribute, tuple(values))
        case "BETWEEN":
            return Between(attribute, *values)
        case _:
            return _COMPARISONS[operator](attribute, values[0])
