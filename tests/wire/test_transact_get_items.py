"""TransactGetItems over the wire."""

import uuid
from typing import Any

import pytest

from tests.wire.refused import refused


@pytest.fixture
def keys() -> list[str]:
    return [str(uuid.uuid4()) for _ in range(101)]


def get(table: str, key: str, **more: Any) -> dict[str, Any]:
    return {"Get": {"TableName": table, "Key": {"pk": {"S": key}}, **more}}


def test_items_in_the_order_of_the_request(dynamodb: Any, table: str, pairs: str, keys: list[str]) -> None:
    one = {"pk": {"S": keys[0]}, "n": {"N": "1"}}
    other = {"pk": {"S": keys[1]}, "sk": {"N": "1"}}
    dynamodb.put_item(TableName=table, Item=one)
    dynamodb.put_item(TableName=pairs, Item=other)
    wanted = [get(table, keys[2]), {"Get": {"TableName": pairs, "Key": other}}, get(table, keys[0])]
    response = dynamodb.transact_get_items(TransactItems=wanted)
    assert response["Responses"] == [{}, {"Item": other}, {"Item": one}]


def test_each_has_its_projection(dynamodb: Any, table: str, keys: list[str]) -> None:
    for key in keys[:2]:
        dynamodb.put_item(TableName=table, Item={"pk": {"S": key}, "a": {"N": "1"}, "b": {"N": "2"}})
    response = dynamodb.transact_get_items(
        TransactItems=[
            get(table, keys[0], ProjectionExpression="a"),
            get(table, keys[1], ProjectionExpression="#b", ExpressionAttributeNames={"#b": "b"}),
        ]
    )
    assert response["Responses"] == [{"Item": {"a": {"N": "1"}}}, {"Item": {"b": {"N": "2"}}}]


def test_nothing_of_it_to_show(dynamodb: Any, table: str, keys: list[str]) -> None:
    dynamodb.put_item(TableName=table, Item={"pk": {"S": keys[0]}})
    get = {"TableName": table, "Key": {"pk": {"S": keys[0]}}, "ProjectionExpression": "nowhere"}
    assert dynamodb.transact_get_items(TransactItems=[{"Get": get}])["Responses"] == [{}]


def test_100_and_no_more(dynamodb: Any, table: str, keys: list[str]) -> None:
    with refused("ValidationException", has="Member must have length less than or equal to 100"):
        dynamodb.transact_get_items(TransactItems=[get(table, key) for key in keys])
    response = dynamodb.transact_get_items(TransactItems=[get(table, key) for key in keys[:100]])
    assert response["Responses"] == [{}] * 100


def test_one_item_twice_is_refused(dynamodb: Any, table: str, keys: list[str]) -> None:
    with refused("ValidationException", "Transaction request cannot include multiple operations on one item"):
        dynamodb.transact_get_items(TransactItems=[get(table, keys[0]), get(table, keys[0])])


def test_no_such_table(dynamodb: Any, table: str, keys: list[str]) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.transact_get_items(TransactItems=[get(table, keys[0]), get("wire-none", keys[0])])


def test_a_key_that_is_none_of_the_table(dynamodb: Any, table: str, keys: list[str]) -> None:
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        dynamodb.transact_get_items(
            TransactItems=[get(table, keys[0]), {"Get": {"TableName": table, "Key": {"pk": {"N": "1"}}}}]
        )
    assert caught.value.response["CancellationReasons"] == [
        {"Code": "None"},
        {"Code": "ValidationError", "Message": "The provided key element does not match the schema"},
    ]


def test_an_empty_key_refuses_the_request(dynamodb: Any, table: str) -> None:
    with refused("ValidationException", has="cannot contain an empty string value. Key: pk"):
        dynamodb.transact_get_items(TransactItems=[get(table, "")])


def test_a_projection_that_is_none(dynamodb: Any, table: str, keys: list[str]) -> None:
    with refused("ValidationException", begins="Invalid ProjectionExpression: Syntax error"):
        dynamodb.transact_get_items(TransactItems=[get(table, keys[0], ProjectionExpression="a..b")])


def test_4_mb_and_no_more(dynamodb: Any, table: str, keys: list[str]) -> None:
    for key in keys[:11]:
        dynamodb.put_item(TableName=table, Item={"pk": {"S": key}, "v": {"S": "x" * 390_000}})
    # What is read counts, not what is shown.
    wanted = [get(table, key, ProjectionExpression="pk") for key in keys[:11]]
    with refused("ValidationException", has="too large"):
        dynamodb.transact_get_items(TransactItems=wanted)
    assert len(dynamodb.transact_get_items(TransactItems=wanted[:10])["Responses"]) == 10


# Twice as much as a consistent read; an item that is not there costs as one that is small.
def test_consumed_capacity(dynamodb: Any, table: str, keys: list[str]) -> None:
    dynamodb.put_item(TableName=table, Item={"pk": {"S": keys[0]}, "v": {"S": "x" * 5000}})
    response = dynamodb.transact_get_items(
        TransactItems=[get(table, keys[0]), get(table, keys[1])], ReturnConsumedCapacity="TOTAL"
    )
    assert response["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 6.0, "ReadCapacityUnits": 6.0}]
