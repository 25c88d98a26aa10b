"""Values of which no annotation says anything: what DynamoDB's types alone can tell apart.

What is stored comes back equal, or it is refused: a tuple would come back as a list, a datetime as text. For the
numbers there are two ways to be read, and the item says which: a value with Decimals in it (`encoding="decimal"`) has
a Decimal wherever another has a float. A value with both has no form.
"""

import dataclasses
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Set
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from everwarm.cache.values.node import ANY_TAG, Encode, Node, Rank
from everwarm.cache.values.numerals import (
    Number,
    decimal_text,
    exact_number,
    float_text,
    int_text,
    lossless_number,
    number,
)
from everwarm.cache.values.refusal import Refused, a, kind, refuse_deep
from everwarm.dynamodb.values.check import MAX_NAME_BYTES
from everwarm.dynamodb.values.types import AttributeValue

STORABLE = "return text, numbers, bytes, lists, dicts with text keys, or a dataclass of such"


class DecimalsMet(Exception):
    """A Decimal where floats were expected: the value is to be written in the other way."""


def text(value: str) -> str:
    """
    Raises:
        Refused: it has half a surrogate pair, which no UTF-8 has.
    """
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Refused("text with half a surrogate pair, which UTF-8 cannot say") from None
    return value if value.__class__ is str else str.__str__(value)


def base64(value: Any) -> str:
    """Bytes as the wire has them."""
    return b2a_base64(value, newline=False).decode()


def key_text(key: Any) -> str:
    """The key of a map.

    Raises:
        Refused: DynamoDB cannot have it.
    """
    if not isinstance(key, str):
        raise Refused(
            f"a dict with {a(kind(key))} for a key; DynamoDB's are text: return str(key), "
            f"or say so in the function's return annotation: -> dict[{kind(key)}, ...]"
        )
    if not key:
        raise Refused("a dict with an empty key, which DynamoDB cannot have")
    if len(key) > MAX_NAME_BYTES // 4 and len(key.encode()) > MAX_NAME_BYTES:
        raise Refused(f"a dict with a key of more than {MAX_NAME_BYTES:,} bytes")
    return text(key)


def _null(value: None, depth: int) -> AttributeValue:
    return {"NULL": True}


def _bool(value: bool, depth: int) -> AttributeValue:
    return {"BOOL": value}


def _str(value: str, depth: int) -> AttributeValue:
    return {"S": text(value)}


def _int(value: int, depth: int) -> AttributeValue:
    return {"N": int_text(value)}


def _float(value: float, depth: int) -> AttributeValue:
    return {"N": float_text(value)}


def _bytes(value: Any, depth: int) -> AttributeValue:
    return {"B": base64(value)}


def _decimal(value: Decimal, depth: int) -> AttributeValue:
    return {"N": decimal_text(value)}


# A whole number is an int either way, and equal.
def _decimal_among_floats(value: Decimal, depth: int) -> AttributeValue:
    written = decimal_text(value)
    if not isinstance(number(written), int):
        raise DecimalsMet
    return {"N": written}


def _float_among_decimals(value: float, depth: int) -> AttributeValue:
    written = float_text(value)
    if not isinstance(exact_number(written), int):
        raise Refused(
            "a float beside Decimals: nobody could tell them apart when they are read; make them all Decimals or all "
            "floats, or say which is which in the function's return annotation"
        )
    return {"N": written}


def set_of(members: list[AttributeValue]) -> AttributeValue | None:
    """The set of some attributes; None if they make none of DynamoDB's."""
    tags = {tag for member in members for tag in member}
    if len(tags) != 1 or not tags <= {"S", "N", "B"}:
        return None
    [tag] = tags
    # In an order, so that the same set is the same item.
    written = sorted({member[tag] for member in members})
    return {f"{tag}S": written} if len(written) == len(members) else None


def _refused(value: Any) -> Refused:
    name = kind(value)
    said = "say so in the function's return annotation"
    if isinstance(value, tuple):
        fields = getattr(value, "_fields", None)
        return Refused(
            f"{a(name)} would come back as a list; return a list, or {said}: -> {name if fields else 'tuple[...]'}"
        )
    if isinstance(value, (date, time, timedelta)):
        inner = "its total_seconds()" if isinstance(value, timedelta) else "its isoformat()"
        return Refused(f"{a(name)} would not come back as one; {said}: -> {name}, or return {inner}")
    if isinstance(value, UUID | Enum):
        return Refused(f"{a(name)} would not come back as one; {said}: -> {name}")
    if (dataclasses.is_dataclass(value) and not isinstance(value, type)) or hasattr(type(value), "model_fields"):
        return Refused(f"{a(name)} would come back as a dict; {said}: -> {name}")
    return Refused(f"{name} is no type that DynamoDB can hold; {STORABLE}")


def _plain(read_number: Number, *, decimals: bool) -> Node:
    """How values are written and read of which nothing is said.

    Args:
        decimals: whether numbers that are not whole are Decimals, and not floats.
    """
    float_ = _float_among_decimals if decimals else _float
    decimal = _decimal if decimals else _decimal_among_floats

    def encode(value: Any, depth: int) -> AttributeValue:
        write = writers.get(value.__class__)
        if write is None:
            write = next((found for type_, found in bases if isinstance(value, type_)), None)
            if write is None:
                raise _refused(value)
        return write(value, depth)

    def list_(value: list[Any], depth: int) -> AttributeValue:
        refuse_deep(depth)
        written: list[AttributeValue] = []
        try:
            for member in value:
                written.append(encode(member, depth + 1))
        except Refused as refused:
            refused.at_index(len(written), value)
            raise
        return {"L": written}

    def dict_(value: dict[Any, Any], depth: int) -> AttributeValue:
        refuse_deep(depth)
        written = {}
        name: Any = None
        try:
            for key, member in value.items():
                name = None
                checked = key_text(key)
                name = key
                written[checked] = encode(member, depth + 1)
        except Refused as refused:
            if name is not None:
                refused.at_name(name, value)
            raise
        return {"M": written}

    def set_(value: Set[Any], depth: int) -> AttributeValue:
        if not value:
            raise Refused(
                "DynamoDB has no empty set; say what it is of in the function's return annotation: -> set[str]"
            )
        found = set_of([encode(member, depth + 1) for member in value])
        if found is None:
            raise Refused(
                "DynamoDB has sets of text, of numbers and of bytes only; return a list, or say what it is of in the "
                "function's return annotation: -> set[...]"
            )
        return found

    writers: dict[type, Encode] = {
        str: _str,
        float: float_,
        int: _int,
        dict: dict_,
        list: list_,
        bool: _bool,
        type(None): _null,
        Decimal: decimal,
        bytes: _bytes,
        bytearray: _bytes,
        memoryview: _bytes,
        set: set_,
        frozenset: set_,
    }
    bases = [(type_, write) for type_, write in writers.items() if type_ not in (bool, type(None), memoryview)]

    # The most common types are not looked up: this is what a hit costs.
    def map_(inner: dict[str, AttributeValue]) -> dict[str, Any]:
        found = {}
        for name, attribute in inner.items():
            for tag, member in attribute.items():
                if tag == "S":
                    found[name] = member
                elif tag == "N":
                    found[name] = read_number(member)
                else:
                    found[name] = readers[tag](member)
        return found

    def list_of(inner: list[AttributeValue]) -> list[Any]:
        return [
            map_(member) if tag == "M" else member if tag == "S" else readers[tag](member)
            for attribute in inner
            for tag, member in attribute.items()
        ]

    readers: dict[str, Callable[[Any], Any]] = {
        "S": lambda inner: inner,
        "N": read_number,
        "B": a2b_base64,
        "BOOL": bool,
        "NULL": lambda inner: None,
        "M": map_,
        "L": list_of,
        "SS": set,
        "NS": lambda inner: set(map(read_number, inner)),
        "BS": lambda inner: set(map(a2b_base64, inner)),
    }

    def decode(attribute: AttributeValue) -> Any:
        [(tag, inner)] = attribute.items()
        return readers[tag](inner)

    return Node(encode, decode, ANY_TAG, "Any", Rank.ANY)


PLAIN = _plain(number, decimals=False)
PLAIN_DECIMALS = _plain(exact_number, decimals=True)
# Reads what others have written, too.
LOSSLESS = _plain(lossless_number, decimals=False)
