"""Item collections: bounded, and gone with their table. That their sizes are right: test_indexes.py."""

from collections.abc import Callable
from typing import Any

import pytest

from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.layout import COLLECTION, after
from everwarm.dynamodb.tables import collections
from everwarm.errors import ItemCollectionSizeLimitExceededException, TransactionCanceledException

Call = Callable[..., dict[str, Any]]
TEXT = {"AttributeType": "S"}


@pytest.fixture
def local(call: Call) -> str:
    """A table with a local index on `l`."""
    key = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    call(
        "CreateTable",
        TableName="local",
        AttributeDefinitions=[{"AttributeName": name, **TEXT} for name in ("pk", "sk", "l")],
        KeySchema=key,
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-l",
                "KeySchema": [key[0], {"AttributeName": "l", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return "local"


def item(pk: str, sk: str, size_bytes: int = 0) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}, "v": {"S": "x" * size_bytes}}


def test_a_full_collection_takes_nothing_more(call: Call, local: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "MAX_BYTES", 2000)
    call("PutItem", TableName=local, Item=item("a", "1", 1000))
    with pytest.raises(ItemCollectionSizeLimitExceededException, match="Collection size exceeded"):
        call("PutItem", TableName=local, Item=item("a", "2", 1000))
    call("PutItem", TableName=local, Item=item("b", "2", 1000))
    call("DeleteItem", TableName=local, Key={"pk": {"S": "a"}, "sk": {"S": "1"}})
    call("PutItem", TableName=local, Item=item("a", "2", 1000))


# Entries in local indexes count; the whole of this item is in its table and in the index.
def test_entries_count(call: Call, local: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "MAX_BYTES", 2000)
    with pytest.raises(ItemCollectionSizeLimitExceededException):
        call("PutItem", TableName=local, Item={**item("a", "1", 1000), "l": {"S": "l"}})


def test_in_a_transaction_it_is_a_reason(call: Call, local: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "MAX_BYTES", 2000)
    puts = [{"Put": {"TableName": local, "Item": item("a", sk, 1000)}} for sk in "12"]
    with pytest.raises(TransactionCanceledException) as caught:
        call("TransactWriteItems", TransactItems=puts)
    assert caught.value.members["CancellationReasons"] == [
        {"Code": "None"},
        {"Code": "ItemCollectionSizeLimitExceeded", "Message": "Collection size exceeded."},
    ]


def test_sizes_are_told_in_gigabytes(call: Call, local: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "GB", 1000)
    response = call("PutItem", TableName=local, Item=item("a", "1", 2500), ReturnItemCollectionMetrics="SIZE")
    assert response["ItemCollectionMetrics"] == {
        "ItemCollectionKey": {"pk": {"S": "a"}},
        "SizeEstimateRangeGB": [2.0, 3.0],
    }


def test_they_go_with_their_table(call: Call, engine: Engine, local: str) -> None:
    call("PutItem", TableName=local, Item=item("a", "1"))
    call("DeleteTable", TableName=local)
    assert list(engine.store.scan(COLLECTION, after(COLLECTION))) == []


# A table without local indexes has no collections, and pays nothing for them.
def test_other_tables_have_none(call: Call, create: Call, engine: Engine) -> None:
    create("rates")
    response = call("PutItem", TableName="rates", Item={"pk": {"S": "a"}}, ReturnItemCollectionMetrics="SIZE")
    assert response == {}
    assert list(engine.store.scan(COLLECTION, after(COLLECTION))) == []
