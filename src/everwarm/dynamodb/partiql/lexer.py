"""Text to tokens."""

import re
from bisect import bisect_right
from enum import Enum, auto
from typing import NamedTuple

from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.keywords import BEGINNINGS, KEYWORDS
from everwarm.dynamodb.partiql.tree import Spot


class Kind(Enum):
    """What a token is."""

    KEYWORD = auto()
    NAME = auto()
    QUOTED = auto()  # a name in double quotes
    STRING = auto()
    NUMBER = auto()
    ION = auto()  # a literal in backticks, which DynamoDB refuses
    SYMBOL = auto()
    END = auto()


class Token(NamedTuple):
    """A token: key words in small letters, names and strings without their quotes."""

    kind: Kind
    text: str
    spot: Spot


_TOKEN = re.compile(
    r"""
      (?P<SPACE>\s+|--[^\n\r]*|/\*.*?\*/)
    | (?P<WORD>[A-Za-z_$][A-Za-z0-9_$]*)
    | (?P<NUMBER>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | '(?P<STRING>(?:[^']|'')*)'
    | "(?P<QUOTED>(?:[^"]|"")*)"
    | `(?P<ION>[^`]*)`
    | (?P<SYMBOL><<|>>|<>|!=|<=|>=|\|\||[-+*/%=<>()\[\]{},.:;?@])
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(text: str) -> list[Token]:
    """The tokens of a statement, closed by one of kind END.

    Raises:
        ValidationException: something that is no token.
    """
    starts = [0, *(match.end() for match in re.finditer(r"\n", text))]

    def spot(start: int, length: int) -> Spot:
        line = bisect_right(starts, start)
        return Spot(line, start - starts[line - 1] + 1, length)

    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            # Of two faults the first one in the text is told.
            begun = found and (found[0].text == "(" or found[0].text in BEGINNINGS)
            raise messages.malformed("Invalid character" if begun else messages.NO_STATEMENT)
        at = match.end()
        group = match.lastgroup
        assert group is not None
        part = match[group]
        here = spot(match.start(), at - match.start())
        if group == "WORD":
            word = part.lower()
            found.append(Token(Kind.KEYWORD, word, here) if word in KEYWORDS else Token(Kind.NAME, part, here))
        elif group == "STRING":
            found.append(Token(Kind.STRING, part.replace("''", "'"), here))
        elif group == "QUOTED":
            found.append(Token(Kind.QUOTED, part.replace('""', '"'), here))
        elif group == "SYMBOL":
            found.append(Token(Kind.SYMBOL, "<>" if part == "!=" else part, here))
        elif group != "SPACE":
            found.append(Token(Kind[group], part, here))
    return [*found, Token(Kind.END, "", spot(len(text), 0))]
