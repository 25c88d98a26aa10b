"""Types whose values are one text, one number, or bytes: text, numbers, moments, lengths of time, UUIDs, enums."""

from binascii import a2b_base64
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from enum import Enum, Flag
from typing import Any
from uuid import UUID

from everwarm.cache.values.node import Leaf, Node, Rank
from everwarm.cache.values.numerals import decimal_text, float_text, int_text, to_int
from everwarm.cache.values.plain import base64, text
from everwarm.cache.values.refusal import Refused, a, kind
from everwarm.dynamodb.values.types import AttributeValue

_MICROSECONDS = Decimal(10**6)
# Not the program's own, which may round.
_EXACT = Context(prec=60)


def other_type(value: Any, name: str) -> Refused:
    """The refusal of a value that is none of what the annotation says."""
    return Refused(f"{a(kind(value))}, where the function's return annotation has {name}")


def _scalar(
    type_: type,
    tag: str,
    write: Callable[[Any], Any],
    read: Callable[[Any], Any] | None,
    rank: Rank = Rank.EXACT,
    also: tuple[type, ...] = (),
    never: tuple[type, ...] = (),
) -> Node:
    """
    Args:
        also: further types that are taken, and come back as this one, equal.
        never: subclasses of it that are not.
    """
    name = "None" if type_ is type(None) else type_.__name__
    taken = (type_, *also)

    def encode(value: Any, depth: int) -> AttributeValue:
        if value.__class__ is type_ or (isinstance(value, taken) and not isinstance(value, never)):
            return {tag: write(value)}
        raise other_type(value, name)

    if read is None:

        def decode(attribute: AttributeValue) -> Any:
            return attribute[tag]
    else:

        def decode(attribute: AttributeValue) -> Any:
            return read(attribute[tag])

    return Node(encode, decode, frozenset({tag}), name, rank, Leaf(tag, read))


def _float(value: Any) -> str:
    if isinstance(value, float):
        return float_text(value)
    written = int_text(value)
    if float(value) != value:
        raise Refused(f"the int {written}, to which no float is equal, where the return annotation has float")
    return written


def _decimal(value: Any) -> str:
    return int_text(value) if isinstance(value, int) else decimal_text(value)


def _datetime(value: datetime) -> str:
    written = value.isoformat()
    if value.__class__ is not datetime and datetime.fromisoformat(written) != value:
        raise Refused(f"{a(kind(value))} of a precision that datetime has not")
    return written


def _timedelta(value: timedelta) -> str:
    return decimal_text(Decimal(f"{value // timedelta(microseconds=1)}E-6"))


def _to_timedelta(seconds: str) -> timedelta:
    return timedelta(microseconds=int(_EXACT.multiply(Decimal(seconds), _MICROSECONDS)))


def _to_bytearray(inner: str) -> bytearray:
    return bytearray(a2b_base64(inner))


def _to_memoryview(inner: str) -> memoryview:
    return memoryview(a2b_base64(inner))


BYTES_LIKE = (bytes, bytearray, memoryview)

SCALARS: dict[type, Node] = {
    type(None): _scalar(type(None), "NULL", lambda value: True, lambda inner: None),
    bool: _scalar(bool, "BOOL", bool, None),
    str: _scalar(str, "S", text, None, Rank.LOOSE),
    int: _scalar(int, "N", int_text, to_int, Rank.MODEL),
    float: _scalar(float, "N", _float, float, Rank.FLOAT, also=(int,)),
    Decimal: _scalar(Decimal, "N", _decimal, Decimal, Rank.DECIMAL, also=(int,)),
    bytes: _scalar(bytes, "B", base64, a2b_base64, also=BYTES_LIKE),
    bytearray: _scalar(bytearray, "B", base64, _to_bytearray, also=BYTES_LIKE),
    memoryview: _scalar(memoryview, "B", base64, _to_memoryview, also=BYTES_LIKE),
    datetime: _scalar(datetime, "S", _datetime, datetime.fromisoformat, Rank.TIME),
    date: _scalar(date, "S", date.isoformat, date.fromisoformat, never=(datetime,)),
    time: _scalar(time, "S", time.isoformat, time.fromisoformat),
    timedelta: _scalar(timedelta, "N", _timedelta, _to_timedelta, Rank.LOOSE),
    UUID: _scalar(UUID, "S", str, UUID),
}


def enum_node(type_: type[Enum]) -> Node:
    """An enum: by its values where they are all text or all whole numbers, else by its names."""
    values = {type(member.value) for member in type_}
    if issubclass(type_, Flag):
        return _scalar(type_, "N", lambda member: int_text(member.value), lambda inner: type_(int(inner)), Rank.EXACT)
    if values == {str}:
        by_value = {member.value: member for member in type_}
        return _scalar(type_, "S", lambda member: text(member.value), by_value.__getitem__, Rank.EXACT)
    if values == {int}:
        by_number = {int_text(member.value): member for member in type_}
        return _scalar(type_, "N", lambda member: int_text(member.value), by_number.__getitem__, Rank.EXACT)
    return _scalar(type_, "S", lambda member: member.name, type_.__getitem__, Rank.EXACT)
