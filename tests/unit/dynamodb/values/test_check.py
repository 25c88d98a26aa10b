"""Values from outside: AWS's refusals, and the canonical form of what is let in."""

from typing import Any

import pytest

from everwarm.dynamodb.values.check import normal_item, normal_value
from everwarm.errors import SerializationException, ValidationException

PACKAGE = "com.amazonaws.dynamodb.v20120810"
INVALID = "One or more parameter values were invalid: "
EMPTY = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
SEVERAL = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"


def nested(levels: int, tag: str) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "core"}
    for _ in range(levels):
        value = {"L": [value]} if tag == "L" else {"M": {"k": value}}
    return value


@pytest.mark.parametrize(
    "value",
    [
        {"S": ""},
        {"N": "1.5"},
        {"B": "AAEC"},
        {"B": ""},
        {"BOOL": False},
        {"NULL": True},
        {"M": {}},
        {"L": []},
        {"SS": ["b", "a"]},
        {"NS": ["2", "1"]},
        {"BS": ["AA==", ""]},
        {"M": {"x" * 65535: {"S": ""}}},
        {"M": {"list": {"L": [{"N": "1"}, {"M": {"x": {"NULL": True}}}]}}},
    ],
)
def test_all_ten_types_pass_unchanged(value: dict[str, Any]) -> None:
    assert normal_value(value) == value


def test_numbers_become_canonical_wherever_they_lie() -> None:
    given = {"a": {"N": "01.50"}, "b": {"NS": ["1E1"]}, "c": {"L": [{"M": {"d": {"N": "-0"}}}]}}
    assert normal_item(given) == {"a": {"N": "1.5"}, "b": {"NS": ["10"]}, "c": {"L": [{"M": {"d": {"N": "0"}}}]}}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, EMPTY),
        ({"X": "what is that"}, EMPTY),
        ({"S": "a", "N": "1"}, SEVERAL),
        ({"NULL": False}, INVALID + "Null attribute value types must have the value of true"),
        ({"SS": []}, INVALID + "An string set  may not be empty"),
        ({"NS": []}, INVALID + "An number set  may not be empty"),
        ({"BS": []}, INVALID + "Binary sets should not be empty"),
        ({"SS": ["a", "b", "a"]}, INVALID + "Input collection [a, b, a] contains duplicates."),
        ({"NS": ["1", "1.0"]}, "Input collection contains duplicates"),
        ({"BS": ["Ymxh", "Ymxh"]}, INVALID + "Input collection [Ymxh, Ymxh]of type BS contains duplicates."),
        ({"S": "a", "N": "one"}, "The parameter cannot be converted to a numeric value: one"),
        ({"S": "a", "SS": []}, INVALID + "An string set  may not be empty"),
        ({"SS": ["a", None]}, INVALID + "An string set may not have a null string as a member"),
        ({"L": [None]}, EMPTY),
        ({"M": {"a": None}}, EMPTY),
        ({"M": {"": {"S": "a"}}}, "Empty attribute name"),
        ({"M": {"x" * 65536: {"S": "a"}}}, "Attribute name is too large, must be less than 65536 bytes"),
        ({"M": {"\u20ac" * 21846: {"S": "a"}}}, "Attribute name is too large, must be less than 65536 bytes"),
        ({"N": "one"}, "The parameter cannot be converted to a numeric value: one"),
        ({"M": {"deep": {"L": [{"N": ""}]}}}, "The parameter cannot be converted to a numeric value"),
    ],
)
def test_what_means_nothing_allowed(value: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        normal_value(value)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "value",
    [
        "a",
        ["a"],
        7,
        {"S": 7},
        {"S": ["a"]},
        {"S": {"S": "a"}},
        {"N": 7},
        {"N": True},
        {"B": 7},
        {"B": "AAA"},  # base64 comes in fours
        {"B": "????"},
        {"B": "ÄÄÄÄ"},
        {"BOOL": "maybe"},
        {"NULL": 1},
        {"M": []},
        {"L": {}},
        {"L": "a"},
        {"SS": "a"},
        {"SS": [1]},
        {"NS": [1]},
        {"L": ["a"]},
        {"M": {"k": "a"}},
    ],
)
def test_json_of_a_wrong_type(value: Any) -> None:
    with pytest.raises(SerializationException):
        normal_value(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"S": 7}, "NUMBER_VALUE cannot be converted to String"),
        ({"S": True}, "TRUE_VALUE cannot be converted to String"),
        ({"S": False}, "FALSE_VALUE cannot be converted to String"),
        ({"S": 1.5}, "DECIMAL_VALUE cannot be converted to String"),
        ({"BOOL": "maybe"}, "Unexpected token received from parser"),
        ({"BOOL": ""}, "Unexpected token received from parser"),
        ({"BOOL": 1}, "NUMBER_VALUE cannot be converted to Boolean"),
        ({"B": 1}, "only base-64-encoded strings are convertible to bytes"),
        ({"B": "AAAAA"}, "Base64 encoded length is expected a multiple of 4 bytes but found: 5"),
        ({"B": "+/+="}, "Invalid last non-pad Base64 character dectected"),
        ({"B": "=+/="}, "Invalid last non-pad Base64 character dectected"),
        ({"B": "AA?A"}, "Invalid Base64 character: '?'"),
        ({"M": []}, f"Unrecognized collection type java.util.Map<java.lang.String, {PACKAGE}.AttributeValue>"),
        ({"M": "a"}, "Unexpected field type"),
        ({"L": "a"}, "Unexpected field type"),
        ({"L": {}}, "Start of structure or map found where not expected"),
        ({"L": ["a"]}, "Unexpected value type in payload"),
        ({"L": [[]]}, f"Unrecognized collection type class {PACKAGE}.AttributeValue"),
        ({"SS": [7]}, "NUMBER_VALUE cannot be converted to String"),
        ({"SS": [[]]}, "Unrecognized collection type class java.lang.String"),
        ({"S": ["a"]}, "Unrecognized collection type class java.lang.String"),
        ({"S": {}}, "Start of structure or map found where not expected"),
    ],
)
def test_the_words_of_the_deserializer(value: Any, message: str) -> None:
    with pytest.raises(SerializationException) as caught:
        normal_value(value)
    assert caught.value.message == message


# Clients with a newer model than ours send members that we do not know; AWS passes them over, and nulls.
def test_unknown_members_and_nulls_are_passed_over() -> None:
    assert normal_value({"S": "a", "N": None, "X": 1}) == {"S": "a"}


def test_attributes_have_to_be_a_map() -> None:
    with pytest.raises(SerializationException):
        normal_item([])


# "Nested attributes: up to 32 levels deep" (Constraints in DynamoDB). The value in the innermost list or map is one.
@pytest.mark.parametrize("tag", ["L", "M"])
def test_32_levels_and_no_more(tag: str) -> None:
    assert normal_value(nested(31, tag)) == nested(31, tag)
    with pytest.raises(ValidationException, match="Nesting Levels have exceeded supported limits"):
        normal_value(nested(32, tag))


def test_booleans_that_are_written_as_text() -> None:
    for text in ("true", "TRUE", "Yes", "1"):
        assert normal_value({"BOOL": text}) == {"BOOL": True}
        assert normal_value({"NULL": text}) == {"NULL": True}
    for text in ("false", "no", "0"):
        assert normal_value({"BOOL": text}) == {"BOOL": False}
    with pytest.raises(ValidationException):
        normal_value({"NULL": "no"})
