"""Values of which no annotation says anything: what is stored comes back equal, or is refused with its place."""

import math
from collections import Counter, OrderedDict, namedtuple
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from everwarm.cache.values.codec import Codec, from_attribute, to_attribute
from everwarm.dynamodb.values.check import normal_value
from everwarm.dynamodb.values.sizes import attribute_size
from everwarm.dynamodb.values.types import TAGS
from everwarm.errors import UnreadableValue, UnstorableValue
from tests.unit.cache.values.ids import case_name

CODEC = Codec()

# DynamoDB's range; a float of more than 1E-130 may have any digits.
floats = st.floats(allow_nan=False, allow_infinity=False, min_value=-9e125, max_value=9e125).filter(
    lambda value: value == 0 or abs(value) > 1e-129
)
decimals = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(-(10**28) + 1, 10**28 - 1),
    st.integers(-80, 60),
)
ints = st.integers(-(10**38) + 1, 10**38 - 1)
text = st.text(st.characters(exclude_categories=["Cs"]))


def values(*numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """JSON-like values, with bytes and sets."""
    leaves = st.one_of(st.none(), st.booleans(), text, st.binary(), *numbers)
    sets = st.one_of(
        st.sets(text, min_size=1),
        st.frozensets(st.binary(), min_size=1),
        *(st.sets(one, min_size=1) for one in numbers),
    )
    return st.recursive(
        leaves | sets,
        lambda inner: st.lists(inner) | st.dictionaries(text.filter(bool), inner),
        max_leaves=20,
    )


@given(values(ints, floats))
def test_a_value_with_floats_comes_back_equal(value: Any) -> None:
    encoded = CODEC.encode(value)
    assert CODEC.decode(encoded.attribute, encoded.encoding) == value


@given(values(ints, decimals))
def test_a_value_with_decimals_comes_back_equal(value: Any) -> None:
    encoded = CODEC.encode(value)
    assert CODEC.decode(encoded.attribute, encoded.encoding) == value


@given(values(ints, floats))
def test_it_is_written_as_dynamodb_would_have_it(value: Any) -> None:
    encoded = CODEC.encode(value)
    assert normal_value(encoded.attribute) == encoded.attribute
    assert encoded.size_bytes == attribute_size(encoded.attribute)


@given(floats)
def test_a_float_comes_back_to_the_last_bit(value: float) -> None:
    codec = Codec(float)
    back = codec.decode(codec.encode(value).attribute)
    assert isinstance(back, float)
    assert back == value


@given(decimals)
def test_a_decimal_loses_no_digit(value: Decimal) -> None:
    codec = Codec(Decimal)
    back = codec.decode(codec.encode(value).attribute)
    assert isinstance(back, Decimal)
    assert back == value


# In AWS's console a table's reader sees what the function has returned.
def test_a_list_of_dicts_is_a_list_of_maps() -> None:
    assert to_attribute([{"date": "2024-05-01", "rate": 1480.25, "final": True, "note": None}]) == {
        "L": [
            {
                "M": {
                    "date": {"S": "2024-05-01"},
                    "rate": {"N": "1480.25"},
                    "final": {"BOOL": True},
                    "note": {"NULL": True},
                }
            }
        ]
    }


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        (1, {"N": "1"}),
        (-0.0, {"N": "0"}),
        (1.0, {"N": "1"}),
        (1e-7, {"N": "0.0000001"}),
        (1e23, {"N": "99999999999999991611392"}),
        (1e100, {"N": "1" + "0" * 100}),
        (Decimal("1.10"), {"N": "1.1"}),
        (Decimal("1E+50"), {"N": "1" + "0" * 50}),
        (True, {"BOOL": True}),
        (b"\x00\xff", {"B": "AP8="}),
        (bytearray(b"a"), {"B": "YQ=="}),
        (memoryview(b"a"), {"B": "YQ=="}),
        ({"b", "a"}, {"SS": ["a", "b"]}),
        (frozenset({2, 1.5}), {"NS": ["1.5", "2"]}),
        ({b"a"}, {"BS": ["YQ=="]}),
        ("", {"S": ""}),
        ([], {"L": []}),
        ({}, {"M": {}}),
    ],
    ids=case_name,
)
def test_each_type(value: Any, attribute: dict[str, Any]) -> None:
    assert to_attribute(value) == attribute
    encoded = CODEC.encode(value)
    assert CODEC.decode(encoded.attribute, encoded.encoding) == value


def test_numbers_become_what_their_text_says() -> None:
    kinds = [type(CODEC.decode({"N": text})) for text in ("1", "-12", "1.5", "1" + "0" * 100)]
    assert kinds == [int, int, float, float]


# A value whose numbers are Decimals keeps them, and says so.
def test_decimals_are_told_by_the_encoding() -> None:
    encoded = CODEC.encode({"rate": Decimal("0.1"), "days": 30})
    assert encoded.encoding == "decimal"
    back = CODEC.decode(encoded.attribute, encoded.encoding)
    assert back == {"rate": Decimal("0.1"), "days": 30}
    assert type(back["rate"]) is Decimal


def test_whole_decimals_need_no_encoding() -> None:
    assert CODEC.encode([Decimal("2.00"), 0.5]).encoding is None


class Shade(StrEnum):
    DARK = "dark"


# They are equal to what comes back.
@pytest.mark.parametrize("value", [OrderedDict(a=1), Counter("aab"), Shade.DARK], ids=case_name)
def test_subclasses_come_back_as_their_base(value: Any) -> None:
    back = from_attribute(to_attribute(value))
    assert back == value
    assert type(back) in (dict, str)


# Somebody else's table, or the console.
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1234567890123456789", Decimal("0.1234567890123456789")),
        ("12345678901234567890123456789012345678", 12345678901234567890123456789012345678),
        ("1E+2", 100),
        ("1E-2", 0.01),
        ("1.5E+1", 15.0),
        ("-99999999999999999999999999999999999999", -99999999999999999999999999999999999999),
    ],
)
def test_numbers_of_others_are_read_without_loss(text: str, value: Any) -> None:
    back = from_attribute({"N": text})
    assert back == value
    assert type(back) is type(value)


@dataclass
class Quote:
    rate: float


class Colour(Enum):
    RED = 1


Point = namedtuple("Point", "x y")

CODECS = [
    Codec(annotation)
    for annotation in (
        Any,
        int,
        list[Quote],
        dict[date, Decimal],
        set[float],
        tuple[int, str],
        timedelta | UUID | Colour,
        Quote | None,
    )
]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (
            [1, 2, 3, {"rate": 1j}],
            "value[3].rate: complex is no type that DynamoDB can hold; return text, numbers, bytes, lists, dicts with",
        ),
        ({"a b": {"c": object()}}, "value['a b'].c: object is no type that DynamoDB can hold"),
        (
            (1, 2),
            "value: a tuple would come back as a list; return a list, or say so in the function's return annotation",
        ),
        ([Point(1, 2)], "value[0]: a Point would come back as a list"),
        (
            {"at": datetime(2024, 1, 1, tzinfo=UTC)},
            "value.at: a datetime would not come back as one; say so in the function's return",
        ),
        (date(2024, 1, 1), "value: a date would not come back as one"),
        (timedelta(1), "value: a timedelta would not come back as one"),
        (UUID(int=1), "value: a UUID would not come back as one"),
        (Colour.RED, "value: a Colour would not come back as one"),
        (Quote(1), "value: a Quote would come back as a dict; say so in the function's return annotation: -> Quote"),
        ([math.nan], "value[0]: NaN is no number that DynamoDB can hold; return None in its place"),
        (-math.inf, "value: -Infinity is no number that DynamoDB can hold"),
        (Decimal("sNaN"), "value: sNaN is no number that DynamoDB can hold"),
        (10**38, "value: an int of more than 38 digits; return it as text"),
        (10**5000, "value: an int of more than 38 digits"),
        (Decimal("1." + "1" * 38), "has more than the 38 digits"),
        (1e-200, "value: 1E-200 has more than the 38 digits, or lies out of the range (1E-130 to 9.99E+125)"),
        (1e200, "out of the range"),
        ({1: "a"}, "value: a dict with an int for a key; DynamoDB's are text: return str(key), or say so"),
        ([{None: "a"}], "value[0]: a dict with None for a key"),
        ({"a": {"": 1}}, "value.a: a dict with an empty key"),
        ("a\ud800", "value: text with half a surrogate pair"),
        (set(), "value: DynamoDB has no empty set; say what it is of in the function's return annotation: -> set[str]"),
        ({1, "a"}, "value: DynamoDB has sets of text, of numbers and of bytes only; return a list"),
        ({(1, 2)}, "value: a tuple would come back as a list"),
        ({None}, "value: DynamoDB has sets of"),
        ([0.5, Decimal("0.1")], "value[0]: a float beside Decimals: nobody could tell them apart"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_stored_is_told_with_its_place(value: Any, problem: str) -> None:
    with pytest.raises(UnstorableValue) as raised:
        CODEC.encode(value)
    assert problem in str(raised.value)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels - 1):
        value = [value]
    return value


# AWS: "Nested attributes up to 32 levels deep".
def test_32_levels_can_be_stored_and_33_not() -> None:
    assert CODEC.decode(CODEC.encode(nested(32)).attribute) == nested(32)
    with pytest.raises(UnstorableValue, match="nested deeper than the 32 levels"):
        CODEC.encode(nested(33))


def test_a_value_that_holds_itself() -> None:
    value: dict[str, Any] = {"children": [{}]}
    value["children"][0]["parent"] = value
    with pytest.raises(UnstorableValue) as raised:
        CODEC.encode(value)
    assert str(raised.value) == "value.children[0].parent: a value that holds itself cannot be stored"


@given(st.text(max_size=5), values(ints))
def test_what_is_not_understood_is_an_error_of_ours(encoding: str, value: Any) -> None:
    assume(encoding not in ("decimal", "zstd"))
    with pytest.raises(UnreadableValue):
        CODEC.decode(to_attribute(value), encoding + "?")


@pytest.mark.parametrize(
    "attribute", [{}, {"N": "x"}, {"X": 1}, {"L": [{}]}, {"L": 5}, {"S": "a", "N": "1"}, {"M": {"a": None}}]
)
def test_a_broken_attribute_is_an_error_of_ours(attribute: dict[str, Any]) -> None:
    codec = Codec(list[float])
    with pytest.raises(UnreadableValue):
        codec.decode(attribute)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=3)
    | st.sampled_from(["1", "NaN", "1E999999999", "1" * 500, "-Infinity", "0." + "1" * 500, "sNaN1", "2024-05-01"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*TAGS, "rate", "day"]), inner, max_size=2)
    ),
)


# A table is open to others: what lies in it may be anything.
@given(st.dictionaries(st.sampled_from(TAGS), anything, max_size=2), st.sampled_from([None, "decimal", "zstd"]))
def test_whatever_lies_there_is_read_or_told_of(attribute: dict[str, Any], encoding: str | None) -> None:
    for codec in CODECS:
        try:
            codec.decode(attribute, encoding)
        except UnreadableValue:
            continue
