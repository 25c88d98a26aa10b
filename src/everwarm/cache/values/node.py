"""How values of one type are written and read: a pair of functions, put together once for each annotation.

The types that are one text, number or the like are in `scalars.py`, lists, dicts and unions in `containers.py`,
classes with fields in `models.py`, and values of which nothing is said in `plain.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from everwarm.dynamodb.values.types import TAGS, AttributeValue

Encode = Callable[[Any, int], AttributeValue]
"""A value and how many lists and maps it lies in; raises Refused."""

Decode = Callable[[AttributeValue], Any]
"""Raises KeyError, TypeError, ValueError where the attribute is none of this type."""

ANY_TAG = frozenset(TAGS)


class Rank(IntEnum):
    """Which member of a union is tried first: the one that takes the least."""

    EXACT = 0
    MODEL = 1
    TIME = 2
    FLOAT = 3
    DECIMAL = 4
    LOOSE = 5
    ANY = 6


@dataclass(frozen=True, slots=True)
class Leaf:
    """A type whose values are one member of an attribute.

    Attributes:
        read: from what the attribute has; None if that is the value already.
    """

    tag: str
    read: Callable[[Any], Any] | None

    @property
    def reader(self) -> Callable[[Any], Any]:
        """The same, and a function in any case."""
        # They give back what they are given, and cost less than a function of ours.
        return self.read or (str if self.tag == "S" else bool)


@dataclass(frozen=True, slots=True)
class Node:
    """
    Attributes:
        tags: the types that an attribute of it may have.
        name: for messages.
        leaf: how it is read without a call more, where it can be.
    """

    encode: Encode
    decode: Decode
    tags: frozenset[str]
    name: str
    rank: Rank = Rank.LOOSE
    leaf: Leaf | None = field(default=None)
