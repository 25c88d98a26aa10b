"""Projections of GetItem over the wire, and `AttributesToGet`, which came before them."""

from typing import Any

import pytest

from tests.wire.refused import refused

ITEM = {
    "a": {"S": "x"},
    "a.b": {"S": "dotted"},
    "l": {"L": [{"N": "0"}, {"N": "1"}, {"L": [{"N": "2"}, {"N": "3"}]}]},
    "m": {"M": {"x": {"N": "1"}, "y": {"L": [{"S": "p"}, {"M": {"z": {"S": "q"}}}]}}},
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a, gone", {"a": {"S": "x"}}),
        ("gone, a.x, m.gone, l[7]", {}),
        ("m.x, m.y[1].z", {"m": {"M": {"x": {"N": "1"}, "y": {"L": [{"M": {"z": {"S": "q"}}}]}}}}),
        ("l[2][1], l[0]", {"l": {"L": [{"N": "0"}, {"L": [{"N": "3"}]}]}}),
        ("#dotted", {"a.b": {"S": "dotted"}}),
    ],
)
def test_what_is_found(dynamodb: Any, table: str, key: dict[str, Any], text: str, found: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item={**key, **ITEM})
    names = {"ExpressionAttributeNames": {"#dotted": "a.b"}} if "#" in text else {}
    assert dynamodb.get_item(TableName=table, Key=key, ProjectionExpression=text, **names)["Item"] == found


def test_attributes_to_get_names_attributes_and_no_paths(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item={**key, **ITEM})
    response = dynamodb.get_item(TableName=table, Key=key, AttributesToGet=["a.b", "pk", "m.x", "gone"])
    assert response["Item"] == {**key, "a.b": {"S": "dotted"}}


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({"ProjectionExpression": ""}, "Invalid ProjectionExpression: The expression can not be empty;"),
        (
            {"ProjectionExpression": "a, #a", "ExpressionAttributeNames": {"#a": "a"}},
            (
                "Invalid ProjectionExpression: Two document paths overlap with each other; "
                "must remove or rewrite one of these paths; path one: [a], path two: [a]"
            ),
        ),
        (
            {"ProjectionExpression": "m.x, m[0]"},
            (
                "Invalid ProjectionExpression: Two document paths conflict with each other; "
                "must remove or rewrite one of these paths; path one: [m, x], path two: [m, [0]]"
            ),
        ),
        (
            {"ProjectionExpression": "a", "ExpressionAttributeNames": {"#b": "b"}},
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}",
        ),
        (
            {"ExpressionAttributeNames": {"#b": "b"}},
            "ExpressionAttributeNames can only be specified when using expressions",
        ),
        (
            {"ProjectionExpression": "a", "AttributesToGet": ["a"]},
            (
                "Can not use both expression and non-expression parameters in the same request: "
                "Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}"
            ),
        ),
        ({"AttributesToGet": [""]}, "Empty attribute name"),
        (
            {"AttributesToGet": ["a", "b", "a"]},
            "One or more parameter values were invalid: Duplicate value in attribute name: a",
        ),
    ],
)
def test_what_is_refused_before_the_table_is_looked_for(
    dynamodb: Any, key: dict[str, Any], request_: dict[str, Any], problem: str
) -> None:
    with refused("ValidationException", problem):
        dynamodb.get_item(TableName="wire-none", Key=key, **request_)
