"""Checks attribute values that come from outside, and makes them canonical.

Two kinds of fault: JSON of the wrong type (`SerializationException`), and values that mean nothing allowed
(`ValidationException`). Texts as AWS gives them.
"""

import binascii
from collections.abc import Callable, Collection
from typing import Any

from everwarm.dynamodb.values.json_types import boolean, wrong_type
from everwarm.dynamodb.values.numbers import normal_text
from everwarm.dynamodb.values.types import TAGS, AttributeValue, Item
from everwarm.errors import PlainValidationException, SerializationException, ValidationException, invalid_parameters

MAX_DEPTH = 31
"""How many maps and lists a value may lie in: with itself, 32 levels."""
ALONE = -1
"""The depth of a value in an expression: it lies in no item, and may have a level more than one that does."""
MAX_NAME_BYTES = 65535

NO_DATATYPE = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
SEVERAL_DATATYPES = (
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
)
TOO_DEEP = (
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
)

_BASE64 = {
    letter: value for value, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}


def normal_item(attributes: Any) -> Item:
    """The attributes of an item, a key or `ExpressionAttributeValues`, checked and canonical."""
    if not isinstance(attributes, dict):
        raise wrong_type(attributes, "map")
    check_names(attributes)
    return {name: normal_value(value) for name, value in attributes.items()}


def normal_value(value: Any, depth: int = 0) -> AttributeValue:
    """One value, checked and canonical.

    Args:
        value: what the request has.
        depth: how many maps and lists it lies in.

    Raises:
        SerializationException: JSON of a wrong type.
        ValidationException: a value that is not allowed.
    """
    if not isinstance(value, dict):
        if value is None:
            raise PlainValidationException(NO_DATATYPE)
        raise wrong_type(value, "structure", nested=True)
    # Members that the shape does not know are passed over, as AWS's deserializer does; so are nulls.
    if len(value) == 1:
        [(tag, inner)] = value.items()
        # Nearly all values are strings or numbers, so these are not looked up.
        if inner.__class__ is str:
            if tag == "S":
                return value
            if tag == "N":
                return {"N": normal_text(inner)}
        check = _CHECKS.get(tag) if inner is not None else None
        if check is not None:
            return {tag: check(inner, depth)}
    known = [tag for tag in TAGS if value.get(tag) is not None]
    if len(known) == 1:
        return normal_value({known[0]: value[known[0]]}, depth)
    if not known:
        raise PlainValidationException(NO_DATATYPE)
    for tag in known:
        # What is wrong with one of them comes first.
        _CHECKS[tag](value[tag], depth)
    raise PlainValidationException(SEVERAL_DATATYPES)


def check_base64(text: str) -> None:
    """
    Raises:
        SerializationException: it is not the base64 of any bytes.
    """
    if len(text) % 4:
        raise SerializationException(f"Base64 encoded length is expected a multiple of 4 bytes but found: {len(text)}")
    if not text:
        return
    digits = text[:-2] + text[-2:].rstrip("=")
    padding = len(text) - len(digits)
    # The bits of the last digit that belong to no byte have to be 0. (The text is AWS's, spelling and all.)
    if padding and _BASE64.get(digits[-1], 63) & (3 if padding == 1 else 15):
        raise SerializationException("Invalid last non-pad Base64 character dectected")
    for digit in digits:
        if digit not in _BASE64:
            raise SerializationException(f"Invalid Base64 character: '{digit}'")


def check_names(attributes: Collection[str]) -> None:
    """
    Raises:
        ValidationException: one of the names of attributes is empty or too long.
    """
    if "" in attributes:
        raise PlainValidationException("Empty attribute name")
    # A character has four bytes at the most.
    for name in attributes:
        if len(name) > MAX_NAME_BYTES // 4 and len(name.encode()) > MAX_NAME_BYTES:
            raise PlainValidationException("Attribute name is too large, must be less than 65536 bytes")


def _string(inner: Any, depth: int = 0) -> str:
    if not isinstance(inner, str):
        raise wrong_type(inner, "string")
    return inner


def _number(inner: Any, depth: int = 0) -> str:
    return normal_text(_string(inner))


def _binary(inner: Any, depth: int = 0) -> str:
    if not isinstance(inner, str):
        raise wrong_type(inner, "blob")
    try:
        raw = binascii.a2b_base64(inner, strict_mode=True)
        normal = binascii.b2a_base64(raw, newline=False).decode()
    except ValueError:
        normal = None
    if normal != inner:
        check_base64(inner)
        raise SerializationException("Invalid Base64 text")
    return inner


def _boolean(inner: Any, depth: int) -> bool:
    return inner if isinstance(inner, bool) else boolean(inner)


def _null(inner: Any, depth: int) -> bool:
    if not _boolean(inner, depth):
        raise invalid_parameters("Null attribute value types must have the value of true")
    return True


def _map(inner: Any, depth: int) -> Item:
    if not isinstance(inner, dict):
        raise wrong_type(inner, "map")
    _refuse_deep(depth)
    check_names(inner)
    return {name: normal_value(value, depth + 1) for name, value in inner.items()}


def _list(inner: Any, depth: int) -> list[AttributeValue]:
    if not isinstance(inner, list):
        raise wrong_type(inner, "list")
    _refuse_deep(depth)
    return [normal_value(value, depth + 1) for value in inner]


def _refuse_deep(depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise PlainValidationException(TOO_DEEP)


def _set_of(
    member: Callable[[Any], str], empty: str, null: str, duplicates: Callable[[str], ValidationException]
) -> Callable[[Any, int], list[str]]:
    def check(inner: Any, depth: int) -> list[str]:
        if not isinstance(inner, list):
            raise wrong_type(inner, "list")
        if not inner:
            raise invalid_parameters(empty)
        if None in inner:
            raise invalid_parameters(null)
        members = [member(value) for value in inner]
        if len(set(members)) != len(members):
            raise duplicates(", ".join(inner))
        return members

    return check


_CHECKS: dict[str, Callable[[Any, int], Any]] = {
    "S": _string,
    "N": _number,
    "B": _binary,
    "BOOL": _boolean,
    "NULL": _null,
    "M": _map,
    "L": _list,
    "SS": _set_of(
        _string,
        "An string set  may not be empty",
        "An string set may not have a null string as a member",
        lambda shown: invalid_parameters(f"Input collection [{shown}] contains duplicates."),
    ),
    "NS": _set_of(
        _number,
        "An number set  may not be empty",
        "An number set may not have a null number as a member",
        lambda shown: ValidationException("Input collection contains duplicates"),
    ),
    "BS": _set_of(
        _binary,
        "Binary sets should not be empty",
        "Binary sets may not contain null or empty values",
        lambda shown: invalid_parameters(f"Input collection [{shown}]of type BS contains duplicates."),
    ),
}
