"""The hash by which AWS scatters items: a Scan here returns them in its order, and cuts segments where it cuts them.

It is the MD5 of a fixed word and the key's bytes, of which four are enough for an order. Not here: keys as bytes that
sort (values/keys.py).

Source: the orders and segments that the tests of dynalite expect of AWS, whose author has found the hash out.
"""

from binascii import a2b_base64
from collections.abc import Sequence
from decimal import Decimal
from hashlib import md5

from everwarm.dynamodb.values.types import AttributeValue

LENGTH = 4
"""Bytes of a hash."""

_WORD = b"Outliers"
_ZERO = b"\x80"
_EXPONENT_BIAS = 192
_LONGEST_MANTISSA = 20
# From two decimal digits in a byte, as hexadecimal has them, to AWS's byte for them.
_TENS = [10 * (byte >> 4) + (byte & 15) for byte in range(256)]
_POSITIVE = bytes(tens + 1 for tens in _TENS)
_NEGATIVE = bytes(max(101 - tens, 0) for tens in _TENS)


def key_hash(values: Sequence[AttributeValue]) -> bytes:
    """The hash of the attributes of a key.

    Args:
        values: checked, of types S, N or B, one after the other.
    """
    return hash_of(b"".join(map(_bytes, values)))


def hash_of(raw: bytes) -> bytes:
    """The hash of a key's bytes: those of strings in UTF-8, one attribute behind the other."""
    return md5(_WORD + raw, usedforsecurity=False).digest()[:LENGTH]


def _bytes(value: AttributeValue) -> bytes:
    if "S" in value:
        text: str = value["S"]
        return text.encode()
    return _number(value["N"]) if "N" in value else a2b_base64(value["B"])


def _number(text: str) -> bytes:
    """A canonical number's text as AWS keeps numbers: exponent, then two decimal digits a byte."""
    if text.isdigit():
        sign, mantissa, exponent = 0, text.rstrip("0"), len(text)
    else:
        sign, digits, scale = Decimal(text).as_tuple()
        assert isinstance(scale, int)
        mantissa, exponent = "".join(map(str, digits)).rstrip("0"), scale + len(digits)
    if not mantissa:
        return _ZERO
    if exponent % 2:
        mantissa = "0" + mantissa
        exponent += 1
    pairs = bytes.fromhex(mantissa if len(mantissa) % 2 == 0 else mantissa + "0")
    first = exponent // 2 + _EXPONENT_BIAS
    if not sign:
        return bytes((first,)) + pairs.translate(_POSITIVE)
    end = b"\x66" if len(pairs) < _LONGEST_MANTISSA else b""
    return bytes((first ^ 0xFF,)) + pairs.translate(_NEGATIVE) + end
