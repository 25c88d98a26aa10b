"""`ReturnItemCollectionMetrics`, which all writes know: sizes of item collections, in tables with a local index."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def local(dynamodb: Any) -> Iterator[str]:
    """A table with a local index."""
    name = f"wire-{uuid.uuid4()}"
    key = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": part, "AttributeType": "S"} for part in ("pk", "sk", "l")],
        KeySchema=key,
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-l",
                "KeySchema": [key[0], {"AttributeName": "l", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    dynamodb.delete_table(TableName=name)


SIZE = {"ReturnItemCollectionMetrics": "SIZE"}
KEY = {"pk": {"S": "a"}, "sk": {"S": "1"}}


def of(pk: str) -> dict[str, Any]:
    return {"ItemCollectionKey": {"pk": {"S": pk}}, "SizeEstimateRangeGB": [0.0, 1.0]}


def test_of_single_writes(dynamodb: Any, local: str) -> None:
    responses = [
        dynamodb.put_item(TableName=local, Item=KEY, **SIZE),
        dynamodb.update_item(TableName=local, Key=KEY, **SIZE),
        dynamodb.delete_item(TableName=local, Key=KEY, **SIZE),
    ]
    assert [response["ItemCollectionMetrics"] for response in responses] == [of("a")] * 3


def test_only_if_wanted(dynamodb: Any, local: str) -> None:
    assert "ItemCollectionMetrics" not in dynamodb.put_item(TableName=local, Item=KEY)
    response = dynamodb.put_item(TableName=local, Item=KEY, ReturnItemCollectionMetrics="NONE")
    assert "ItemCollectionMetrics" not in response


# Once for each collection, however many of its items are written; tables without local indexes have none.
def test_of_a_batch(dynamodb: Any, local: str, table: str) -> None:
    puts = [
        {"PutRequest": {"Item": {"pk": {"S": pk}, "sk": {"S": sk}}}} for pk, sk in (("a", "1"), ("a", "2"), ("b", "1"))
    ]
    other = [{"PutRequest": {"Item": {"pk": {"S": str(uuid.uuid4())}}}}]
    response = dynamodb.batch_write_item(RequestItems={local: puts, table: other}, **SIZE)
    assert response["ItemCollectionMetrics"] == {local: [of("a"), of("b")]}


def test_of_a_transaction(dynamodb: Any, local: str, table: str) -> None:
    actions = [
        {"Put": {"TableName": local, "Item": KEY}},
        {"Delete": {"TableName": local, "Key": {"pk": {"S": "b"}, "sk": {"S": "1"}}}},
        {
            "ConditionCheck": {
                "TableName": local,
                "Key": {"pk": {"S": "only looked at"}, "sk": {"S": "1"}},
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        },
        {"Put": {"TableName": table, "Item": {"pk": {"S": str(uuid.uuid4())}}}},
    ]
    response = dynamodb.transact_write_items(TransactItems=actions, **SIZE)
    assert response["ItemCollectionMetrics"] == {local: [of("a"), of("b")]}
