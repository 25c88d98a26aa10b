"""Binding, the way in for requests: all expressions of one request against its names and values.

One `Binder` a request, so that placeholders used in none of its expressions are found.
"""

import re

from everwarm.dynamodb.expressions import grammar, messages
from everwarm.dynamodb.expressions.bind_condition import bind_condition
from everwarm.dynamodb.expressions.bind_update import bind_paths, bind_update
from everwarm.dynamodb.expressions.condition import Condition
from everwarm.dynamodb.expressions.key_condition import KeyCondition, key_conditions
from everwarm.dynamodb.expressions.nodes import Uses
from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.expressions.scope import Scope
from everwarm.dynamodb.expressions.update import Update
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import ValidationException

_NAME_KEY = re.compile(r"#[0-9A-Za-z_]+")
_VALUE_KEY = re.compile(r":[0-9A-Za-z_]+")


class Binder:
    """Binds the expressions of one request.

    Args:
        names: `ExpressionAttributeNames`; None where the request has none.
        values: `ExpressionAttributeValues`, checked and canonical; None where the request has none.

    Every method raises `ValidationException` with AWS's text for what is wrong in the request.
    """

    __slots__ = ("_names", "_started", "_unused_names", "_unused_values", "_values")

    def __init__(self, names: dict[str, str] | None, values: dict[str, AttributeValue] | None) -> None:
        self._names = names
        self._values = values
        self._unused_names = dict.fromkeys(names or ())
        self._unused_values = dict.fromkeys(values or ())
        self._started = False

    def condition(self, text: str, parameter: str = "ConditionExpression") -> Condition:
        """A condition, or with `parameter="FilterExpression"` a filter."""
        self._start()
        parsed = grammar.condition(text, parameter)
        return bind_condition(parsed.root, self._scope(parameter, parsed.uses))

    def update(self, text: str) -> Update:
        """An update expression."""
        self._start()
        parsed = grammar.update(text)
        return bind_update(parsed, self._scope("UpdateExpression", parsed.uses))

    def projection(self, text: str) -> tuple[Path, ...]:
        """A projection expression: the paths that it names, in its order."""
        self._start()
        parsed = grammar.projection(text)
        return tuple(bind_paths(list(parsed.paths), self._scope("ProjectionExpression", parsed.uses)))

    def key_condition(self, text: str) -> tuple[KeyCondition, ...]:
        """A key condition expression: a condition for each key attribute, at most two."""
        self._start()
        parsed = grammar.key_condition(text)
        scope = self._scope("KeyConditionExpression", parsed.uses)
        bind_condition(parsed.root, scope)  # for its checks of the operands
        return key_conditions(parsed.root, scope)

    def finish(self, *absent: str) -> None:
        """Close the request: names or values that no expression used are refused.

        Args:
            absent: the parameters that could have used values but are not in the request, for the message when there
                is no expression at all: `"UpdateExpression", "ConditionExpression"`, say.
        """
        if not self._started:
            self._refuse_without_expressions(absent)
        if self._unused_names:
            raise _unused("ExpressionAttributeNames", self._unused_names)
        if self._unused_values:
            raise _unused("ExpressionAttributeValues", self._unused_values)

    def _refuse_without_expressions(self, absent: tuple[str, ...]) -> None:
        if self._names is not None:
            raise ValidationException("ExpressionAttributeNames can only be specified when using expressions")
        if self._values is not None:
            problem = "ExpressionAttributeValues can only be specified when using expressions"
            if absent:
                problem += f": {' and '.join(absent)} {'is' if len(absent) == 1 else 'are'} null"
            raise ValidationException(problem)

    def _start(self) -> None:
        """Check the placeholders' own form, before the first expression."""
        if not self._started:
            self._started = True
            if self._names is not None:
                _check_keys("ExpressionAttributeNames", self._names, _NAME_KEY)
            if self._values is not None:
                _check_keys("ExpressionAttributeValues", self._values, _VALUE_KEY)

    def _scope(self, parameter: str, uses: Uses) -> Scope:
        names, values = self._names or {}, self._values or {}
        for name in uses.names:
            if name not in names:
                raise messages.invalid(parameter, messages.undefined_name(name))
            self._unused_names.pop(name, None)
        for value in uses.values:
            if value not in values:
                raise messages.invalid(parameter, messages.undefined_value(value))
            self._unused_values.pop(value, None)
        return Scope(parameter, names, values)


def _check_keys(parameter: str, keys: dict[str, str] | dict[str, AttributeValue], form: re.Pattern[str]) -> None:
    if not keys:
        raise ValidationException(f"{parameter} must not be empty")
    for key in keys:
        if not form.fullmatch(key):
            raise ValidationException(f'{parameter} contains invalid key: Syntax error; key: "{key}"')


def _unused(parameter: str, keys: dict[str, None]) -> ValidationException:
    return ValidationException(f"Value provided in {parameter} unused in expressions: keys: {{{', '.join(keys)}}}")
