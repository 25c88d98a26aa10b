"""The syntax of `${source(parameter):address, fallback}`: text into parts, and nothing else.

What is not a variable of the framework stays text, so that `${AWS::Region}`, `${Table}` and `${Table.Arn}` reach
Fn::Sub as they are. `\\${...}` is the text `${...}`.

Source: "Variables", Serverless Framework documentation, and `lib/configuration/variables/parse.js` for the corners.
Not here: what a variable stands for (`variables.py`).
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from everwarm.serverless.nodes import Scalar

_START = re.compile(r"\$\{(?=[a-z][A-Za-z0-9.]*(?:\(|:(?!:)))")
_WORD = re.compile(r"[A-Za-z0-9.+_-]*")
_QUOTED = re.compile(r"'([^']*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_LITERALS: dict[str, Scalar] = {"true": True, "false": False, "null": None}

MOST_NESTED = 20


@dataclass(frozen=True, slots=True)
class Literal:
    """A fallback that is the value itself."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Call:
    """`source(parameters):address`; address is None where there is none."""

    source: str
    parameters: tuple["Parts", ...]
    address: "Parts | None"


@dataclass(frozen=True, slots=True)
class Variable:
    """`${...}`: what to ask, in this order. `text` is how it is written."""

    sources: tuple["Call | Literal | Variable", ...]
    text: str


Parts: TypeAlias = tuple[str | Variable, ...]


class VariableSyntaxError(ValueError):
    """A variable that is not written as one."""


def parse(text: str) -> Parts:
    """The pieces of a text: what stays as it is, and variables.

    Raises:
        VariableSyntaxError: a variable without its end, a fallback that is neither quoted nor a source.
    """
    return _Reader(text).parts(until="", nested=0)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def parts(self, until: str, nested: int) -> Parts:
        """Everything up to one of the characters `until`, which is left for the caller."""
        parts: list[str | Variable] = []
        plain = ""
        while self.at < len(self.text) and self.text[self.at] not in until:
            if not nested and self.text.startswith("\\${", self.at):
                plain += "${"
                self.at += 3
            elif _START.match(self.text, self.at):
                if plain:
                    parts.append(plain)
                plain = ""
                parts.append(self.variable(nested + 1))
            elif nested and self.text.startswith("${", self.at):
                raise VariableSyntaxError(f"{self.text[self.at :]!r} inside a variable is not a variable itself")
            else:
                plain += self.text[self.at]
                self.at += 1
        return (*parts, plain) if plain else tuple(parts)

    def variable(self, nested: int) -> Variable:
        if nested > MOST_NESTED:
            raise VariableSyntaxError(f"variables are nested more than {MOST_NESTED} deep")
        start = self.at
        self.at += 2
        sources = [self.source(nested)]
        while self.take(","):
            sources.append(self.source(nested))
        if not self.take("}"):
            raise VariableSyntaxError(f"the variable {self.text[start : self.at]!r} has no }} where it should end")
        return Variable(tuple(sources), self.text[start : self.at])

    def source(self, nested: int) -> "Call | Literal | Variable":
        self.skip_spaces()
        if (quoted := self.quoted()) is not None:
            return Literal(quoted)
        if _START.match(self.text, self.at):
            return self.variable(nested + 1)
        word = self.match(_WORD)
        if self.at < len(self.text) and self.text[self.at] in ":(" and word:
            return self.call(word, nested)
        if word in _LITERALS:
            return Literal(_LITERALS[word])
        if _NUMBER.fullmatch(word) and len(word) < 20:
            return Literal(int(word) if word.lstrip("+-").isdecimal() else float(word))
        raise VariableSyntaxError(f"{word!r} is neither a source nor a literal; text has to stand in quotes: '{word}'")

    def call(self, source: str, nested: int) -> Call:
        parameters: list[Parts] = []
        if self.take("("):
            parameters.append(self.argument(",)", nested))
            while self.take(","):
                parameters.append(self.argument(",)", nested))
            if not self.take(")"):
                raise VariableSyntaxError(f"{source}( has no ) where it should end")
        address = self.argument(",}", nested) if self.take(":") else None
        return Call(source, tuple(parameters), address)

    def argument(self, until: str, nested: int) -> Parts:
        self.skip_spaces()
        if (quoted := self.quoted()) is not None:
            self.skip_spaces()
            return (quoted,)
        parts = self.parts(until, nested)
        if parts and isinstance(parts[-1], str):
            parts = (*parts[:-1], parts[-1].rstrip())
        return parts

    def quoted(self) -> str | None:
        found = _QUOTED.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        single, double = found.groups()
        return single if single is not None else re.sub(r"\\(.)", r"\1", double, flags=re.DOTALL)

    def take(self, char: str) -> bool:
        self.skip_spaces()
        taken = self.text.startswith(char, self.at)
        self.at += taken
        return taken

    def match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        assert found is not None
        self.at = found.end()
        return found.group()

    def skip_spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
