"""Attributes that are keys of an index: what all writes refuse of them."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.wire.refused import refused

INVALID = "One or more parameter values were invalid: "
NOT_VALID = "One or more parameter values are not valid. "
MISMATCH = INVALID + "Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g"
NOT_SCALAR = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: g"
CANNOT = "The update expression attempted to update the secondary index key "
KEY = {"pk": {"S": "a"}}


@pytest.fixture(scope="module")
def indexed(dynamodb: Any) -> Iterator[str]:
    """A table with a global index: partition key `g`, a String, sort key `h`, a Number."""
    name = f"wire-{uuid.uuid4()}"
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[
            {"AttributeName": part, "AttributeType": tag} for part, tag in (("pk", "S"), ("g", "S"), ("h", "N"))
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-g",
                "KeySchema": [
                    {"AttributeName": "g", "KeyType": "HASH"},
                    {"AttributeName": "h", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    dynamodb.delete_table(TableName=name)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"N": "1"}, MISMATCH),
    ({"NULL": True}, INVALID + "Type mismatch for Index Key g Expected: S Actual: NULL IndexName: by-g"),
    (
        {"S": ""},
        NOT_VALID + "A value specified for a secondary index key is not supported. The AttributeValue for a key "
        "attribute cannot contain an empty string value. IndexName: by-g, IndexKey: g",
    ),
    ({"S": "x" * 2049}, INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
]


@pytest.mark.parametrize(("value", "message"), WRONG)
def test_of_an_item_that_is_put(dynamodb: Any, indexed: str, value: dict[str, Any], message: str) -> None:
    item = {**KEY, "g": value}
    with refused("ValidationException", message):
        dynamodb.put_item(TableName=indexed, Item=item)
    with refused("ValidationException", message):
        dynamodb.batch_write_item(RequestItems={indexed: [{"PutRequest": {"Item": item}}]})


# They are seen before the condition is asked.
def test_before_the_condition(dynamodb: Any, indexed: str) -> None:
    condition = {"ConditionExpression": "attribute_exists(x)"}
    with refused("ValidationException", MISMATCH):
        dynamodb.put_item(TableName=indexed, Item={**KEY, "g": {"N": "1"}}, **condition)
    update = {"UpdateExpression": "SET g = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}
    with refused("ValidationException", MISMATCH):
        dynamodb.update_item(TableName=indexed, Key=KEY, **update, **condition)


@pytest.mark.parametrize(
    ("expression", "value", "message"),
    [
        ("SET g = :v", {"N": "1"}, MISMATCH),
        ("SET h.x = pk ADD g :v", {"N": "1"}, MISMATCH),
        ("SET g = n + :v", {"N": "1"}, MISMATCH),
        ("SET g.x = :v", {"N": "1"}, NOT_SCALAR),
        ("SET n = :v, m = g[1]", {"N": "1"}, NOT_SCALAR),
        (
            "SET g = :v",
            {"S": ""},
            NOT_VALID + "The update expression attempted to update a secondary index key to a value that is not "
            "supported. The AttributeValue for a key attribute cannot contain an empty string value.",
        ),
        # What only the item tells.
        ("SET g = n, x = :v", {"N": "1"}, CANNOT + "to unsupported type"),
        ("SET g = much, x = :v", {"N": "1"}, CANNOT + "beyond allowed size limits"),
    ],
)
def test_of_an_update(dynamodb: Any, indexed: str, expression: str, value: dict[str, Any], message: str) -> None:
    dynamodb.put_item(TableName=indexed, Item={**KEY, "n": {"N": "1"}, "much": {"S": "x" * 2049}})
    update = {"UpdateExpression": expression, "ExpressionAttributeValues": {":v": value}}
    with refused("ValidationException", message):
        dynamodb.update_item(TableName=indexed, Key=KEY, **update)


def test_of_a_legacy_update(dynamodb: Any, indexed: str) -> None:
    with refused("ValidationException", MISMATCH):
        dynamodb.update_item(TableName=indexed, Key=KEY, AttributeUpdates={"g": {"Action": "PUT", "Value": {"N": "1"}}})


# A wrong type cancels a transaction; an empty key, and a path into a key, refuse the request.
def test_of_a_transaction(dynamodb: Any, indexed: str) -> None:
    def transact(kind: str, **action: Any) -> None:
        dynamodb.transact_write_items(TransactItems=[{kind: {"TableName": indexed, **action}}])

    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        transact("Put", Item={**KEY, "g": {"N": "1"}})
    assert caught.value.response["CancellationReasons"] == [{"Code": "ValidationError", "Message": MISMATCH}]
    with refused("ValidationException", has="empty string value. IndexName: by-g, IndexKey: g"):
        transact("Put", Item={**KEY, "g": {"S": ""}})
    with refused("ValidationException", NOT_SCALAR):
        transact("ConditionCheck", Key=KEY, ConditionExpression="attribute_exists(g.x)")


# An update of something else leaves alone what was written before the index was there.
def test_sparse_items_can_be_updated(dynamodb: Any, indexed: str) -> None:
    dynamodb.put_item(TableName=indexed, Item=KEY)
    dynamodb.update_item(
        TableName=indexed, Key=KEY, UpdateExpression="ADD h :v", ExpressionAttributeValues={":v": {"N": "1"}}
    )
    assert dynamodb.scan(TableName=indexed, IndexName="by-g")["Count"] == 0
