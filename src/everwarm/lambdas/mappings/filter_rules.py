"""What may stand in the list at the end of a filter pattern: values, and rules such as `{"prefix": "a"}`. Pure.

Each becomes a test of one leaf of a record. Not here: keys, arrays and `$or`, which lead to the leaves (`filters.py`).

Source: "Filter rule syntax" in the Lambda developer guide, and, for what that leaves open, "Comparison operators" in
EventBridge's user guide, whose grammar it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt
from typing import Any

Leaf = str | int | float | bool | None
Test = Callable[[Any], bool]

# "Numeric matching works only with values between -5.0e9 and +5.0e9 inclusive."
NUMERIC_LIMIT = 5e9

_LOWER = {">": gt, ">=": ge}
_UPPER = {"<": lt, "<=": le}


class Unfit(Exception):
    """A pattern that is none; its text says why, for a person."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written: 300, 300.0 and 3e2 are three."""

    text: str


def number(value: int | float) -> Number:
    """A record's number, written as the event has it."""
    return Number(repr(value))


def leaf_test(rule: Any) -> Test:
    """The test that a rule other than `exists: false` stands for.

    Args:
        rule: parsed JSON, its numbers as `Number`.

    Raises:
        Unfit: it is no rule.
    """
    match rule:
        case dict():
            kind, wanted = _only_member(rule)
            if kind not in _RULES:
                raise Unfit(f"there is no rule {kind!r}; there are {', '.join(sorted(_RULES))}")
            return _RULES[kind](wanted)
        case list():
            raise Unfit("a list stands in a list")
        case _:
            return any_of([rule])


def any_of(values: list[Any]) -> Test:
    """Whether a leaf is one of these. All strings, as nearly always, need no more than a look into a set."""
    strings = frozenset(value for value in values if isinstance(value, str))
    if len(strings) == len(set(values)):
        return strings.__contains__
    others = frozenset(value for value in values if not isinstance(value, str))

    def equal(leaf: Leaf) -> bool:
        return leaf in strings if isinstance(leaf, str) else _comparable(leaf) in others

    return equal


def _comparable(leaf: Leaf) -> Any:
    return number(leaf) if isinstance(leaf, int | float) and not isinstance(leaf, bool) else leaf


def _prefix(wanted: Any) -> Test:
    if isinstance(wanted, dict):
        start = _ignoring_case(wanted, "prefix").lower()
        return lambda leaf: isinstance(leaf, str) and leaf.lower().startswith(start)
    start = _string(wanted, "prefix")
    return lambda leaf: isinstance(leaf, str) and leaf.startswith(start)


def _suffix(wanted: Any) -> Test:
    if isinstance(wanted, dict):
        end = _ignoring_case(wanted, "suffix").lower()
        return lambda leaf: isinstance(leaf, str) and leaf.lower().endswith(end)
    end = _string(wanted, "suffix")
    return lambda leaf: isinstance(leaf, str) and leaf.endswith(end)


def _equals_ignore_case(wanted: Any) -> Test:
    text = _string(wanted, "equals-ignore-case").lower()
    return lambda leaf: isinstance(leaf, str) and leaf.lower() == text


def _exists(wanted: Any) -> Test:
    # `false` never gets here: what it asks about is no leaf.
    if wanted is not True:
        raise Unfit("exists takes true or false")
    return lambda leaf: True


def _numeric(wanted: Any) -> Test:
    bounds = _bounds(wanted)

    def within(leaf: Leaf) -> bool:
        if isinstance(leaf, bool) or not isinstance(leaf, int | float):
            return False
        return all(holds(leaf, bound) for holds, bound in bounds)

    return within


def _bounds(wanted: Any) -> list[tuple[Callable[[Any, Any], bool], float]]:
    """From `["=", 1]`, or a lower bound, an upper one, or both in this order."""
    if not isinstance(wanted, list) or len(wanted) not in (2, 4):
        raise Unfit('numeric takes an operator and a number, as in ["=", 5], or two of each, as in [">", 0, "<=", 5]')
    operators, bounds = wanted[::2], [_bound(one) for one in wanted[1::2]]
    known = {"=": eq, **_LOWER, **_UPPER}
    if unknown := [one for one in operators if not isinstance(one, str) or one not in known]:
        raise Unfit(f"numeric has no operator {unknown[0]!r}; it has {', '.join(known)}")
    if len(operators) == 2:
        if operators[0] not in _LOWER or operators[1] not in _UPPER:
            raise Unfit('the range of a numeric begins with ">" or ">=" and ends with "<" or "<="')
        if bounds[0] >= bounds[1]:
            raise Unfit("the range of a numeric has to begin below its end")
    return [(known[one], bound) for one, bound in zip(operators, bounds, strict=True)]


def _bound(value: Any) -> float:
    if not isinstance(value, Number):
        raise Unfit(f"numeric compares with numbers, not with {value!r}")
    bound = float(value.text)
    if abs(bound) > NUMERIC_LIMIT:
        raise Unfit("numeric compares with numbers from -5e9 to 5e9")
    return bound


def _anything_but(wanted: Any) -> Test:
    if isinstance(wanted, dict):
        kind, texts = _only_member(wanted)
        if kind not in ("prefix", "suffix", "equals-ignore-case"):
            raise Unfit(f"anything-but takes no {kind!r}; it takes prefix, suffix and equals-ignore-case")
        texts = texts if isinstance(texts, list) else [texts]
        if not texts or "" in texts:
            raise Unfit(f"anything-but's {kind} is empty")
        tests = [_RULES[kind](_string(text, kind)) for text in texts]
        return lambda leaf: not any(test(leaf) for test in tests)
    values = wanted if isinstance(wanted, list) else [wanted]
    if not values or len({type(value) for value in values}) > 1 or not isinstance(values[0], str | Number):
        raise Unfit("anything-but takes strings or numbers, at least one, and not both")
    test = any_of(values)
    return lambda leaf: not test(leaf)


def _ignoring_case(wanted: dict[str, Any], rule: str) -> str:
    kind, text = _only_member(wanted)
    if kind != "equals-ignore-case":
        raise Unfit(f"{rule} takes a string, or equals-ignore-case with one")
    return _string(text, kind)


def _string(wanted: Any, rule: str) -> str:
    if not isinstance(wanted, str):
        raise Unfit(f"{rule} takes a string")
    return wanted


def _only_member(rule: dict[str, Any]) -> tuple[str, Any]:
    if len(rule) != 1:
        raise Unfit(f"a rule has one key, not {len(rule)}")
    return next(iter(rule.items()))


_RULES: dict[str, Callable[[Any], Test]] = {
    "anything-but": _anything_but,
    "equals-ignore-case": _equals_ignore_case,
    "exists": _exists,
    "numeric": _numeric,
    "prefix": _prefix,
    "suffix": _suffix,
}

RULES = frozenset(_RULES)
