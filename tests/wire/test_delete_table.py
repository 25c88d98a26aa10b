"""DeleteTable over the wire."""

from typing import Any

from tests.wire.refused import refused


def test_it_is_gone(dynamodb: Any, fresh: str) -> None:
    dynamodb.put_item(TableName=fresh, Item={"pk": {"S": "a"}})
    described = dynamodb.delete_table(TableName=fresh)["TableDescription"]
    assert (described["TableName"], described["TableStatus"]) == (fresh, "DELETING")
    # So much AWS tells of a table that goes.
    assert described["ItemCount"] == 1
    assert not {"KeySchema", "AttributeDefinitions", "CreationDateTime", "WarmThroughput"} & described.keys()
    dynamodb.get_waiter("table_not_exists").wait(TableName=fresh)
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.get_item(TableName=fresh, Key={"pk": {"S": "a"}})


def test_no_such_table(dynamodb: Any) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found: Table: wire-none not found"):
        dynamodb.delete_table(TableName="wire-none")


def test_deletion_protection(dynamodb: Any, fresh: str) -> None:
    dynamodb.update_table(TableName=fresh, DeletionProtectionEnabled=True)
    with refused(
        "ValidationException",
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
    ):
        dynamodb.delete_table(TableName=fresh)
    dynamodb.update_table(TableName=fresh, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=fresh)
