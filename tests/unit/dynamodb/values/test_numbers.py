"""Numbers: limits and texts from "Number" in the DynamoDB developer guide's data types, messages as AWS gives them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.dynamodb.values.numbers import add, canonical, normal_text, subtract
from everwarm.errors import ValidationException

TOO_MANY_DIGITS = "Attempting to store more than 38 significant digits in a Number"
OVERFLOW = "Number overflow. Attempting to store a number with magnitude larger than supported range"
UNDERFLOW = "Number underflow. Attempting to store a number with magnitude smaller than supported range"


def in_range() -> st.SearchStrategy[Decimal]:
    """Every number that DynamoDB can hold: 38 digits, the first of them at 10^-130 to 10^125; and zero."""

    def build(negative: bool, digits: int, leading: int) -> Decimal:
        return Decimal((int(negative), tuple(map(int, str(digits))), leading - len(str(digits)) + 1))

    return st.builds(build, st.booleans(), st.integers(0, 10**38 - 1), st.integers(-130, 125))


@given(in_range())
def test_text_round_trips_through_decimal(number: Decimal) -> None:
    text = canonical(number)
    assert Decimal(text) == number
    assert normal_text(text) == text


# However a client writes a number, with an exponent or zeros, AWS gives back the same plain text.
@given(in_range(), st.integers(0, 5))
def test_equal_numbers_have_one_text(number: Decimal, zeros: int) -> None:
    padded = f"{number:f}" + ("0" * zeros if "." in f"{number:f}" else "." + "0" * zeros)
    assert normal_text(padded) == normal_text(f"{number:e}") == canonical(number)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("0.00", "0"),
        ("+7", "7"),
        ("007", "7"),
        ("1.50", "1.5"),
        (".5", "0.5"),
        ("-12e-1", "-1.2"),
        ("1E3", "1000"),
        ("170000000e1", "1700000000"),
    ],
)
def test_no_exponent_no_needless_zeros_no_plus(given_text: str, expected: str) -> None:
    assert normal_text(given_text) == expected


@pytest.mark.parametrize(
    "text", ["9" * 38, "-" + "9" * 38, "9." + "9" * 37 + "E125", "1E-130", "-1E-130", "1" * 38 + "0"]
)
def test_the_limits_are_still_in(text: str) -> None:
    assert Decimal(normal_text(text)) == Decimal(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1" * 39, TOO_MANY_DIGITS),
        ("0." + "1" * 39, TOO_MANY_DIGITS),
        ("0." + "9" * 301, TOO_MANY_DIGITS),  # no rounding, however long the text
        ("1." + "0" * 300 + "1", TOO_MANY_DIGITS),
        ("1E126", OVERFLOW),
        ("-1E126", OVERFLOW),
        ("1E999999999", OVERFLOW),
        ("1E-131", UNDERFLOW),
        ("-9.9E-131", UNDERFLOW),
    ],
)
def test_past_the_limits(text: str, message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        normal_text(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "text", ["abc", "1 ", " 1", "1,5", "0x10", "NaN", "Infinity", "1e", "--1", "1_000", "1e1.5", "1e2147483648"]
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValidationException) as caught:
        normal_text(text)
    assert caught.value.message == f"The parameter cannot be converted to a numeric value: {text}"


# Java reads the digits of every script, and so does AWS.
def test_digits_of_another_script() -> None:
    assert normal_text("\u0663.\u0665") == "3.5"


def test_an_empty_text_is_not_repeated() -> None:
    with pytest.raises(ValidationException) as caught:
        normal_text("")
    assert caught.value.message == "The parameter cannot be converted to a numeric value"


@given(st.integers(-(10**37), 10**37), st.integers(-(10**37), 10**37))
def test_sums_are_exact(a: int, b: int) -> None:
    assert add(str(a), str(b)) == str(a + b)
    assert subtract(str(a), str(b)) == str(a - b)


def test_decimal_fractions_add_up() -> None:
    assert add("0.1", "0.2") == "0.3"


# The exact sum has 256 digits; it is refused, not rounded.
def test_a_sum_of_too_many_digits_is_refused() -> None:
    with pytest.raises(ValidationException, match="more than 38 significant digits"):
        add(normal_text("1E125"), normal_text("1E-130"))


def test_a_sum_out_of_range_is_refused() -> None:
    largest = normal_text("9." + "9" * 37 + "E125")
    with pytest.raises(ValidationException, match="Number overflow"):
        add(largest, largest)
