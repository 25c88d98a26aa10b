"""What the conditions from before expressions mean. Source: "Legacy conditional parameters" in the developer guide."""

from typing import Any

import pytest

from everwarm.dynamodb.expressions.condition import holds
from everwarm.dynamodb.expressions.key_condition import KeyCondition
from everwarm.dynamodb.expressions.legacy_conditions import (
    attribute_filter,
    attributes_to_get,
    expected,
    legacy_key_conditions,
)
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import ValidationException

S, N, B, YES = {"S": "a"}, {"N": "1"}, {"B": "YWI="}, {"BOOL": True}
LIST = {"L": [S, N, B, YES]}


def matches(value: AttributeValue | None, operator: str, *operands: AttributeValue) -> bool:
    condition = expected({"a": {"ComparisonOperator": operator, "AttributeValueList": list(operands)}}, None)
    assert condition is not None
    return holds(condition, {} if value is None else {"a": value})


@pytest.mark.parametrize(
    ("value", "operator", "operands", "answer"),
    [
        (N, "EQ", [{"N": "1.0"}], True),
        (S, "EQ", [N], False),
        (None, "EQ", [S], False),
        ({"SS": ["a", "b"]}, "EQ", [{"SS": ["b", "a"]}], True),
        (LIST, "EQ", [LIST], True),
        (S, "NE", [N], True),
        (None, "NE", [S], True),
        (S, "NE", [S], False),
        (N, "LE", [N], True),
        (N, "LT", [N], False),
        (N, "GE", [N], True),
        (N, "GT", [{"N": "0.5"}], True),
        (N, "LT", [S], False),
        (None, "LT", [N], False),
        (S, "NOT_NULL", [], True),
        (None, "NOT_NULL", [], False),
        ({"NULL": True}, "NULL", [], False),
        (None, "NULL", [], True),
        ({"S": "xax"}, "CONTAINS", [S], True),
        ({"SS": ["a"]}, "CONTAINS", [S], True),
        ({"NS": ["1"]}, "CONTAINS", [N], True),
        (LIST, "CONTAINS", [YES], True),
        ({"S": "1"}, "CONTAINS", [N], False),
        (N, "CONTAINS", [N], False),
        ({"S": "xax"}, "NOT_CONTAINS", [S], False),
        (LIST, "NOT_CONTAINS", [N], False),
        ({"S": "x"}, "NOT_CONTAINS", [S], True),
        (N, "NOT_CONTAINS", [S], True),
        (None, "NOT_CONTAINS", [S], False),
        ({"S": "ab"}, "BEGINS_WITH", [S], True),
        ({"S": "ba"}, "BEGINS_WITH", [S], False),
        (N, "IN", [{"N": "2"}, N], True),
        (N, "IN", [{"N": "2"}], False),
        (N, "BETWEEN", [{"N": "0"}, N], True),
        (N, "BETWEEN", [{"N": "2"}, {"N": "3"}], False),
    ],
)
def test_operators(value: AttributeValue | None, operator: str, operands: list[AttributeValue], answer: bool) -> None:
    assert matches(value, operator, *operands) is answer


def test_a_name_is_a_name_with_whatever_is_in_it() -> None:
    condition = expected({"a.b[0]": {"Value": S}}, None)
    assert condition is not None
    assert holds(condition, {"a.b[0]": S})
    assert not holds(condition, {"a": {"M": {"b": {"L": [S]}}}})


def test_value_and_exists() -> None:
    present, absent = expected({"a": {"Value": S, "Exists": True}}, None), expected({"a": {"Exists": False}}, None)
    assert present is not None
    assert absent is not None
    assert holds(present, {"a": S})
    assert not holds(present, {"a": N})
    assert not holds(present, {})
    assert holds(absent, {})
    assert not holds(absent, {"a": S})


@pytest.mark.parametrize(("operator", "answer"), [(None, False), ("AND", False), ("OR", True)])
def test_several_conditions(operator: str | None, answer: bool) -> None:
    condition = attribute_filter(
        {
            "a": {"ComparisonOperator": "EQ", "AttributeValueList": [S]},
            "b": {"ComparisonOperator": "NOT_NULL"},
        },
        operator,
    )
    assert condition is not None
    assert holds(condition, {"a": S}) is answer


@pytest.mark.parametrize(
    ("expectation", "problem"),
    [
        ({}, "Value must be provided when Exists is null for Attribute: a"),
        ({"Exists": True}, "Value must be provided when Exists is true for Attribute: a"),
        ({"Exists": False, "Value": S}, "Value cannot be used when Exists is false for Attribute: a"),
        (
            {"Value": S, "AttributeValueList": [S], "ComparisonOperator": "EQ"},
            "Value and AttributeValueList cannot be used together for Attribute: a",
        ),
        ({"AttributeValueList": [S]}, "AttributeValueList can only be used with a ComparisonOperator for Attribute: a"),
        (
            {"Exists": False, "AttributeValueList": [S]},
            "AttributeValueList can only be used with a ComparisonOperator for Attribute: a",
        ),
        (
            {"Exists": True, "ComparisonOperator": "EQ", "Value": S},
            "Exists and ComparisonOperator cannot be used together for Attribute: a",
        ),
        (
            {"ComparisonOperator": "EQ"},
            "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: a",
        ),
        (
            {"ComparisonOperator": "NULL", "Value": S},
            "Invalid number of argument(s) for the NULL ComparisonOperator",
        ),
    ],
)
def test_what_expected_does_not_take(expectation: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationException) as caught:
        expected({"a": expectation}, None)
    assert caught.value.message == f"One or more parameter values were invalid: {problem}"


@pytest.mark.parametrize(
    ("operator", "operands", "problem"),
    [
        ("EQ", [], "Invalid number of argument(s) for the EQ ComparisonOperator"),
        ("EQ", [S, S], "Invalid number of argument(s) for the EQ ComparisonOperator"),
        ("IN", [], "Invalid number of argument(s) for the IN ComparisonOperator"),
        ("BETWEEN", [S], "Invalid number of argument(s) for the BETWEEN ComparisonOperator"),
        ("LT", [{"SS": ["a"]}], "ComparisonOperator LT is not valid for SS AttributeValue type"),
        ("BEGINS_WITH", [N], "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"),
        ("CONTAINS", [{"L": []}], "ComparisonOperator CONTAINS is not valid for L AttributeValue type"),
        ("IN", [S, YES], "ComparisonOperator IN is not valid for BOOL AttributeValue type"),
        ("IN", [S, N], "AttributeValues inside AttributeValueList must be of same type"),
    ],
)
def test_operands_that_do_not_go_with_their_operator(
    operator: str, operands: list[AttributeValue], problem: str
) -> None:
    with pytest.raises(ValidationException) as caught:
        attribute_filter({"a": {"ComparisonOperator": operator, "AttributeValueList": operands}}, None)
    assert caught.value.message == f"One or more parameter values were invalid: {problem}"


def test_reversed_bounds() -> None:
    with pytest.raises(ValidationException) as caught:
        matches(N, "BETWEEN", {"N": "10"}, {"N": "9"})
    assert caught.value.message == (
        "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"
    )


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "ConditionalOperator cannot be used without Filter or Expected"),
        (
            {"a": {"Exists": False}},
            "ConditionalOperator can only be used when Filter or Expected has two or more elements",
        ),
    ],
)
def test_a_conditional_operator_joins_two(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationException) as caught:
        expected(given, "AND")
    assert caught.value.message == problem


def test_key_conditions() -> None:
    assert legacy_key_conditions(
        {
            "pk": {"ComparisonOperator": "EQ", "AttributeValueList": [S]},
            "sk": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [N, {"N": "2.0"}]},
        }
    ) == (KeyCondition("pk", "=", (S,)), KeyCondition("sk", "BETWEEN", (N, {"N": "2"})))


# Which attribute they are asked of decides what Query says about them.
def test_operators_that_no_key_takes_keep_their_names() -> None:
    [condition] = legacy_key_conditions({"pk": {"ComparisonOperator": "NE", "AttributeValueList": [S]}})
    assert condition.operator == "NE"


def test_attributes_to_get() -> None:
    assert attributes_to_get(["a.b", "c"]) == (("a.b",), ("c",))
    with pytest.raises(ValidationException) as caught:
        attributes_to_get(["a", "b", "b", "a"])
    assert caught.value.message == ("One or more parameter values were invalid: Duplicate value in attribute name: b")
