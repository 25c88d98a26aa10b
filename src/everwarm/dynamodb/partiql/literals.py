"""Values that a statement gives: literals as they are written, and parameters, as checked attribute values."""

from collections.abc import Sequence as Values

from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.tree import (
    Call,
    Expression,
    Literal,
    Missing,
    Parameter,
    Reference,
    Refused,
    Sequence,
    Struct,
)
from everwarm.dynamodb.values.check import MAX_DEPTH, normal_value
from everwarm.dynamodb.values.numbers import MAX_DIGITS
from everwarm.dynamodb.values.types import AttributeValue, Item, type_of
from everwarm.errors import ValidationException


def constant(expression: Expression, parameters: Values[AttributeValue], under: str = "root") -> AttributeValue:
    """The value of an expression that names no attribute.

    Args:
        parameters: the request's, checked; as many as the statement has.
        under: the way to it through maps and lists, for messages.

    Raises:
        ValidationException: it is no value, or none that DynamoDB has.
    """
    match expression:
        case Parameter(number):
            return parameters[number]
        case Literal({"N": digits}):
            return {"N": _number(digits)}
        case Literal(value):
            return value
        case Sequence(items, bag=False):
            _refuse_deep(under)
            return {"L": [constant(item, parameters, f"{under}.{at}") for at, item in enumerate(items)]}
        case Sequence():
            return _set(expression, parameters)
        case Struct():
            _refuse_deep(under)
            return {"M": members(expression, parameters, under)}
        case Refused(problem):
            raise ValidationException(problem)
        case _:
            raise ValidationException(messages.data_type(_name(expression), under, expression.spot))


def members(struct: Struct, parameters: Values[AttributeValue], under: str = "root") -> Item:
    """The members of a map, or the attributes of an item; errors as of `constant`."""
    found: Item = {}
    for key, value in struct.members:
        if not isinstance(key, Literal) or "S" not in key.value:
            raise ValidationException(messages.tuple_key(_kind(key), under, key.spot))
        name = key.value["S"]
        if not name:
            raise ValidationException(messages.EMPTY_NAME)
        if name in found:
            raise ValidationException(messages.tuple_twice(name, under, key.spot))
        # The way to an attribute of the item itself is not told.
        found[name] = constant(value, parameters, f"{under}.{name}" if under != "root" else "root")
    return found


def is_constant(expression: Expression) -> bool:
    """Whether an expression is a value, and no attribute or operator."""
    return isinstance(expression, (Literal, Parameter, Sequence, Struct, Refused))


def _number(digits: str) -> str:
    if len(digits.lower().partition("e")[0].replace("-", "").replace(".", "").strip("0")) > MAX_DIGITS:
        raise ValidationException(f"DynamoDB only supports precision up to {MAX_DIGITS} digits")
    text: str = normal_value({"N": digits})["N"]
    return text


def _set(bag: Sequence, parameters: Values[AttributeValue]) -> AttributeValue:
    if not bag.items:
        raise ValidationException(messages.empty_bag(bag.spot))
    tags = set()
    inner = []
    for item in bag.items:
        if not isinstance(item, (Literal, Parameter)):
            raise ValidationException(messages.bag_type(item.spot))
        value = constant(item, parameters)
        tag = type_of(value)
        tags.add(tag)
        if tag not in ("S", "N") or len(tags) > 1:
            raise ValidationException(messages.bag_type(item.spot))
        inner.append(value[tag])
    return normal_value({f"{tags.pop()}S": inner})


def _refuse_deep(under: str) -> None:
    if under.count(".") >= MAX_DEPTH:
        raise ValidationException(messages.TOO_DEEP)


def _name(expression: Expression) -> str:
    match expression:
        case Missing():
            return "MISSING"
        case Reference(path):
            return str(path[-1])
        case Call(operator, is_function=False):
            return operator
        case _:
            return _kind(expression)


_KINDS = {"S": "STRING", "N": "INT", "BOOL": "BOOL", "NULL": "NULL"}


def _kind(expression: Expression) -> str:
    match expression:
        case Literal(value):
            return _KINDS[type_of(value)]
        case Reference():
            return "VariableReference"
        case Sequence():
            return "Seq"
        case _:
            return type(expression).__name__
