"""Key conditions: which keys a Query wants, as one condition for each key attribute.

Not here: whether those attributes are the keys of the table or index, and how many there may be (the Query itself).
"""

from dataclasses import dataclass

from everwarm.dynamodb.expressions.nodes import Call, DocumentPath, Node, Placeholder
from everwarm.dynamodb.expressions.scope import Scope
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import ValidationException

MIRRORED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class KeyCondition:
    """What is asked of one key attribute.

    Attributes:
        name: the attribute.
        operator: `=`, `<`, `<=`, `>`, `>=`, `BETWEEN` or `begins_with`, the attribute on its left; from
            `KeyConditions` also `NE`, `IN` and others that no key takes, for the Query to refuse.
        operands: one value, two for BETWEEN.
    """

    name: str
    operator: str
    operands: tuple[AttributeValue, ...]


def key_conditions(root: Call, scope: Scope) -> tuple[KeyCondition, ...]:
    """The conditions of a parsed key condition expression, in its order.

    Raises:
        ValidationException: conditions that a key does not take.
    """
    calls = root.operands if root.operator == "AND" else (root,)
    found: dict[str, KeyCondition] = {}
    for call in calls:
        condition = _one(call, scope)
        if condition.name in found:
            raise ValidationException("KeyConditionExpressions must only contain one condition per key")
        found[condition.name] = condition
    return tuple(found.values())


def _one(node: Node, scope: Scope) -> KeyCondition:
    assert isinstance(node, Call), "the grammar puts operators and functions here"
    operator = node.operator
    if operator not in MIRRORED and operator not in ("BETWEEN", "begins_with"):
        raise ValidationException(f"Invalid operator used in KeyConditionExpression: {operator}")
    if operator not in MIRRORED and not isinstance(node.operands[0], DocumentPath):
        raise _wrong(f"{operator} operator must have the key attribute as its first operand")
    name, at = "", 0
    values: list[AttributeValue] = []
    for position, operand in enumerate(node.operands):
        if isinstance(operand, DocumentPath):
            if name:
                raise _wrong("Multiple attribute names used in one condition")
            path = scope.path(operand)
            if len(path) > 1:
                raise ValidationException("KeyConditionExpressions cannot have conditions on nested attributes")
            name, at = str(path[0]), position
        elif isinstance(operand, Placeholder):
            values.append(scope.value(operand))
        else:
            raise ValidationException("KeyConditionExpressions cannot contain nested operations")
    if not name:
        raise _wrong("No key attribute specified")
    if at > 0:
        operator = MIRRORED[operator]
    return KeyCondition(name, operator, tuple(values))


def _wrong(problem: str) -> ValidationException:
    return ValidationException(f"Invalid condition in KeyConditionExpression: {problem}")
