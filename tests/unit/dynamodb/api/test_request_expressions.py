"""Which parameters of a request go together, and that both ways of saying it come to the same."""

from typing import Any

import pytest

from everwarm.dynamodb.api.request_expressions import (
    GET,
    PUT,
    QUERY,
    SCAN,
    UPDATE,
    Expressions,
    Parameters,
    Reading,
)
from everwarm.dynamodb.expressions.condition import holds, paths
from everwarm.dynamodb.expressions.key_condition import KeyCondition
from everwarm.dynamodb.expressions.messages import KEY_CONDITIONS_MISSING
from everwarm.dynamodb.expressions.update import apply
from everwarm.errors import ValidationException

A = {"S": "a"}
EQ_A = {"ComparisonOperator": "EQ", "AttributeValueList": [A]}


@pytest.mark.parametrize(
    ("parameters", "request_", "legacy", "expressions"),
    [
        (GET, {"AttributesToGet": ["a"], "ProjectionExpression": ""}, "AttributesToGet", "ProjectionExpression"),
        (PUT, {"Expected": {}, "ConditionExpression": "a"}, "Expected", "ConditionExpression"),
        (
            UPDATE,
            {
                "ConditionExpression": "a",
                "UpdateExpression": "b",
                "ConditionalOperator": "OR",
                "Expected": {},
                "AttributeUpdates": {},
            },
            "AttributeUpdates, Expected, ConditionalOperator",
            "UpdateExpression, ConditionExpression",
        ),
        (QUERY, {"QueryFilter": {}, "FilterExpression": "a", "KeyConditions": {}}, "QueryFilter", "FilterExpression"),
        (
            QUERY,
            {
                "KeyConditions": {},
                "KeyConditionExpression": "a",
                "AttributesToGet": ["a"],
                "ConditionalOperator": "OR",
                "ProjectionExpression": "a",
            },
            "AttributesToGet, ConditionalOperator, KeyConditions",
            "ProjectionExpression, KeyConditionExpression",
        ),
        (SCAN, {"ScanFilter": {}, "ProjectionExpression": "a"}, "ScanFilter", "ProjectionExpression"),
    ],
)
def test_old_and_new_are_not_mixed(
    parameters: Parameters, request_: dict[str, Any], legacy: str, expressions: str
) -> None:
    with pytest.raises(ValidationException) as caught:
        Expressions(request_, parameters)
    assert caught.value.message == (
        "Can not use both expression and non-expression parameters in the same request: "
        f"Non-expression parameters: {{{legacy}}} Expression parameters: {{{expressions}}}"
    )


@pytest.mark.parametrize(
    ("parameters", "null"),
    [
        (PUT, "ConditionExpression is null"),
        (UPDATE, "UpdateExpression and ConditionExpression are null"),
        (QUERY, "FilterExpression and KeyConditionExpression are null"),
        (SCAN, "FilterExpression is null"),
    ],
)
def test_values_without_expressions(parameters: Parameters, null: str) -> None:
    with pytest.raises(ValidationException) as caught:
        Expressions({"ExpressionAttributeValues": {}}, parameters)
    assert caught.value.message == f"ExpressionAttributeValues can only be specified when using expressions: {null}"


def test_a_projection_has_no_values() -> None:
    expressions = Expressions({"ProjectionExpression": "a", "ExpressionAttributeValues": {}}, GET)
    assert expressions.projection() == (("a",),)
    Expressions({"ExpressionAttributeValues": {":a": A}}, GET).finish()


def test_names_without_expressions() -> None:
    with pytest.raises(ValidationException) as caught:
        Expressions({"ExpressionAttributeNames": {}, "AttributesToGet": ["a"]}, GET)
    assert caught.value.message == "ExpressionAttributeNames can only be specified when using expressions"


@pytest.mark.parametrize(
    "request_",
    [
        {
            "KeyConditionExpression": "pk = :a",
            "FilterExpression": "b = :a",
            "ProjectionExpression": "c",
            "ExpressionAttributeValues": {":a": A},
        },
        {"KeyConditions": {"pk": EQ_A}, "QueryFilter": {"b": EQ_A}, "AttributesToGet": ["c"]},
        {
            "KeyConditions": {"pk": EQ_A},
            "FilterExpression": "b = :a",
            "ProjectionExpression": "c",
            "ExpressionAttributeValues": {":a": A},
        },
    ],
)
def test_a_query(request_: dict[str, Any]) -> None:
    reading = query(request_)
    assert reading.keys == (KeyCondition("pk", "=", (A,)),)
    assert reading.filter is not None
    assert holds(reading.filter, {"b": A})
    assert not holds(reading.filter, {"b": {"S": "b"}})
    assert paths(reading.filter) == [("b",)]
    assert reading.filter_parameter in request_
    assert reading.projection == (("c",),)


def query(request_: dict[str, Any]) -> Reading:
    expressions = Expressions(request_, QUERY)
    return expressions.query(expressions.query_selection())


def test_a_scan_of_everything() -> None:
    expressions = Expressions({}, SCAN)
    reading = expressions.scan(expressions.scan_selection())
    assert (reading.keys, reading.filter, reading.projection) == ((), None, None)


def test_an_update_in_either_way() -> None:
    new = Expressions({"UpdateExpression": "SET x = :a", "ExpressionAttributeValues": {":a": A}}, UPDATE).update()
    old = Expressions({"AttributeUpdates": {"x": {"Value": A}}}, UPDATE).update()
    assert new is not None
    assert old is not None
    assert apply(new, {}) == apply(old, {}) == {"x": A}


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (
            {"FilterExpression": "", "ProjectionExpression": "", "KeyConditionExpression": ""},
            "Invalid KeyConditionExpression: The expression can not be empty;",
        ),
        (
            {"FilterExpression": "", "ProjectionExpression": "", "KeyConditionExpression": "a = b"},
            "Invalid FilterExpression: The expression can not be empty;",
        ),
        (
            {"FilterExpression": "a = b", "ProjectionExpression": "", "KeyConditionExpression": "a = b"},
            "Invalid ProjectionExpression: The expression can not be empty;",
        ),
        (
            {"KeyConditionExpression": "a = b OR a = b", "ExpressionAttributeNames": {"#a": "a"}},
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}",
        ),
        ({"FilterExpression": ""}, KEY_CONDITIONS_MISSING),
        (
            {"QueryFilter": {"a": {"ComparisonOperator": "EQ"}}, "AttributesToGet": ["a", "a"]},
            "One or more parameter values were invalid: Invalid number of argument(s) for the EQ ComparisonOperator",
        ),
        (
            {"AttributesToGet": ["a", "a"], "KeyConditions": {}},
            "One or more parameter values were invalid: Duplicate value in attribute name: a",
        ),
        ({"AttributesToGet": ["a"]}, KEY_CONDITIONS_MISSING),
        ({"KeyConditions": {}}, "Conditions can be of length 1 or 2 only"),
        ({"KeyConditions": {"a": EQ_A, "b": EQ_A, "c": EQ_A}}, "Conditions can be of length 1 or 2 only"),
        (
            {"ProjectionExpression": "a", "ExpressionAttributeValues": {}},
            (
                "ExpressionAttributeValues can only be specified when using expressions: "
                "FilterExpression and KeyConditionExpression are null"
            ),
        ),
    ],
)
def test_the_order_of_checks_of_a_query(request_: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationException) as caught:
        query(request_)
    assert caught.value.message == problem
