"""UpdateItem over the wire; what expressions mean is tested where they live."""

from typing import Any

import pytest

from tests.wire.refused import refused


def add_one(table: str, key: dict[str, Any], **more: Any) -> dict[str, Any]:
    one = {"UpdateExpression": "SET n = if_not_exists(n, :zero) + :one"}
    values = {"ExpressionAttributeValues": {":zero": {"N": "0"}, ":one": {"N": "1"}}}
    return {"TableName": table, "Key": key, **one, **values, **more}


def test_it_creates_what_is_not_there(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.update_item(**add_one(table, key))
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == {**key, "n": {"N": "1"}}


def test_without_an_expression_it_creates_the_key_alone(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.update_item(TableName=table, Key=key)
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == key


REMOVAL = {"UpdateExpression": "REMOVE a DELETE b :b", "ExpressionAttributeValues": {":b": {"SS": ["x"]}}}


def test_removals_alone_create_no_item(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    wanted = {"ReturnValues": "ALL_NEW", "ReturnConsumedCapacity": "TOTAL"}
    response = dynamodb.update_item(TableName=table, Key=key, **REMOVAL, **wanted)
    assert "Attributes" not in response
    assert response["ConsumedCapacity"]["CapacityUnits"] == 1
    dynamodb.transact_write_items(TransactItems=[{"Update": {"TableName": table, "Key": key, **REMOVAL}}])
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key)


# A condition holds for what is not there as well.
def test_removals_with_a_condition_create_no_item(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.update_item(TableName=table, Key=key, ConditionExpression="attribute_not_exists(c)", **REMOVAL)
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key)


def test_removals_beside_something_new_create_the_item(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.update_item(**{**add_one(table, key), "UpdateExpression": "REMOVE a SET n = :zero, m = :one"})
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == {**key, "n": {"N": "0"}, "m": {"N": "1"}}


def test_the_rest_of_the_item_stays(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item={**key, "n": {"N": "41"}, "gone": {"S": "x"}, "kept": {"S": "y"}})
    request = add_one(table, key)
    request["UpdateExpression"] += " REMOVE gone"
    dynamodb.update_item(**request)
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == {**key, "n": {"N": "42"}, "kept": {"S": "y"}}


@pytest.mark.parametrize(
    ("wanted", "attributes"),
    [
        ("NONE", None),
        ("ALL_OLD", {"n": {"N": "1"}, "other": {"S": "x"}}),
        ("ALL_NEW", {"n": {"N": "2"}, "other": {"S": "x"}}),
        ("UPDATED_OLD", {"n": {"N": "1"}}),
        ("UPDATED_NEW", {"n": {"N": "2"}}),
    ],
)
def test_return_values(
    dynamodb: Any, table: str, key: dict[str, Any], wanted: str, attributes: dict[str, Any] | None
) -> None:
    dynamodb.put_item(TableName=table, Item={**key, "n": {"N": "1"}, "other": {"S": "x"}})
    found = dynamodb.update_item(**add_one(table, key, ReturnValues=wanted)).get("Attributes")
    if attributes is not None and wanted.startswith("ALL"):
        attributes = {**key, **attributes}
    assert found == attributes


@pytest.mark.parametrize("wanted", ["ALL_OLD", "UPDATED_OLD"])
def test_there_is_nothing_old_of_a_new_item(dynamodb: Any, table: str, key: dict[str, Any], wanted: str) -> None:
    assert "Attributes" not in dynamodb.update_item(**add_one(table, key, ReturnValues=wanted))


def test_a_condition_guards_the_item(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    with refused("ConditionalCheckFailedException", "The conditional request failed"):
        dynamodb.update_item(**add_one(table, key, ConditionExpression="attribute_exists(pk)"))
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key)


def test_the_key_cannot_be_changed(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    message = "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key"
    values = {":v": {"S": "x"}}
    with refused("ValidationException", message):
        dynamodb.update_item(TableName=table, Key=key, UpdateExpression="SET pk = :v", ExpressionAttributeValues=values)


def test_it_cannot_grow_past_400_kb(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item={**key, "v": {"S": "x" * 300_000}})
    with refused("ValidationException", "Item size to update has exceeded the maximum allowed size"):
        dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET w = :w",
            ExpressionAttributeValues={":w": {"S": "x" * 200_000}},
        )


def test_no_such_table(dynamodb: Any, key: dict[str, Any]) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.update_item(TableName="wire-none", Key=key)
