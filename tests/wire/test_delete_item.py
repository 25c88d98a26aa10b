"""DeleteItem over the wire."""

from typing import Any

from tests.wire.refused import COUNTED, refused


def test_it_is_gone(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item=key)
    dynamodb.delete_item(TableName=table, Key=key)
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key)


# Deleting twice is as good as once: a retry harms nobody.
def test_deleting_what_is_not_there_is_no_error(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    assert "Attributes" not in dynamodb.delete_item(TableName=table, Key=key, ReturnValues="ALL_OLD")


def test_all_old_gives_what_was_deleted(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    item = {**key, "n": {"N": "1"}}
    dynamodb.put_item(TableName=table, Item=item)
    assert dynamodb.delete_item(TableName=table, Key=key, ReturnValues="ALL_OLD")["Attributes"] == item


def test_a_condition_guards_the_item(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item={**key, "n": {"N": "1"}})
    guarded = {"ConditionExpression": "n = :n", "ExpressionAttributeValues": {":n": {"N": "2"}}}
    with refused("ConditionalCheckFailedException", "The conditional request failed"):
        dynamodb.delete_item(TableName=table, Key=key, **guarded)
    guarded["ExpressionAttributeValues"] = {":n": {"N": "1"}}
    dynamodb.delete_item(TableName=table, Key=key, **guarded)
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key)


def test_it_has_no_new_values_to_return(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    with refused("ValidationException", COUNTED + "ReturnValues can only be ALL_OLD or NONE"):
        dynamodb.delete_item(TableName=table, Key=key, ReturnValues="ALL_NEW")


def test_the_key_has_to_be_the_tables(dynamodb: Any, pairs: str, key: dict[str, Any]) -> None:
    with refused("ValidationException", "The provided key element does not match the schema"):
        dynamodb.delete_item(TableName=pairs, Key=key)


def test_no_such_table(dynamodb: Any, key: dict[str, Any]) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.delete_item(TableName="wire-none", Key=key)
