"""Numbers as DynamoDB's text, and back, without a digit lost.

DynamoDB has one type of number: 1, 1.0 and Decimal("1.00") are the same there. Which of Python's they become is said
by a function's annotation; where there is none, `plain.py` chooses among the readers here.
"""

from collections.abc import Callable
from decimal import Decimal

from everwarm.cache.values.refusal import Refused
from everwarm.dynamodb.values.numbers import MAX_DIGITS, MAX_EXPONENT, MIN_EXPONENT, canonical
from everwarm.errors import ValidationException

_LIMIT = 10**MAX_DIGITS
_FLOAT_LIMIT = 1e38
_MAX_ADJUSTED = max(MAX_EXPONENT, -MIN_EXPONENT)


def int_text(value: int) -> str:
    """
    Raises:
        Refused: more than 38 digits.
    """
    if -_LIMIT < value < _LIMIT:
        return int.__repr__(value)
    raise Refused(f"an int of more than {MAX_DIGITS} digits; return it as text")


def float_text(value: float) -> str:
    """
    Raises:
        Refused: no number, infinite, or out of DynamoDB's range.
    """
    # As the int that it is: the shortest text of a float is that of another int when it is large.
    if value.is_integer() and abs(value) < _FLOAT_LIMIT:
        return int.__repr__(int(value))
    text = float.__repr__(value)
    if "e" in text or "n" in text:
        return decimal_text(Decimal(text))
    return text


def decimal_text(value: Decimal) -> str:
    """
    Raises:
        Refused: more than 38 digits, no number, infinite, or out of DynamoDB's range.
    """
    if not value.is_finite():
        raise Refused(f"{value!s} is no number that DynamoDB can hold; return None in its place")
    try:
        return canonical(value)
    except ValidationException:
        raise Refused(
            f"{_shown(value)} has more than the {MAX_DIGITS} digits, or lies out of the range "
            "(1E-130 to 9.99E+125) of DynamoDB's numbers; round it, or return it as text"
        ) from None


def _shown(value: Decimal) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:50]}..."


def to_int(text: str) -> int:
    """
    Raises:
        ValueError: it is not whole.
    """
    try:
        return int(text)
    except ValueError:
        return int(_written_out(text))


def number(text: str) -> int | float | Decimal:
    """A number of a value that has no Decimals: an int if it is whole, else a float."""
    if "." in text:
        return float(text)
    try:
        return int(text) if len(text) <= MAX_DIGITS else _long_number(text)
    except ValueError:
        return number(_written_out(text))


def lossless_number(text: str) -> int | float | Decimal:
    """A number of which nothing is known: as `number`, but a Decimal where no float has these very digits."""
    # 15 digits are the same in every float; and the point.
    return _long_number(text) if len(text) > 16 and "." in text else number(text)


def exact_number(text: str) -> int | Decimal:
    """A number of a value that has Decimals: an int if it is whole, else a Decimal."""
    if "." in text or len(text.lstrip("-")) > MAX_DIGITS:
        return Decimal(text)
    try:
        return int(text)
    except ValueError:
        return exact_number(_written_out(text))


def _long_number(text: str) -> int | float | Decimal:
    if "." not in text and len(text.lstrip("-")) <= MAX_DIGITS:
        return int(text)
    value, exact = float(text), Decimal(text)
    return value if Decimal(float.__repr__(value)) == exact else exact


def _written_out(text: str) -> str:
    """A number that somebody has written with an exponent; some servers keep it so.

    Raises:
        ValueError: it is none, or one that DynamoDB could not have.
    """
    value = Decimal(text)
    if "E" not in text.upper() or not value.is_finite() or abs(value.adjusted()) > _MAX_ADJUSTED:
        raise ValueError(f"{text[:50]} is no number of DynamoDB's")
    return format(value, "f")


Number = Callable[[str], int | float | Decimal]
