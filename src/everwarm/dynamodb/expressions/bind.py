"""Binding, the way in for requests: all expressions of one request against its names and values.

One `Binder` a request, so that placeholders used in none of its expressions are found.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any

import orjson

from everwarm.dynamodb.expressions import grammar
from everwarm.dynamodb.expressions.bind_condition import bind_condition
from everwarm.dynamodb.expressions.bind_update import bind_paths, bind_update
from everwarm.dynamodb.expressions.condition import Condition
from everwarm.dynamodb.expressions.key_condition import KeyCondition, key_conditions
from everwarm.dynamodb.expressions.nodes import Uses
from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.expressions.scope import Scope
from everwarm.dynamodb.expressions.update import Update
from everwarm.dynamodb.values.check import ALONE, normal_value
from everwarm.dynamodb.values.sizes import item_size
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import PlainValidationException, ValidationException

# Source of both: "Expression parameters" in the developer guide's constraints.
MAX_KEY_LENGTH = 255
MAX_BYTES = 2 * 1024 * 1024

_NAME_KEY = re.compile(r"#[0-9A-Za-z_]+")
_VALUE_KEY = re.compile(r":[0-9A-Za-z_]+")


class Binder:
    """Binds the expressions of one request.

    Args:
        names: `ExpressionAttributeNames` as the request has it; None where it has none.
        values: `ExpressionAttributeValues`, likewise.
        values_bare: whether a complaint about a set or a NULL among them does not say that it is one of them.

    Attributes:
        inner_paths: of what was bound, the paths that lead into an attribute.

    The constructor and every method raise `ValidationException` with AWS's text for what is wrong in the request.
    """

    __slots__ = ("_names", "_unused_names", "_unused_values", "_values", "inner_paths")

    def __init__(
        self, names: dict[str, str] | None, values: dict[str, Any] | None, *, values_bare: bool = False
    ) -> None:
        self._names = {} if names is None else _checked_names(names)
        self._values = {} if values is None else _checked_values(values, values_bare)
        self._unused_names = dict.fromkeys(self._names)
        self._unused_values = dict.fromkeys(self._values)
        self.inner_paths: list[Path] = []

    def condition(self, text: str, parameter: str = "ConditionExpression") -> Condition:
        """A condition, or with `parameter="FilterExpression"` a filter."""
        parsed = grammar.condition(text, parameter)
        return bind_condition(parsed.root, self._scope(parameter, parsed.uses))

    def update(self, text: str) -> Update:
        """An update expression."""
        parsed = grammar.update(text)
        return bind_update(parsed, self._scope("UpdateExpression", parsed.uses))

    def projection(self, text: str) -> tuple[Path, ...]:
        """A projection expression: the paths that it names, in its order."""
        parsed = grammar.projection(text)
        return tuple(bind_paths(list(parsed.paths), self._scope("ProjectionExpression", parsed.uses)))

    def key_condition(self, text: str) -> Callable[[], tuple[KeyCondition, ...]]:
        """A key condition expression: a function that gives a condition for each key attribute.

        It raises if a key does not take one of them; AWS looks at that last.
        """
        parsed = grammar.key_condition(text)
        scope = self._scope("KeyConditionExpression", parsed.uses)
        bind_condition(parsed.root, scope)  # for its checks of the operands
        return partial(key_conditions, parsed.root, scope)

    def finish(self) -> None:
        """Close the request: names or values that no expression used are refused."""
        if self._unused_names:
            raise _unused("ExpressionAttributeNames", self._unused_names)
        if self._unused_values:
            raise _unused("ExpressionAttributeValues", self._unused_values)

    def _scope(self, parameter: str, uses: Uses) -> Scope:
        sound = not uses.too_deep
        for name in uses.names:
            if name in self._names:
                self._unused_names.pop(name, None)
            else:
                sound = False
        for value in uses.values:
            if value in self._values:
                self._unused_values.pop(value, None)
            else:
                sound = False
        scope = Scope(parameter, self._names, self._values, sound)
        if uses.inner_paths and sound:
            self.inner_paths += map(scope.path, uses.inner_paths)
        return scope


def _checked_names(names: dict[str, str]) -> dict[str, str]:
    _check_keys("ExpressionAttributeNames", names, _NAME_KEY)
    for key, name in names.items():
        if not name:
            raise _invalid_value("ExpressionAttributeNames", "Empty attribute name", key)
    if sum(map(len, names.values())) > MAX_BYTES:
        raise ValidationException("ExpressionAttributeNames exceeds max size")
    return names


def _checked_values(values: dict[str, Any], bare: bool) -> dict[str, AttributeValue]:
    _check_keys("ExpressionAttributeValues", values, _VALUE_KEY)
    checked: dict[str, AttributeValue] = {}
    key = ""
    try:
        for key, value in values.items():
            checked[key] = normal_value(value, ALONE)
    except ValidationException as err:
        if bare and not isinstance(err, PlainValidationException):
            raise
        raise _invalid_value("ExpressionAttributeValues", err.message, key, type(err)) from None
    # Their JSON is longer than what AWS counts, so short ones need no counting.
    if len(orjson.dumps(checked)) > MAX_BYTES and item_size(checked) > MAX_BYTES:
        raise ValidationException("ExpressionAttributeValues exceeds max size")
    return checked


def _invalid_value(
    parameter: str, problem: str, key: str, kind: type[ValidationException] = ValidationException
) -> ValidationException:
    return kind(f"{parameter} contains invalid value: {problem} for key {key}")


def _check_keys(parameter: str, keys: Iterable[str], form: re.Pattern[str]) -> None:
    if not keys:
        raise ValidationException(f"{parameter} must not be empty")
    for key in keys:
        if _is_right(key, form):
            continue
        if not form.fullmatch(key):
            raise ValidationException(f'{parameter} contains invalid key: Syntax error; key: "{key}"')
        told = f" size of key: {len(key)}" if parameter == "ExpressionAttributeNames" else ""
        raise ValidationException(
            f"{parameter} contains invalid key: The expression attribute map contains a key that is too long;{told}"
        )


@lru_cache(maxsize=4096)
def _is_right(key: str, form: re.Pattern[str]) -> bool:
    """Whether a placeholder is well formed. A program has the same few in all of its requests."""
    return form.fullmatch(key) is not None and len(key) <= MAX_KEY_LENGTH


def _unused(parameter: str, keys: dict[str, None]) -> ValidationException:
    return ValidationException(f"Value provided in {parameter} unused in expressions: keys: {{{', '.join(keys)}}}")
