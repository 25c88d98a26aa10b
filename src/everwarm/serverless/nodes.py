"""A value of a project file and where it stands: what every part of this folder reads.

Each value carries its own place, so that it is still known after variables have moved a value from one file into
another, and an error can point at the line that has to change.

Not here: the YAML (`yaml_file.py`), `${variables}` (`variables.py`), CloudFormation's functions (`intrinsics.py`).
"""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from everwarm.errors import ProjectError

_DIGITS = re.compile(r"-?[0-9]{1,18}")
_EXACT = 2**53
"""Up to here each whole number is one of JavaScript's."""

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = "Scalar | list[Node] | dict[str, Node]"


@dataclass(frozen=True, slots=True)
class Place:
    """A file, and a line and column in it, both from 1."""

    path: str
    line: int
    column: int

    def error(self, problem: str) -> ProjectError:
        """The error to raise for what is wrong here."""
        return ProjectError(problem, self.path, self.line, self.column)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in the file to be told of, mostly that it is not run here. `code` is a rule's of `check`."""

    text: str
    line: int
    column: int
    path: str
    code: str = "not-run-here"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.text}"


@dataclass(frozen=True, slots=True)
class Node:
    """A value, where it stands, and where its key stands (the value's own place where it has no key).

    The readers (`mapping`, `text`, ...) take a name for the value, `timeout of function main` say, and raise
    ProjectError where the value is of another type. They convert as the framework and CloudFormation do: a number
    is good as text, and text of digits as a number.
    """

    value: Value
    place: Place
    key_place: Place

    @classmethod
    def of(cls, plain: Any, place: Place) -> "Node":
        """An ordinary Python value as nodes, all standing at one place."""
        if isinstance(plain, dict):
            plain = {str(key): cls.of(value, place) for key, value in plain.items()}
        elif isinstance(plain, list):
            plain = [cls.of(value, place) for value in plain]
        return cls(plain, place, place)

    @property
    def kind(self) -> str:
        """The type of the value, in words for a person."""
        match self.value:
            case None:
                return "nothing"
            case bool():
                return str(self.value).lower()
            case str():
                return f"the text {self.value!r}"
            case int() | float():
                return f"the number {number_text(self.value)}"
            case list():
                return "a list"
            case _:
                return "a map"

    def error(self, problem: str) -> ProjectError:
        """The error to raise where the value is wrong."""
        return self.place.error(problem)

    def key_error(self, problem: str) -> ProjectError:
        """The error to raise where the key should not be there, or its value lacks something."""
        return self.key_place.error(problem)

    def notice(self, text: str, code: str = "not-run-here") -> Notice:
        """A notice that points at the key."""
        return Notice(text, self.key_place.line, self.key_place.column, self.key_place.path, code)

    def get(self, key: str) -> "Node | None":
        """The value of a map's key; None where it is absent or null, or this is no map."""
        if not isinstance(self.value, dict):
            return None
        found = self.value.get(key)
        return None if found is None or found.value is None else found

    def mapping(self, name: str) -> "dict[str, Node]":
        """The value as a map; nothing is an empty one."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self.error(f"{name} has to be a map, not {self.kind}")
        return self.value

    def sequence(self, name: str) -> "list[Node]":
        """The value as a list; nothing is an empty one."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise self.error(f"{name} has to be a list, not {self.kind}")
        return self.value

    def text(self, name: str) -> str:
        """The value as text: `1` for the number 1, `true` for true."""
        match self.value:
            case bool():
                return str(self.value).lower()
            case str():
                return self.value
            case int() | float():
                return number_text(self.value)
        raise self.error(f"{name} has to be text, not {self.kind}")

    def whole_number(self, name: str, low: int | None = None, high: int | None = None) -> int:
        """The value as a whole number, from `low` on, up to `high`, where these are given."""
        value = self.value
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise self.error(f"{name} has to be a whole number, not {self.kind}")
        number = int(value)
        if (low is not None and number < low) or (high is not None and number > high):
            bounds = f"{low} or more" if high is None else f"from {low} to {high:,}"
            raise self.error(f"{name} is {number}; it has to be {bounds}")
        return number

    def flag(self, name: str) -> bool:
        """The value as true or false."""
        match self.value:
            case bool():
                return self.value
            case "true" | "false":
                return self.value == "true"
        raise self.error(f"{name} has to be true or false, not {self.kind}")


def number_text(number: float) -> str:
    """A number as JavaScript, hence the framework, writes it: `1` for 1.0, `1e-7`, 2**53 + 1 as 2**53."""
    if isinstance(number, int) and abs(number) <= _EXACT:
        return str(number)
    try:
        number = float(number)
    except OverflowError:
        number = math.inf if number > 0 else -math.inf
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    # Both write the shortest digits that are this number and no other; they differ in where they begin an exponent.
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text, point = "".join(map(str, digits)), len(digits) + exponent
    if 0 < point <= 21:
        text = text.ljust(point, "0") if exponent >= 0 else f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{text}"
    else:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        text = f"{text[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"-{text}" if sign else text
