"""Equality and order of checked values.

Numbers are canonical text here, so equal numbers are equal texts.
"""

from binascii import a2b_base64
from decimal import Decimal
from typing import Any

from everwarm.dynamodb.values.types import KEY_TAGS, SET_TAGS, AttributeValue, Item, type_of


def equal(a: AttributeValue, b: AttributeValue) -> bool:
    """Same type and same value. Sets have no order, nor have the members of a map."""
    if a == b:
        return True
    tag = type_of(a)
    if tag != type_of(b):
        return False
    if tag in SET_TAGS:
        return set(a[tag]) == set(b[tag])
    if tag == "L":
        return len(a["L"]) == len(b["L"]) and all(map(equal, a["L"], b["L"]))
    if tag == "M":
        return same_item(a["M"], b["M"])
    return False


def same_item(a: Item, b: Item) -> bool:
    """The same attributes with equal values."""
    if a.keys() != b.keys():
        return False
    for name, value in a.items():
        other = b[name]
        # Most values that are equal are the same dict; what is not may still be a set in another order.
        if value != other and not equal(value, other):
            return False
    return True


def is_ordered(value: AttributeValue) -> bool:
    """Whether `<` means anything for its type: S, N and B only."""
    return type_of(value) in KEY_TAGS


def less(a: AttributeValue, b: AttributeValue) -> bool:
    """Whether `a` stands before `b`. False where the types differ or have no order."""
    tag = type_of(a)
    if tag != type_of(b) or tag not in KEY_TAGS:
        return False
    return bool(_rank(tag, a[tag]) < _rank(tag, b[tag]))


def _rank(tag: str, text: str) -> Any:
    if tag == "N":
        return Decimal(text)
    # Python compares text by code point, which is the order of its UTF-8 bytes.
    return a2b_base64(text) if tag == "B" else text
