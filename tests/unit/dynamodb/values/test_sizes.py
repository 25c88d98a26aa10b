"""Sizes, against stream records recorded on AWS or shown in its guides: `SizeBytes` is the keys and both images."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.dynamodb.values.compare import same_item
from everwarm.dynamodb.values.sizes import attribute_size, growth, item_size
from everwarm.dynamodb.values.types import AttributeValue, Item

KEY_101: Item = {"Id": {"N": "101"}}
NEW_ITEM: Item = {"Message": {"S": "New item!"}, "Id": {"N": "101"}}
CHANGED_ITEM: Item = {"Message": {"S": "This item has changed"}, "Id": {"N": "101"}}
SESSION_KEY: Item = {"id": {"S": "7d3c0b1e-8a5f-4f6e-9b51-0d4c3f2a1b00"}}


# Sources: LocalStack's recordings (Fred); "Using AWS Lambda with DynamoDB" (101); LocalStack issue 11343 (the session).
@pytest.mark.parametrize(
    ("images", "size_bytes"),
    [
        ([{"id": {"S": "Fred"}}] * 2, 12),
        ([KEY_101, NEW_ITEM], 26),
        ([KEY_101, NEW_ITEM, CHANGED_ITEM], 59),
        ([KEY_101, CHANGED_ITEM], 38),
        ([SESSION_KEY, {**SESSION_KEY, "expired_at": {"N": "1723213300"}}], 91),
    ],
)
def test_recorded_sizes(images: list[Item], size_bytes: int) -> None:
    assert sum(map(item_size, images)) == size_bytes


# "DynamoDB item sizes and formats": text in UTF-8, 1 byte for null and boolean, raw bytes for binary, 3 bytes for a
# list or map and 1 for each of its members.
@pytest.mark.parametrize(
    ("value", "size_bytes"),
    [
        ({"S": ""}, 0),
        ({"S": "€"}, 3),
        ({"N": "42"}, 2),
        ({"N": "4200"}, 2),
        # Digits before the point and behind it are counted apart; found by bisecting AWS's limit of 400 KB.
        ({"N": "123.45"}, 1 + 2 + 1),
        ({"N": "100.5"}, 1 + 2 + 1),
        ({"N": "0.0000001"}, 1 + 1),
        ({"N": "-5"}, 1 + 1 + 1),
        ({"N": "0"}, 1),
        ({"B": "AAEC"}, 3),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"L": []}, 3),
        ({"M": {}}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": True}]}, 3 + (1 + 2) + (1 + 1)),
        ({"M": {"k": {"S": "ab"}}}, 3 + 1 + 1 + 2),
        ({"SS": ["a", "bc"]}, 3),
        ({"NS": ["1", "42"]}, 4),
        ({"BS": ["AA==", "AAA="]}, 3),
    ],
)
def test_values(value: AttributeValue, size_bytes: int) -> None:
    assert attribute_size(value) == size_bytes


# "A number is up to 21 bytes" (Constraints in DynamoDB).
def test_the_longest_number_has_21_bytes() -> None:
    assert attribute_size({"N": "-" + "9" * 38}) == 21


@given(st.integers(1, 10**30), st.integers(0, 8))
def test_trailing_zeros_and_the_decimal_point_cost_nothing(number: int, zeros: int) -> None:
    plain = attribute_size({"N": str(number)})
    assert attribute_size({"N": str(number) + "0" * zeros}) == plain
    assert attribute_size({"N": f"0.{number}".rstrip("0")}) == plain


def test_names_count_in_utf8() -> None:
    assert item_size({"größe": {"S": "x"}}) == len("größe".encode()) + 1


VALUES = st.sampled_from(
    [
        {"S": "a"},
        {"S": "größe"},
        {"N": "-0.5"},
        {"B": "AQ=="},
        {"NULL": True},
        {"SS": ["a", "b"]},
        {"SS": ["b", "a"]},
        {"M": {"x": {"S": "1"}}},
        {"L": [{"N": "1"}]},
        {"L": []},
    ]
)
ITEMS = st.none() | st.dictionaries(st.sampled_from(["k", "n", "ü", "more"]), VALUES, min_size=1)


# Nothing changes where the same values stand in another order.
@given(ITEMS, ITEMS)
def test_growth_is_the_difference_of_sizes(old: Item | None, new: Item | None) -> None:
    same = old is new if old is None or new is None else same_item(old, new)
    assert growth(old, new) == (None if same else item_size(new or {}) - item_size(old or {}))


def test_no_change_is_no_growth() -> None:
    old: Item = {"k": {"S": "a"}, "tags": {"SS": ["a", "b"]}}
    assert growth(old, {"tags": {"SS": ["b", "a"]}, "k": {"S": "a"}}) is None
    assert growth(old, {"k": {"S": "a"}, "tags": {"SS": ["b", "c"]}}) == 0
    assert growth(None, None) is None
