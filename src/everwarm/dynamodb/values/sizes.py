"""Sizes in bytes, as AWS counts them.

Source: "DynamoDB item sizes and formats" in the developer guide, checked against recorded `SizeBytes` of stream
records: the numbers 42, 101 and 1723213300 count 2, 3 and 5 bytes besides their names.
"""

from collections.abc import Callable
from typing import Any

from everwarm.dynamodb.values.compare import equal
from everwarm.dynamodb.values.types import AttributeValue, Item

MAX_ITEM_BYTES = 400 * 1024


def item_size(item: Item) -> int:
    """Names and values of all attributes."""
    # Measured all the time, so the most common types are not looked up.
    size_bytes = 0
    for name, value in item.items():
        size_bytes += len(name) if name.isascii() else len(name.encode())
        if (inner := value.get("S")) is not None:
            size_bytes += len(inner) if inner.isascii() else len(inner.encode())
        elif (inner := value.get("N")) is not None:
            size_bytes += _number(inner)
        elif (inner := value.get("L")) is not None:
            size_bytes += _list(inner)
        else:
            size_bytes += attribute_size(value)
    return size_bytes


def growth(old: Item | None, new: Item | None) -> int | None:
    """How much larger a change makes an item; negative where it becomes smaller, None where nothing changes.

    What stays as it is is not measured, and that is most of an item that is updated.

    Args:
        old, new: before and after; None for no item.
    """
    if old is None:
        return None if new is None else item_size(new)
    if new is None:
        return -item_size(old)
    grown_bytes = kept = changed = 0
    for name, value in new.items():
        before = old.get(name)
        if before is None:
            grown_bytes += _text(name) + attribute_size(value)
            changed += 1
            continue
        kept += 1
        if value != before and not equal(value, before):
            grown_bytes += attribute_size(value) - attribute_size(before)
            changed += 1
    if kept < len(old):
        return grown_bytes - item_size({name: old[name] for name in old.keys() - new.keys()})
    return grown_bytes if changed else None


def attribute_size(value: AttributeValue) -> int:
    """One checked value, without its name."""
    [(tag, inner)] = value.items()
    return _SIZES[tag](inner)


def _text(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _number(text: str) -> int:
    """One byte for two digits, before the point and behind it; one for the exponent, one more for a minus sign."""
    whole, _, fraction = text.partition(".")
    sign = whole[0] == "-"
    if sign:
        whole = whole[1:]
    if not fraction:
        whole = whole.rstrip("0")
    elif whole == "0":
        whole, fraction = "", fraction.lstrip("0")
    return 1 + sign + (len(whole) + 1) // 2 + (len(fraction) + 1) // 2


def _map(members: Item) -> int:
    return 3 + len(members) + item_size(members)


def _list(members: list[AttributeValue]) -> int:
    size_bytes = 3 + len(members)
    for value in members:
        size_bytes += _map(inner) if (inner := value.get("M")) is not None else attribute_size(value)
    return size_bytes


def _binary(base64_text: str) -> int:
    return len(base64_text) // 4 * 3 - base64_text[-2:].count("=")


# A collection counts 3 bytes, and 1 for each member.
_SIZES: dict[str, Callable[[Any], int]] = {
    "S": _text,
    "N": _number,
    "B": _binary,
    "BOOL": lambda inner: 1,
    "NULL": lambda inner: 1,
    "M": _map,
    "L": _list,
    "SS": lambda inner: sum(map(_text, inner)),
    "NS": lambda inner: sum(map(_number, inner)),
    "BS": lambda inner: sum(map(_binary, inner)),
}
