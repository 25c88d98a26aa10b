"""A statement's conditions and updates as those of expressions: turned into their trees, then bound as they are.

So operands are checked, and evaluated, in one place for both languages.
"""

from collections.abc import Sequence as Values
from dataclasses import dataclass

from everwarm.dynamodb.expressions import messages as expression_messages
from everwarm.dynamodb.expressions import nodes
from everwarm.dynamodb.expressions.bind_condition import MAX_CHOICES, bind_condition
from everwarm.dynamodb.expressions.bind_update import bind_update
from everwarm.dynamodb.expressions.condition import Condition
from everwarm.dynamodb.expressions.condition_grammar import FUNCTIONS, UPDATE_FUNCTIONS
from everwarm.dynamodb.expressions.nodes import DocumentPath, Node, Placeholder, Section
from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.expressions.scope import Scope
from everwarm.dynamodb.expressions.update import Update
from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.keywords import TYPE_TAGS
from everwarm.dynamodb.partiql.literals import constant, is_constant
from everwarm.dynamodb.partiql.tree import (
    Assignment,
    Call,
    Expression,
    Missing,
    Reference,
    Sequence,
    Spot,
    Subquery,
)
from everwarm.dynamodb.values.types import SET_TAGS, AttributeValue, type_of
from everwarm.errors import ValidationException

_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
_SET_FUNCTIONS = {"set_add": Section.ADD, "set_delete": Section.DELETE}


class _Scope(Scope):
    """The values of one statement; its problems are told without the name of a request's parameter."""

    __slots__ = ()

    def error(self, problem: str) -> ValidationException:
        return ValidationException(problem)


@dataclass(frozen=True, slots=True)
class Where:
    """A WHERE clause that is ready.

    Attributes:
        root: its tree, in which keys are looked for.
        values: what the placeholders in the tree stand for.
        condition: the whole of it, to be evaluated.
    """

    root: nodes.Call
    values: dict[str, AttributeValue]
    condition: Condition


def bind_where(where: Expression, parameters: Values[AttributeValue]) -> Where:
    """Bind a WHERE clause.

    Args:
        parameters: the request's, checked; as many as the statement has.

    Raises:
        ValidationException: it is no condition, or its operands do not go with their operators.
    """
    tree = _Tree(parameters)
    root = tree.condition(where, messages.NO_BOOLEAN)
    return Where(root, tree.values, bind_condition(root, tree.scope))


def bind_assignments(assignments: tuple[Assignment, ...], parameters: Values[AttributeValue]) -> Update:
    """Bind what an UPDATE sets and removes; arguments and errors as for `bind_where`."""
    tree = _Tree(parameters)
    actions = tuple([tree.action(assignment) for assignment in assignments])
    return bind_update(nodes.ParsedUpdate(actions, nodes.Uses((), ())), tree.scope)


class _Tree:
    """Turns a statement's expressions into an expression's tree; values become placeholders, by number."""

    def __init__(self, parameters: Values[AttributeValue]) -> None:
        self._parameters = parameters
        self.values: dict[str, AttributeValue] = {}

    @property
    def scope(self) -> Scope:
        return _Scope("", {}, self.values)

    # Conditions

    def condition(self, expression: Expression, otherwise: str) -> nodes.Call:
        """
        Args:
            otherwise: what is said about an expression that is neither true nor false.
        """
        if isinstance(expression, Subquery):
            raise ValidationException(messages.token("SELECT", expression.spot))
        if not isinstance(expression, Call):
            raise ValidationException(otherwise)
        operator, operands = expression.operator, expression.operands
        if expression.is_function:
            return self._function(expression, otherwise)
        if operator in ("and", "or"):
            return nodes.Call(
                operator.upper(), tuple([self.condition(one, messages.LOGICAL_OPERAND) for one in operands])
            )
        if operator == "not":
            return nodes.Call("NOT", (self.condition(operands[0], messages.NOT_OPERAND),))
        if operator.startswith("is "):
            return self._is(operator.removeprefix("is "), operands[0])
        if operator == "in":
            return self._in(*operands)
        if operator == "between" or operator in _COMPARISONS:
            return nodes.Call(operator.upper(), tuple([self._operand(operand) for operand in operands]))
        raise ValidationException(messages.condition_operator(operator))

    def _function(self, call: Call, otherwise: str) -> nodes.Call:
        if call.operator == "size":
            raise ValidationException(otherwise)
        for operand in call.operands:
            if isinstance(operand, Subquery):
                raise ValidationException(messages.token("SELECT", operand.spot))
        if call.operator in UPDATE_FUNCTIONS or call.operator in _SET_FUNCTIONS:
            raise ValidationException(expression_messages.not_in_condition(call.operator))
        if call.operator not in FUNCTIONS:
            raise ValidationException(messages.function(call.operator))
        return nodes.Call(call.operator, tuple([self._operand(operand) for operand in call.operands]))

    def _is(self, name: str, operand: Expression) -> nodes.Call:
        if not isinstance(operand, Reference) and not is_constant(operand):
            raise ValidationException(messages.IS_OPERAND)
        if name == "missing":
            return nodes.Call("attribute_not_exists", (self._operand(operand),))
        return nodes.Call("attribute_type", (self._operand(operand), self._placeholder({"S": TYPE_TAGS[name]})))

    def _in(self, operand: Expression, choices: Expression) -> nodes.Call:
        if not isinstance(choices, Sequence) or not choices.items:
            raise ValidationException(messages.IN_OPERANDS)
        if len(choices.items) > MAX_CHOICES:
            raise ValidationException(expression_messages.too_many_choices(len(choices.items)))
        return nodes.Call("IN", (self._operand(operand), *[self._operand(choice) for choice in choices.items]))

    def _operand(self, expression: Expression) -> Node:
        match expression:
            case Reference(path):
                return DocumentPath(path)
            case Call("size", operands):
                return nodes.Call("size", tuple([self._operand(operand) for operand in operands]))
            case Call(operator, _, _, is_function):
                if not is_function:
                    raise ValidationException(messages.condition_operator(operator))
                if operator in FUNCTIONS:
                    raise ValidationException(expression_messages.misplaced_function(operator))
                raise ValidationException(messages.function(operator))
            case Missing():
                raise ValidationException(messages.MISSING_COMPARED)
            case Subquery(_, spot):
                raise ValidationException(messages.token("SELECT", spot))
            case _:
                return self._constant(expression)

    def _constant(self, expression: Expression) -> Placeholder:
        return self._placeholder(constant(expression, self._parameters))

    def _placeholder(self, value: AttributeValue) -> Placeholder:
        name = f":{len(self.values)}"
        self.values[name] = value
        return Placeholder(name)

    # Updates

    def action(self, assignment: Assignment) -> nodes.Action:
        path, value = DocumentPath(assignment.path), assignment.value
        if value is None:
            return nodes.Action(Section.REMOVE, path)
        if isinstance(value, Call) and value.is_function and value.operator in _SET_FUNCTIONS:
            return nodes.Action(_SET_FUNCTIONS[value.operator], path, self._set_operand(assignment.path, value))
        return nodes.Action(Section.SET, path, self._new_value(value))

    def _set_operand(self, path: Path, call: Call) -> Placeholder:
        if len(call.operands) != 2:
            raise ValidationException(messages.set_operand_count(call.operator, call.spot))
        target, added = call.operands
        if not isinstance(target, Reference) or target.path != path:
            raise ValidationException(messages.set_target(call.operator))
        spot: Spot = added.spot
        if not is_constant(added):
            raise ValidationException(messages.set_operand(call.operator, spot))
        placeholder = self._constant(added)
        if type_of(self.values[placeholder.name]) not in SET_TAGS:
            raise ValidationException(messages.set_operand(call.operator, spot))
        return placeholder

    def _new_value(self, expression: Expression) -> Node:
        match expression:
            case Reference(path):
                return DocumentPath(path)
            case Call(operator, operands, _, is_function=True):
                if operator in FUNCTIONS or operator == "size":
                    raise ValidationException(expression_messages.not_in_update(operator))
                if operator not in UPDATE_FUNCTIONS:
                    raise ValidationException(messages.function(operator))
                return nodes.Call(operator, tuple(map(self._new_value, operands)))
            case Call(operator, operands):
                if operator.startswith("is "):
                    raise ValidationException("IS operator is not supported in update expressions")
                if operator not in ("+", "-"):
                    raise ValidationException(messages.update_operator(operator))
                return nodes.Call(operator, tuple(map(self._new_value, operands)))
            case Missing():
                raise ValidationException(messages.MISSING_COMPARED)
            case Subquery(_, spot):
                raise ValidationException(messages.token("SELECT", spot))
            case _:
                return self._constant(expression)
