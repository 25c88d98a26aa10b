"""BatchGetItem over the wire: up to 100 keys, in one table or several."""

import uuid
from typing import Any

import pytest

from tests.wire.refused import refused

NO_MATCH = "The provided key element does not match the schema"


@pytest.fixture
def keys() -> list[dict[str, Any]]:
    return [{"pk": {"S": str(uuid.uuid4())}} for _ in range(101)]


def test_items_that_are_there(dynamodb: Any, table: str, pairs: str, keys: list[dict[str, Any]]) -> None:
    pair = {**keys[0], "sk": {"N": "1"}}
    for key in keys[:2]:
        dynamodb.put_item(TableName=table, Item={**key, "n": {"N": "1"}})
    dynamodb.put_item(TableName=pairs, Item=pair)
    response = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys[:3]}, pairs: {"Keys": [pair]}})
    assert sorted(response["Responses"][table], key=str) == sorted(({**k, "n": {"N": "1"}} for k in keys[:2]), key=str)
    assert response["Responses"][pairs] == [pair]
    assert response["UnprocessedKeys"] == {}


def test_nothing_there(dynamodb: Any, table: str, keys: list[dict[str, Any]]) -> None:
    assert dynamodb.batch_get_item(RequestItems={table: {"Keys": keys[:1]}})["Responses"] == {table: []}


@pytest.mark.parametrize(
    ("projection", "other"),
    [
        (
            {"ProjectionExpression": "#a, b", "ExpressionAttributeNames": {"#a": "a"}},
            {"ProjectionExpression": "sk"},
        ),
        ({"AttributesToGet": ["a", "b"]}, {"AttributesToGet": ["sk"]}),
    ],
)
def test_each_table_has_its_projection(
    dynamodb: Any,
    table: str,
    pairs: str,
    keys: list[dict[str, Any]],
    projection: dict[str, Any],
    other: dict[str, Any],
) -> None:
    pair = {**keys[0], "sk": {"N": "1"}}
    dynamodb.put_item(TableName=table, Item={**keys[0], "a": {"N": "1"}, "c": {"N": "1"}})
    dynamodb.put_item(TableName=table, Item=keys[1])
    dynamodb.put_item(TableName=pairs, Item=pair)
    response = dynamodb.batch_get_item(
        RequestItems={table: {"Keys": keys[:2], **projection}, pairs: {"Keys": [pair], **other}}
    )
    # An item that has nothing of what is wanted is there all the same.
    assert sorted(response["Responses"][table], key=len) == [{}, {"a": {"N": "1"}}]
    assert response["Responses"][pairs] == [{"sk": {"N": "1"}}]


def test_100_and_no_more(dynamodb: Any, table: str, keys: list[dict[str, Any]]) -> None:
    with refused("ValidationException", has="Member must have length less than or equal to 100"):
        dynamodb.batch_get_item(RequestItems={table: {"Keys": keys}})
    dynamodb.batch_get_item(RequestItems={table: {"Keys": keys[:100]}})


def test_100_count_over_all_tables(dynamodb: Any, table: str, fresh: str, keys: list[dict[str, Any]]) -> None:
    with refused("ValidationException", "Too many items requested for the BatchGetItem call"):
        dynamodb.batch_get_item(RequestItems={table: {"Keys": keys[:100]}, fresh: {"Keys": keys[:1]}})


# The same number in other words is the same key.
def test_one_key_twice_is_refused(dynamodb: Any, pairs: str, keys: list[dict[str, Any]]) -> None:
    twice = [{**keys[0], "sk": {"N": "1"}}, {**keys[0], "sk": {"N": "1.0"}}]
    with refused("ValidationException", "Provided list of item keys contains duplicates"):
        dynamodb.batch_get_item(RequestItems={pairs: {"Keys": twice}})


@pytest.mark.parametrize("wanted", [{}, {"wire-none": {"Keys": []}}])
def test_nothing_to_do_is_refused(unchecked: Any, wanted: dict[str, Any]) -> None:
    with refused("ValidationException", has="Member must have length greater than or equal to 1"):
        unchecked.batch_get_item(RequestItems=wanted)


@pytest.mark.parametrize("key", [{}, {"other": {"S": "a"}}, {"pk": {"N": "1"}}, {"pk": {"S": "a"}, "more": {"S": "a"}}])
def test_a_key_that_is_none_of_the_table(dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    with refused("ValidationException", NO_MATCH):
        dynamodb.batch_get_item(RequestItems={table: {"Keys": [key]}})


def test_a_missing_table_fails_all(dynamodb: Any, table: str, keys: list[dict[str, Any]]) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.batch_get_item(RequestItems={table: {"Keys": keys[:1]}, "wire-none": {"Keys": keys[:1]}})


def test_projections_of_both_kinds_are_refused(dynamodb: Any, table: str, keys: list[dict[str, Any]]) -> None:
    with refused(
        "ValidationException",
        "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
        "{AttributesToGet} Expression parameters: {ProjectionExpression}",
    ):
        dynamodb.batch_get_item(
            RequestItems={table: {"Keys": keys[:1], "AttributesToGet": ["a"], "ProjectionExpression": "a"}}
        )


# What a response has no room for comes back as it was asked, to be asked again.
def test_16_mb_and_the_rest_is_unprocessed(dynamodb: Any, fresh: str, keys: list[dict[str, Any]]) -> None:
    for key in keys[:45]:
        dynamodb.put_item(TableName=fresh, Item={**key, "v": {"S": "x" * 400_000}})
    how = {"ConsistentRead": True, "ProjectionExpression": "#k", "ExpressionAttributeNames": {"#k": "pk"}}
    seen: list[dict[str, Any]] = []
    wanted = {fresh: {"Keys": keys[:45], **how}}
    for _ in range(2):
        response = dynamodb.batch_get_item(RequestItems=wanted)
        seen += response["Responses"].get(fresh, [])
        wanted = response["UnprocessedKeys"]
        if wanted:
            assert {name: wanted[fresh][name] for name in how} == how
            # 41 of these items are less than 16 MB, 42 are more.
            assert len(wanted[fresh]["Keys"]) == 4
    assert wanted == {}
    assert sorted(seen, key=str) == sorted(keys[:45], key=str)


def test_consumed_capacity_by_table(dynamodb: Any, table: str, pairs: str, keys: list[dict[str, Any]]) -> None:
    dynamodb.put_item(TableName=table, Item={**keys[0], "v": {"S": "x" * 5000}})
    asked = {
        pairs: {"Keys": [{**keys[0], "sk": {"N": "1"}}]},
        table: {"Keys": keys[:2], "ConsistentRead": True},
    }
    response = dynamodb.batch_get_item(RequestItems=asked, ReturnConsumedCapacity="TOTAL")
    assert response["ConsumedCapacity"] == [
        {"TableName": pairs, "CapacityUnits": 0.5},
        {"TableName": table, "CapacityUnits": 3.0},
    ]


def test_parameters_of_both_ages(dynamodb: Any, table: str, pairs: str, keys: list[dict[str, Any]]) -> None:
    asked = {
        table: {"Keys": keys[:1], "ProjectionExpression": "pk"},
        pairs: {"Keys": [{**keys[0], "sk": {"N": "1"}}], "AttributesToGet": ["pk"]},
    }
    with refused(
        "ValidationException", begins="Can not use both expression and non-expression parameters", has="{Attr"
    ):
        dynamodb.batch_get_item(RequestItems=asked)
