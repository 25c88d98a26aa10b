"""Text to tokens. A character that begins no token becomes a token of its own, for the parser to trip over."""

import re
from enum import Enum, auto
from typing import NamedTuple


class Kind(Enum):
    """What a token is. Key words are names here: where they count, the parser looks at the text."""

    WORD = auto()
    NAME = auto()  # #name
    VALUE = auto()  # :value
    NUMBER = auto()
    SYMBOL = auto()
    END = auto()


class Token(NamedTuple):
    """A token and where it stands in the text."""

    kind: Kind
    text: str
    start: int
    end: int


_TOKEN = re.compile(
    r"""
    [ \t\r\n]*(?:
        (?P<WORD>[A-Za-z][A-Za-z0-9_]*)
      | (?P<NAME>\#[A-Za-z0-9_]+)
      | (?P<VALUE>:[A-Za-z0-9_]+)
      | (?P<NUMBER>0|[1-9][0-9]*)
      | (?P<SYMBOL><>|<=|>=|[^ \t\r\n])
    )
    """,
    re.VERBOSE | re.ASCII,
)


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, closed by one of kind END."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        assert kind is not None
        found.append(Token(Kind[kind], match[kind], match.start(kind), match.end(kind)))
    return [*found, Token(Kind.END, "<EOF>", len(text), len(text))]
