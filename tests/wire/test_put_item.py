"""PutItem over the wire."""

from typing import Any

import pytest

from tests.wire.refused import COUNTED, refused

INVALID = "One or more parameter values were invalid: "

EVERY_TYPE: dict[str, Any] = {
    "s": {"S": "grüß dich, 世界 🌍"},
    "n": {"N": "-12345678901234567890123456789012345678"},
    "b": {"B": bytes(range(256))},
    "bool": {"BOOL": True},
    "null": {"NULL": True},
    "m": {"M": {"inner": {"L": [{"N": "1.5"}, {"M": {}}]}}},
    "l": {"L": [{"S": ""}, {"BOOL": False}]},
    "ss": {"SS": ["a", "b"]},
    "ns": {"NS": ["1", "2.5"]},
    "bs": {"BS": [b"\x00", b"\xff"]},
}


def test_every_type_comes_back_as_it_was(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item={**key, **EVERY_TYPE})
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == {**key, **EVERY_TYPE}


# A second put replaces the whole item: nothing of the first survives.
def test_put_replaces(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item={**key, "a": {"S": "1"}})
    dynamodb.put_item(TableName=table, Item={**key, "b": {"S": "2"}})
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == {**key, "b": {"S": "2"}}


def test_all_old_gives_the_item_before(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    first = dynamodb.put_item(TableName=table, Item={**key, "n": {"N": "1"}}, ReturnValues="ALL_OLD")
    second = dynamodb.put_item(TableName=table, Item={**key, "n": {"N": "2"}}, ReturnValues="ALL_OLD")
    assert "Attributes" not in first
    assert second["Attributes"] == {**key, "n": {"N": "1"}}


@pytest.mark.parametrize("wanted", ["ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"])
def test_other_return_values_are_for_updates(dynamodb: Any, table: str, key: dict[str, Any], wanted: str) -> None:
    with refused("ValidationException", COUNTED + "ReturnValues can only be ALL_OLD or NONE"):
        dynamodb.put_item(TableName=table, Item=key, ReturnValues=wanted)


def test_a_condition_guards_the_item(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    once = {"TableName": table, "ConditionExpression": "attribute_not_exists(pk)"}
    dynamodb.put_item(Item={**key, "n": {"N": "1"}}, **once)
    with refused("ConditionalCheckFailedException", "The conditional request failed"):
        dynamodb.put_item(Item={**key, "n": {"N": "2"}}, **once)
    assert dynamodb.get_item(TableName=table, Key=key)["Item"]["n"] == {"N": "1"}


# The item that was in the way, if one asks for it, comes with the error.
def test_a_failed_condition_can_show_the_item(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    request = {"TableName": table, "Item": key, "ConditionExpression": "attribute_not_exists(pk)"}
    dynamodb.put_item(**request)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as caught:
        dynamodb.put_item(**request, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert caught.value.response["Item"] == key
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as caught:
        dynamodb.put_item(**request)
    assert "Item" not in caught.value.response


def test_numbers_come_back_in_their_plain_form(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item={**key, "n": {"N": "+01.50E2"}, "ns": {"NS": ["1E1"]}})
    item = dynamodb.get_item(TableName=table, Key=key)["Item"]
    assert (item["n"], item["ns"]) == ({"N": "150"}, {"NS": ["10"]})


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"a": {"N": "x"}}, "The parameter cannot be converted to a numeric value: x"),
        ({"a": {"N": "1" * 39}}, "Attempting to store more than 38 significant digits in a Number"),
        ({"a": {"SS": []}}, COUNTED + INVALID + "An string set  may not be empty"),
        ({"a": {"NULL": False}}, COUNTED + INVALID + "Null attribute value types must have the value of true"),
        (
            {"a": {}},
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
    ],
)
def test_values_that_are_refused(
    unchecked: Any, table: str, key: dict[str, Any], attributes: dict[str, Any], message: str
) -> None:
    with refused("ValidationException", message):
        unchecked.put_item(TableName=table, Item={**key, **attributes})


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"pk": {"S": "a"}}, INVALID + "Missing the key sk in the item"),
        (
            {"pk": {"S": "a"}, "sk": {"S": "1"}},
            INVALID + "Type mismatch for key sk expected: N actual: S",
        ),
    ],
)
def test_keys_that_are_refused(dynamodb: Any, pairs: str, item: dict[str, Any], message: str) -> None:
    with refused("ValidationException", message):
        dynamodb.put_item(TableName=pairs, Item=item)


def test_400_kb_and_no_more(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    room = 400 * 1024 - len("pk") - len(key["pk"]["S"]) - len("v")
    dynamodb.put_item(TableName=table, Item={**key, "v": {"S": "x" * room}})
    with refused("ValidationException", "Item size has exceeded the maximum allowed size"):
        dynamodb.put_item(TableName=table, Item={**key, "v": {"S": "x" * (room + 1)}})


def test_consumed_capacity(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    item = {**key, "v": {"S": "x" * 1024}}
    response = dynamodb.put_item(TableName=table, Item=item, ReturnConsumedCapacity="TOTAL")
    assert response["ConsumedCapacity"] == {"TableName": table, "CapacityUnits": 2.0}


def test_no_such_table(dynamodb: Any, key: dict[str, Any]) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.put_item(TableName="wire-none", Item=key)


# Names and values that no expression uses are a mistake of the caller's.
def test_unused_values_are_refused(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    with refused("ValidationException", has="ExpressionAttributeValues"):
        dynamodb.put_item(
            TableName=table,
            Item=key,
            ConditionExpression="attribute_not_exists(pk)",
            ExpressionAttributeValues={":unused": {"S": "x"}},
        )
