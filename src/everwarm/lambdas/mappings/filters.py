"""Which records a mapping lets through: filter patterns, compiled once, asked for every record. Pure.

A pattern is an object of the record's shape whose leaves are lists of what is allowed there. Within a list one has to
hold, all keys have to, and of several patterns one; of a repeated key the last counts. A record is looked at as
Lambda's event shows it.

Not here: what may stand in a list (`filter_rules.py`).

Source: "Control which events Lambda sends to your function" and "Using event filtering with a DynamoDB event source"
in the Lambda developer guide.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from everwarm.errors import InvalidFilter
from everwarm.lambdas.mappings.filter_rules import RULES, Number, Test, Unfit, any_of, leaf_test
from everwarm.stream_record import StreamRecord

MAX_FILTERS = 10
"""AWS allows 5 filters for a mapping, and 10 on request; nobody has to ask here."""

MAX_PATTERN_CHARACTERS = 4096

# An item's values nest up to 32 levels, each with a key for its type; what lies deeper than that is in no record.
_MAX_DEPTH = 100

_Path = tuple[str, ...]
_Matcher = Callable[[Any, Any], bool]
"""Asks what lies at its path, at the top the record itself, and the whole record."""

_ABSENT: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one mapping. Without any, everything is let through."""

    _matchers: tuple[_Matcher, ...] = ()

    def match(self, record: StreamRecord) -> bool:
        """Whether the function gets this record."""
        if not self._matchers:
            return True
        for matches in self._matchers:  # noqa: SIM110 - a generator would cost more than what it asks
            if matches(record, record):
                return True
        return False


def parse(patterns: Sequence[str]) -> Filters:
    """Compile the patterns of `FilterCriteria`.

    Args:
        patterns: JSON texts.

    Raises:
        InvalidFilter: one is no pattern, or too long, or there are too many. It is a MappingError with AWS's message.
    """
    if len(patterns) > MAX_FILTERS:
        raise InvalidFilter(f"a mapping has {MAX_FILTERS} filters at the most, and here are {len(patterns)}")
    return Filters(tuple(_parse_one(pattern) for pattern in patterns))


def _parse_one(text: str) -> _Matcher:
    try:
        if len(text) > MAX_PATTERN_CHARACTERS:
            raise Unfit(f"it has {len(text):,} characters, and {MAX_PATTERN_CHARACTERS:,} are the most")
        try:
            pattern = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise Unfit(f"it is no JSON: {error}") from error
        return _object(pattern, (), 0)
    except Unfit as problem:
        raise InvalidFilter(str(problem), text) from problem


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _object(pattern: Any, path: _Path, depth: int) -> _Matcher:
    """The matcher of an object in the pattern: all its keys have to match.

    Args:
        path: where it is looked for in a record.
        depth: how many objects it stands in, those of `$or` included.

    Raises:
        Unfit: it is not of the grammar.
    """
    if not isinstance(pattern, dict):
        raise Unfit(f"{_at(path)} has to be an object{' or a list' if path else ''}")
    if not pattern:
        raise Unfit(f"the object at {_at(path)} is empty" if path else "it is empty")
    if depth > _MAX_DEPTH:
        raise Unfit("it is too deep: there is no such record")
    parts = tuple(_member(key, inner, path, depth + 1) for key, inner in pattern.items())
    return parts[0] if len(parts) == 1 else _all(parts)


def _member(key: str, inner: Any, path: _Path, depth: int) -> _Matcher:
    if key == "$or" and _is_alternatives(inner):
        return _any(tuple(_object(one, path, depth) for one in inner))
    deeper = (*path, key)
    if isinstance(inner, list):
        return _leaf(key, inner, deeper)
    return _nested(key, _object(inner, deeper, depth))


def _is_alternatives(inner: Any) -> bool:
    """Whether this is what `$or` stands before. If not, it is a key as any other, as EventBridge has it."""
    return (
        isinstance(inner, list)
        and len(inner) > 1
        and all(isinstance(one, dict) and one and not RULES & one.keys() for one in inner)
    )


def _all(parts: tuple[_Matcher, ...]) -> _Matcher:
    def match(value: Any, root: Any) -> bool:
        for part in parts:  # noqa: SIM110 - a generator would cost more than what it asks
            if not part(value, root):
                return False
        return True

    return match


def _any(parts: tuple[_Matcher, ...]) -> _Matcher:
    def match(value: Any, root: Any) -> bool:
        for part in parts:  # noqa: SIM110 - as above
            if part(value, root):
                return True
        return False

    return match


def _nested(key: str, inner: _Matcher) -> _Matcher:
    def match(value: Any, root: Any) -> bool:
        found = value.get(key, _ABSENT)
        return inner(found, root) if type(found) is dict else _within(found, root)

    def _within(found: Any, root: Any) -> bool:
        """Of a list, one element has to match by itself. What is a leaf has nothing within."""
        if isinstance(found, list) and found:
            return any(inner(one, root) if type(one) is dict else _within(one, root) for one in found)
        return inner(_ABSENT, root)

    return match


def _leaf(key: str, rules: list[Any], path: _Path) -> _Matcher:
    """The matcher of a list: what lies there is a leaf, and one of these holds for it."""
    if not rules:
        raise Unfit(f"the list at {_at(path)} is empty")
    missing = {"exists": False} in [rule for rule in rules if isinstance(rule, dict)]
    plain = [rule for rule in rules if not isinstance(rule, dict | list)]
    tests = [leaf_test(rule) for rule in rules if isinstance(rule, dict | list) and rule != {"exists": False}]
    if plain:
        tests.insert(0, any_of(plain))
    test = tests[0] if len(tests) == 1 else _one_of(tuple(tests))

    def match(value: Any, root: Any) -> bool:
        found = value.get(key, _ABSENT)
        if type(found) is str:
            return test(found)
        return any(test(leaf) for leaf in _leaves(found))

    def match_or_missing(value: Any, root: Any) -> bool:
        return match(value, root) or not _has_leaf(root.whole, path)

    return match_or_missing if missing else match


def _one_of(tests: tuple[Test, ...]) -> Test:
    return lambda leaf: any(test(leaf) for test in tests)


def _leaves(found: Any) -> list[Any]:
    """What counts as a leaf at a place: a value, or those in a list. An object is none."""
    if isinstance(found, list):
        return [leaf for one in found for leaf in _leaves(one)]
    return [] if isinstance(found, dict) else [found]


def _has_leaf(value: Any, path: _Path) -> bool:
    if isinstance(value, list):
        return any(_has_leaf(one, path) for one in value)
    if not path:
        return not isinstance(value, dict)
    return isinstance(value, dict) and path[0] in value and _has_leaf(value[path[0]], path[1:])


def _at(path: _Path) -> str:
    return ".".join(path) or "a pattern"
