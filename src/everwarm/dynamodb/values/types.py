"""The names of the types, in this process and in AWS's messages."""

from typing import Any

AttributeValue = dict[str, Any]
"""One value in wire form: a dict with one member, the type's tag."""

Item = dict[str, AttributeValue]
"""Attribute names and their values."""

TAGS = ("S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS")
KEY_TAGS = ("S", "N", "B")
SET_TAGS = ("SS", "NS", "BS")


def type_of(value: AttributeValue) -> str:
    """The tag of a checked value: `S`, `N`, `B`, ..."""
    return next(iter(value))
