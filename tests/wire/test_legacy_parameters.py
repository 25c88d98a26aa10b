"""`Expected`, `ConditionalOperator` and `AttributeUpdates` over the wire, for programs from before expressions."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.wire.refused import COUNTED, refused

OLD = {"n": {"N": "5"}, "s": {"S": "x"}, "ss": {"SS": ["a", "b"]}, "l": {"L": [{"N": "1"}]}}


@pytest.fixture
def item(dynamodb: Any, table: str, key: dict[str, Any]) -> dict[str, Any]:
    dynamodb.put_item(TableName=table, Item={**key, **OLD})
    return {**key, **OLD}


@pytest.mark.parametrize(
    ("expected", "more", "holds"),
    [
        ({}, {}, True),
        ({"n": {"Value": {"N": "5"}}}, {}, True),
        ({"n": {"Value": {"N": "6"}, "Exists": True}}, {}, False),
        ({"gone": {"Exists": False}}, {}, True),
        ({"n": {"Exists": False}}, {}, False),
        ({"n": {"ComparisonOperator": "GE", "Value": {"N": "5"}}}, {}, True),
        ({"n": {"ComparisonOperator": "IN", "AttributeValueList": [{"N": "4"}, {"N": "5"}]}}, {}, True),
        ({"ss": {"ComparisonOperator": "NOT_CONTAINS", "AttributeValueList": [{"S": "c"}]}}, {}, True),
        ({"gone": {"ComparisonOperator": "NOT_CONTAINS", "AttributeValueList": [{"S": "c"}]}}, {}, False),
        ({"n": {"Exists": False}, "s": {"Value": {"S": "x"}}}, {}, False),
        ({"n": {"Exists": False}, "s": {"Value": {"S": "x"}}}, {"ConditionalOperator": "OR"}, True),
    ],
)
def test_expected_guards_every_write(
    dynamodb: Any,
    table: str,
    key: dict[str, Any],
    item: dict[str, Any],
    expected: dict[str, Any],
    more: dict[str, Any],
    holds: bool,
) -> None:
    guarded = {"TableName": table, "Expected": expected, **more}
    writes: list[Callable[[], Any]] = [
        lambda: dynamodb.update_item(Key=key, AttributeUpdates={"new": {"Value": {"N": "1"}}}, **guarded),
        lambda: dynamodb.put_item(Item=item, **guarded),
        lambda: dynamodb.delete_item(Key=key, **guarded),
    ]
    for write in writes:
        if holds:
            write()
        else:
            with refused("ConditionalCheckFailedException", "The conditional request failed"):
                write()
    assert ("Item" in dynamodb.get_item(TableName=table, Key=key)) is not holds


def test_a_failed_expectation_can_show_the_item(
    dynamodb: Any, table: str, key: dict[str, Any], item: dict[str, Any]
) -> None:
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as caught:
        dynamodb.delete_item(
            TableName=table,
            Key=key,
            Expected={"n": {"Exists": False}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert caught.value.response["Item"] == item


@pytest.mark.parametrize(
    ("updates", "changed"),
    [
        (
            {"n": {"Value": {"S": "y"}}, "new": {"Action": "PUT", "Value": {"M": {}}}},
            {"n": {"S": "y"}, "new": {"M": {}}},
        ),
        ({"n": {"Action": "ADD", "Value": {"N": "-7"}}}, {"n": {"N": "-2"}}),
        ({"new": {"Action": "ADD", "Value": {"N": "7"}}}, {"new": {"N": "7"}}),
        ({"l": {"Action": "ADD", "Value": {"L": [{"N": "1"}]}}}, {"l": {"L": [{"N": "1"}, {"N": "1"}]}}),
        ({"ss": {"Action": "DELETE", "Value": {"SS": ["a", "c"]}}}, {"ss": {"SS": ["b"]}}),
        ({"n": {"Action": "DELETE"}, "gone": {"Action": "DELETE"}}, {"n": None}),
        ({"a.b": {"Value": {"S": "y"}}}, {"a.b": {"S": "y"}}),
    ],
)
def test_attribute_updates(
    dynamodb: Any,
    table: str,
    key: dict[str, Any],
    item: dict[str, Any],
    updates: dict[str, Any],
    changed: dict[str, Any],
) -> None:
    response = dynamodb.update_item(TableName=table, Key=key, AttributeUpdates=updates, ReturnValues="ALL_NEW")
    left = {name: value for name, value in {**item, **changed}.items() if value is not None}
    assert response["Attributes"] == left
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == left


def test_updated_values_are_returned(dynamodb: Any, table: str, key: dict[str, Any], item: dict[str, Any]) -> None:
    updates = {"n": {"Action": "DELETE"}, "s": {"Value": {"S": "y"}}, "gone": {"Action": "DELETE"}}
    request = {"TableName": table, "Key": key, "AttributeUpdates": updates}
    response = dynamodb.update_item(**request, ReturnValues="UPDATED_OLD")
    assert response["Attributes"] == {"n": {"N": "5"}, "s": {"S": "x"}}
    response = dynamodb.update_item(**request, ReturnValues="UPDATED_NEW")
    assert response["Attributes"] == {"s": {"S": "y"}}


def test_an_update_of_nothing_creates_the_item(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.update_item(TableName=table, Key=key, AttributeUpdates={})
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == key


# "If no item with the specified Key is found: DELETE - Causes nothing to happen" (AttributeValueUpdate).
@pytest.mark.parametrize("value", [{}, {"Value": {"SS": ["a"]}}])
def test_deletions_create_no_item(dynamodb: Any, table: str, key: dict[str, Any], value: dict[str, Any]) -> None:
    updates = {"gone": {"Action": "DELETE", **value}}
    assert "Attributes" not in dynamodb.update_item(
        TableName=table, Key=key, AttributeUpdates=updates, ReturnValues="ALL_NEW"
    )
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key)


INVALID = "One or more parameter values were invalid: "


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (
            {"Expected": {}, "ConditionalOperator": "OR"},
            COUNTED + "ConditionalOperator cannot be used without Filter or Expected",
        ),
        (
            {"Expected": {"n": {"Exists": False}}, "ConditionalOperator": "OR"},
            COUNTED + "ConditionalOperator can only be used when Filter or Expected has two or more elements",
        ),
        ({"Expected": {"": {"Exists": False}}}, "Empty attribute name"),
        ({"AttributeUpdates": {"": {"Action": "DELETE"}}}, "Empty attribute name"),
        ({"Expected": {"n": {}}}, COUNTED + INVALID + "Value must be provided when Exists is null for Attribute: n"),
        (
            {"Expected": {"n": {"ComparisonOperator": "LT", "AttributeValueList": [{"SS": ["a"]}]}}},
            COUNTED + INVALID + "ComparisonOperator LT is not valid for SS AttributeValue type",
        ),
        (
            {"AttributeUpdates": {"n": {"Action": "ADD"}}},
            COUNTED + INVALID + "Only DELETE action is allowed when no attribute value is specified",
        ),
        (
            {"AttributeUpdates": {"pk": {"Action": "DELETE"}}},
            INVALID + "Cannot update attribute pk. This attribute is part of the key",
        ),
        ({"AttributeUpdates": {"s": {"Action": "ADD", "Value": {"N": "1"}}}}, "Type mismatch for attribute to update"),
        (
            {"AttributeUpdates": {}, "ConditionExpression": "attribute_exists(pk)", "Expected": {}},
            (
                COUNTED + "Can not use both expression and non-expression parameters in the same request: "
                "Non-expression parameters: {AttributeUpdates, Expected} Expression parameters: {ConditionExpression}"
            ),
        ),
        (
            {"AttributeUpdates": {}, "ExpressionAttributeNames": {"#a": "a"}},
            COUNTED + "ExpressionAttributeNames can only be specified when using expressions",
        ),
    ],
)
def test_what_is_refused(
    dynamodb: Any, table: str, key: dict[str, Any], item: dict[str, Any], request_: dict[str, Any], problem: str
) -> None:
    with refused("ValidationException", problem):
        dynamodb.update_item(TableName=table, Key=key, **request_)
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == item
