"""Sortable keys: the order of the bytes is DynamoDB's order of the values."""

from base64 import b64encode
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from everwarm.dynamodb.values.keys import key_bytes
from everwarm.dynamodb.values.numbers import canonical


def text_key(text: str) -> bytes:
    return key_bytes({"S": text})


def number_key(number: Decimal) -> bytes:
    return key_bytes({"N": canonical(number)})


def binary_key(raw: bytes) -> bytes:
    return key_bytes({"B": b64encode(raw).decode()})


def _number(negative: bool, digits: int, leading: int) -> Decimal:
    return Decimal((int(negative), tuple(map(int, str(digits))), leading - len(str(digits)) + 1))


# Few digits and exponents beside the whole range, so that neighbours and equal exponents come up.
numbers = st.one_of(
    st.builds(_number, st.booleans(), st.integers(0, 10**38 - 1), st.integers(-130, 125)),
    st.builds(_number, st.booleans(), st.integers(0, 200), st.integers(-2, 2)),
    st.builds(_number, st.booleans(), st.integers(0, 200), st.sampled_from([-130, -129, 124, 125])),
)
texts = st.text(max_size=6)
# Zero bytes and the bytes of terminator and escape are where an encoding like this one breaks.
binaries = st.one_of(st.binary(max_size=6), st.lists(st.sampled_from([0, 1, 254, 255]), max_size=5).map(bytes))


@given(numbers, numbers)
@example(Decimal("-1.5"), Decimal("-1.55"))
@example(Decimal("1E-130"), Decimal(0))
def test_numbers_sort_by_value(a: Decimal, b: Decimal) -> None:
    assert (number_key(a) < number_key(b)) == (a < b)
    assert (number_key(a) == number_key(b)) == (a == b)


def test_a_ladder_of_numbers() -> None:
    ladder = ["-9.9E125", "-100", "-99.5", "-99", "-10", "-1.55", "-1.5", "-1", "-0.1", "-1E-130"]
    ladder += ["0", "1E-130", "0.001", "0.1", "0.11", "1", "9", "10", "11", "100", "9.9E125"]
    keys = [number_key(Decimal(text)) for text in ladder]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


@given(texts, texts)
@example("a", "a\x00")
@example("\uffff", "\U00010000")  # UTF-16, as Java sorts, has these two the other way round
def test_strings_sort_by_utf8(a: str, b: str) -> None:
    assert (text_key(a) < text_key(b)) == (a.encode() < b.encode())


@given(binaries, binaries)
def test_binary_sorts_by_unsigned_byte(a: bytes, b: bytes) -> None:
    assert (binary_key(a) < binary_key(b)) == (a < b)


# Parts stand one behind the other, so no part may be the beginning of another one.
@given(
    st.one_of(binaries.map(binary_key), numbers.map(number_key)),
    st.one_of(binaries.map(binary_key), numbers.map(number_key)),
)
def test_no_part_is_the_prefix_of_another(a: bytes, b: bytes) -> None:
    assert a == b or not b.startswith(a)


@given(st.tuples(binaries, numbers), st.tuples(binaries, numbers))
def test_a_composite_key_sorts_part_by_part(a: tuple[bytes, Decimal], b: tuple[bytes, Decimal]) -> None:
    joined_a = binary_key(a[0]) + number_key(a[1])
    joined_b = binary_key(b[0]) + number_key(b[1])
    assert (joined_a < joined_b) == (a < b)


@pytest.mark.parametrize("same", [("1", "1.0"), ("0", "-0"), ("100", "1E2")])
def test_equal_numbers_are_one_key(same: tuple[str, str]) -> None:
    assert number_key(Decimal(same[0])) == number_key(Decimal(same[1]))
