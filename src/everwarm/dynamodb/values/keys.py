"""Keys as bytes that sort as DynamoDB sorts: strings by UTF-8, numbers by value, binary by unsigned byte.

A part ends with a terminator, so that parts can stand one behind the other and still sort part by part.

    S, B   the bytes themselves
    N      sign, exponent, then two decimal digits a byte; all inverted for negative numbers
"""

from binascii import a2b_base64
from decimal import Decimal

from everwarm.dynamodb.values.types import AttributeValue

_ZERO = b"\x80"
_POSITIVE = b"\x81"
_NEGATIVE = b"\x7f"
_INVERT = bytes(255 - byte for byte in range(256))
# 0.1E-129 is the smallest magnitude and 0.99...E+126 the largest, so the exponent fills one byte exactly.
_EXPONENT_BIAS = 129


def key_bytes(value: AttributeValue) -> bytes:
    """One terminated part of a key.

    Args:
        value: a checked value of type S, N or B.
    """
    return part_bytes(_raw(value))


def part_bytes(raw: bytes) -> bytes:
    """As `key_bytes`, of a string's or a binary's own bytes."""
    # The terminator 00 00 sorts before the escape 00 FF, so that "a" stands before "a\0".
    return raw.replace(b"\x00", b"\x00\xff") + b"\x00\x00"


def key_prefix_bytes(value: AttributeValue) -> bytes:
    """What every part of a key begins with that begins with `value`, a string or binary; without a terminator."""
    return _raw(value).replace(b"\x00", b"\x00\xff")


def _raw(value: AttributeValue) -> bytes:
    if "S" in value:
        text: str = value["S"]
        return text.encode()
    return number_bytes(value["N"]) if "N" in value else a2b_base64(value["B"])


def number_bytes(text: str) -> bytes:
    """A canonical number's text as sortable bytes."""
    sign, digits, exponent = Decimal(text).as_tuple()
    assert isinstance(exponent, int)
    mantissa = "".join(map(str, digits)).rstrip("0")
    if not mantissa:
        return _ZERO
    magnitude = bytes([exponent + len(digits) + _EXPONENT_BIAS])
    if len(mantissa) % 2:
        mantissa += "0"
    # Never a zero byte: 1 to 100 stands for 00 to 99.
    magnitude += bytes(int(mantissa[at : at + 2]) + 1 for at in range(0, len(mantissa), 2))
    if sign:
        # A longer negative mantissa is the smaller number: the closing FF puts the shorter one behind it.
        return _NEGATIVE + magnitude.translate(_INVERT) + b"\xff"
    return _POSITIVE + magnitude
