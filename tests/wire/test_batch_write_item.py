"""BatchWriteItem over the wire: up to 25 puts and deletes, in one table or several."""

import uuid
from typing import Any

import pytest

from tests.wire.refused import refused


def put(key: str, **attributes: Any) -> dict[str, Any]:
    return {"PutRequest": {"Item": {"pk": {"S": key}, **attributes}}}


def delete(key: str) -> dict[str, Any]:
    return {"DeleteRequest": {"Key": {"pk": {"S": key}}}}


@pytest.fixture
def keys() -> list[str]:
    return [str(uuid.uuid4()) for _ in range(26)]


def exists(dynamodb: Any, table: str, key: str) -> bool:
    return "Item" in dynamodb.get_item(TableName=table, Key={"pk": {"S": key}})


def test_puts_and_deletes_in_several_tables(dynamodb: Any, table: str, pairs: str, keys: list[str]) -> None:
    dynamodb.put_item(TableName=table, Item={"pk": {"S": keys[0]}})
    response = dynamodb.batch_write_item(
        RequestItems={table: [delete(keys[0]), put(keys[1]), delete(keys[2])], pairs: [put(keys[0], sk={"N": "1"})]}
    )
    assert response["UnprocessedItems"] == {}
    assert [exists(dynamodb, table, key) for key in keys[:3]] == [False, True, False]
    assert "Item" in dynamodb.get_item(TableName=pairs, Key={"pk": {"S": keys[0]}, "sk": {"N": "1"}})


def test_25_and_no_more(dynamodb: Any, table: str, keys: list[str]) -> None:
    with refused("ValidationException", has="less than or equal to 25"):
        dynamodb.batch_write_item(RequestItems={table: [put(key) for key in keys]})
    assert not any(exists(dynamodb, table, key) for key in keys)
    dynamodb.batch_write_item(RequestItems={table: [put(key) for key in keys[:25]]})
    assert all(exists(dynamodb, table, key) for key in keys[:25])


def test_25_count_over_all_tables(dynamodb: Any, table: str, pairs: str, keys: list[str]) -> None:
    with refused("ValidationException", "Too many items requested for the BatchWriteItem call"):
        dynamodb.batch_write_item(
            RequestItems={
                table: [put(key) for key in keys[:13]],
                pairs: [put(key, sk={"N": "1"}) for key in keys[13:]],
            }
        )


@pytest.mark.parametrize("second", [put, delete])
def test_one_key_twice_is_refused(dynamodb: Any, table: str, keys: list[str], second: Any) -> None:
    with refused("ValidationException", "Provided list of item keys contains duplicates"):
        dynamodb.batch_write_item(RequestItems={table: [put(keys[0]), second(keys[0])]})


# One that is wrong refuses them all.
def test_a_wrong_item_refuses_the_batch(dynamodb: Any, table: str, keys: list[str]) -> None:
    with refused("ValidationException", "Item size has exceeded the maximum allowed size"):
        dynamodb.batch_write_item(RequestItems={table: [put(keys[0]), put(keys[1], v={"S": "x" * 410_000})]})
    assert not exists(dynamodb, table, keys[0])


@pytest.mark.parametrize("wanted", [{}, {"wire-none": []}])
def test_nothing_to_do_is_refused(unchecked: Any, wanted: dict[str, Any]) -> None:
    with refused("ValidationException", has="Member must have length greater than or equal to 1"):
        unchecked.batch_write_item(RequestItems=wanted)


def test_a_write_is_one_of_two(dynamodb: Any, table: str) -> None:
    text = (
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
    )
    for write in ({}, {**put("a"), **delete("b")}):
        with refused("ValidationException", text):
            dynamodb.batch_write_item(RequestItems={table: [write]})


@pytest.mark.parametrize(
    "write",
    [
        {"PutRequest": {"Item": {}}},
        {"PutRequest": {"Item": {"pk": {"N": "1"}}}},
        {"DeleteRequest": {"Key": {"other": {"S": "a"}}}},
        {"DeleteRequest": {"Key": {"pk": {"S": "a"}, "other": {"S": "a"}}}},
    ],
)
def test_a_key_that_is_none_of_the_table(dynamodb: Any, table: str, write: dict[str, Any]) -> None:
    with refused("ValidationException", "The provided key element does not match the schema"):
        dynamodb.batch_write_item(RequestItems={table: [write]})


# What can be said without the table is said before it is looked for.
def test_the_size_before_the_table(dynamodb: Any) -> None:
    with refused("ValidationException", "Item size has exceeded the maximum allowed size"):
        dynamodb.batch_write_item(RequestItems={"wire-none": [put("a", v={"S": "x" * 410_000})]})


def test_no_such_table(dynamodb: Any) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.batch_write_item(RequestItems={"wire-none": [put("a")]})


def test_consumed_capacity_by_table(dynamodb: Any, table: str, keys: list[str]) -> None:
    response = dynamodb.batch_write_item(
        RequestItems={table: [put(keys[0]), put(keys[1], v={"S": "x" * 1024})]}, ReturnConsumedCapacity="TOTAL"
    )
    assert response["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 3.0}]
