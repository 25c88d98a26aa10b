"""Equality and order of values, as conditions and the write road see them."""

from typing import Any

import pytest

from everwarm.dynamodb.values.compare import equal, is_ordered, less, same_item


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
        ({"NS": ["1", "2"]}, {"NS": ["2", "1"]}),
        ({"BS": ["AA==", "AQ=="]}, {"BS": ["AQ==", "AA=="]}),
        ({"M": {"x": {"S": "1"}, "y": {"S": "2"}}}, {"M": {"y": {"S": "2"}, "x": {"S": "1"}}}),
        ({"L": [{"SS": ["a", "b"]}]}, {"L": [{"SS": ["b", "a"]}]}),
        ({"M": {"s": {"NS": ["1", "2"]}}}, {"M": {"s": {"NS": ["2", "1"]}}}),
    ],
)
def test_equal_however_it_is_written(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert equal(a, b)
    assert same_item({"v": a}, {"v": b})


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"S": "1"}, {"N": "1"}),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}),
        ({"L": [{"S": "a"}]}, {"L": [{"S": "a"}, {"S": "a"}]}),
        ({"SS": ["a"]}, {"SS": ["a", "b"]}),
        ({"SS": ["AA=="]}, {"BS": ["AA=="]}),
        ({"M": {"x": {"S": "1"}}}, {"M": {"y": {"S": "1"}}}),
        ({"M": {"x": {"S": "1"}}}, {"M": {"x": {"S": "1"}, "y": {"S": "1"}}}),
        ({"BOOL": True}, {"BOOL": False}),
    ],
)
def test_different(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert not equal(a, b)
    assert not same_item({"v": a}, {"v": b})


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"N": "9"}, {"N": "10"}),
        ({"N": "-10"}, {"N": "-9"}),
        ({"N": "0.5"}, {"N": "1"}),
        ({"S": "10"}, {"S": "9"}),
        ({"S": "Z"}, {"S": "a"}),
        ({"S": "\uffff"}, {"S": "\U00010000"}),  # by UTF-8
        ({"B": "fw=="}, {"B": "gA=="}),  # 7F before 80: bytes have no sign
        ({"B": "/w=="}, {"B": "/wA="}),  # FF before FF 00, though not as base64 text
    ],
)
def test_order(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert less(a, b)
    assert not less(b, a)
    assert not less(a, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"S": "1"}, {"N": "2"}),
        ({"BOOL": False}, {"BOOL": True}),
        ({"L": []}, {"L": [{"S": "a"}]}),
        ({"SS": ["a"]}, {"SS": ["b"]}),
    ],
)
def test_no_order(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert not less(a, b)
    assert not less(b, a)


def test_only_key_types_are_ordered() -> None:
    values: list[dict[str, Any]] = [
        {"S": ""},
        {"N": "1"},
        {"B": ""},
        {"BOOL": True},
        {"NULL": True},
        {"L": []},
        {"M": {}},
    ]
    assert [is_ordered(value) for value in values] == [True, True, True, False, False, False, False]
