"""Numbers: up to 38 significant digits, magnitudes from 1E-130 to 9.99...E+125, exact.

Source of the limits: "Number" in the DynamoDB developer guide's naming rules and data types. A number travels as text;
its canonical text has no exponent, no leading or trailing zeros and no plus sign, as AWS gives numbers back.
"""

import re
from decimal import Context, Decimal
from functools import lru_cache

from everwarm.errors import PlainValidationException

MAX_DIGITS = 38
MAX_EXPONENT = 125  # of the leading digit: 9.99...E+125
MIN_EXPONENT = -130

# As Java's BigDecimal reads it: digits of any script, no spaces, an exponent of 32 bits.
_FORM = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?")
_MAX_WRITTEN_EXPONENT = 2**31 - 1
_MAX_REMEMBERED = 128
_PLAIN = re.compile(r"0|-?[1-9][0-9]{0,37}", re.ASCII)
# Sums are worked out exactly, then judged: two numbers of the range lie at most 256 digits apart.
_EXACT = Context(prec=300, Emax=999_999_999, Emin=-999_999_999)


def normal_text(text: str) -> str:
    """The canonical text of a number that a request carries.

    Raises:
        ValidationException: it is no number, has more than 38 significant digits or lies out of range.
    """
    # Whole numbers are canonical already, which is seen more quickly than it is remembered.
    if text.isdigit() and text.isascii() and len(text) <= MAX_DIGITS and text[0] != "0":
        return text
    # Long ones are not remembered: there is no limit to the zeros that a number may be written with.
    return _remembered(text) if len(text) <= _MAX_REMEMBERED else _normal_text(text)


def _normal_text(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    form = _FORM.fullmatch(text)
    if form is None or _exponent_too_long(form[1]):
        shown = f": {text}" if text else ""
        raise PlainValidationException(f"The parameter cannot be converted to a numeric value{shown}")
    return canonical(Decimal(text))


_remembered = lru_cache(maxsize=4096)(_normal_text)


def _exponent_too_long(exponent: str | None) -> bool:
    if exponent is None:
        return False
    digits = exponent.lstrip("+-0")
    return len(digits) > 10 or (digits != "" and int(digits) > _MAX_WRITTEN_EXPONENT)


def canonical(number: Decimal) -> str:
    """The canonical text of a number.

    Raises:
        ValidationException: more than 38 significant digits, or out of range.
    """
    if not number:
        return "0"
    exponent = number.adjusted()
    if exponent > MAX_EXPONENT:
        raise PlainValidationException(
            "Number overflow. Attempting to store a number with magnitude larger than supported range"
        )
    if exponent < MIN_EXPONENT:
        raise PlainValidationException(
            "Number underflow. Attempting to store a number with magnitude smaller than supported range"
        )
    normal = number.normalize(_EXACT)
    # A text of more than 300 digits was rounded just now, perhaps to a few.
    if len(normal.as_tuple().digits) > MAX_DIGITS or normal != number:
        raise PlainValidationException("Attempting to store more than 38 significant digits in a Number")
    return format(normal, "f")


def add(a: str, b: str) -> str:
    """The sum of two canonical texts; raises as `canonical`."""
    return canonical(_EXACT.add(Decimal(a), Decimal(b)))


def subtract(a: str, b: str) -> str:
    """The difference of two canonical texts; raises as `canonical`."""
    return canonical(_EXACT.subtract(Decimal(a), Decimal(b)))
