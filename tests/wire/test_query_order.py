"""Which of several faults of a Query is told: values, expressions, the table, the starting key, the key conditions.

Order and texts as AWS gives them.
"""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.wire.refused import refused

A, N = {"S": "a"}, {"N": "1"}
INVALID = "The provided starting key is invalid"
NO_MATCH = "The provided key element does not match the schema"


def equals(value: dict[str, Any]) -> dict[str, Any]:
    return {"ComparisonOperator": "EQ", "AttributeValueList": [value]}


@pytest.fixture(scope="module")
def table(dynamodb: Any) -> Iterator[str]:
    """Keys `a` and `b`, a local index by `c`, global ones by `c`, and by `c` and `d`; all of them strings."""
    name = f"wire-{uuid.uuid4()}"

    def index(name: str, *keys: str) -> dict[str, Any]:
        return {"IndexName": name, "KeySchema": key(*keys), "Projection": {"ProjectionType": "ALL"}}

    def key(*names: str) -> list[dict[str, str]]:
        return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]

    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"} for attribute in "abcd"],
        KeySchema=key("a", "b"),
        LocalSecondaryIndexes=[index("local", "a", "c")],
        GlobalSecondaryIndexes=[
            index("by-c", "c"),
            index("by-c-and-d", "c", "d"),
            index("by-d", "d") | {"Projection": {"ProjectionType": "KEYS_ONLY"}},
        ],
    )
    yield name
    dynamodb.delete_table(TableName=name)


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (
            {
                "QueryFilter": {"a": equals({"N": "x"})},
                "AttributesToGet": ["a", "a"],
                "ExclusiveStartKey": {"a": {}},
            },
            "The parameter cannot be converted to a numeric value: x",
        ),
        (
            {"AttributesToGet": ["a", "a"], "ExclusiveStartKey": {"a": {}}},
            "One or more parameter values were invalid: Duplicate value in attribute name: a",
        ),
        (
            {"ExclusiveStartKey": {"a": {}}},
            f"{INVALID}: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
        (
            {"FilterExpression": "", "ExpressionAttributeNames": {"x": "y"}},
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        ),
        (
            {"KeyConditionExpression": "", "FilterExpression": "", "ExpressionAttributeNames": {"x": "y"}},
            'ExpressionAttributeNames contains invalid key: Syntax error; key: "x"',
        ),
        (
            {"KeyConditionExpression": "", "FilterExpression": "", "ProjectionExpression": ""},
            "Invalid KeyConditionExpression: The expression can not be empty;",
        ),
        (
            {"KeyConditionExpression": "a = b", "FilterExpression": "", "ProjectionExpression": ""},
            "Invalid FilterExpression: The expression can not be empty;",
        ),
        (
            {"KeyConditionExpression": "begins_with(:a, b)", "ExpressionAttributeValues": {":a": A, ":b": A}},
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}",
        ),
        (
            {"KeyConditionExpression": ":a BETWEEN size(b) AND c", "ExpressionAttributeValues": {":a": A}},
            (
                "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its "
                "first operand"
            ),
        ),
        (
            {"KeyConditions": {"a": equals(A), "b": equals(A), "c": equals(A)}},
            "Conditions can be of length 1 or 2 only",
        ),
    ],
)
def test_before_the_table_is_sought(dynamodb: Any, asked: dict[str, Any], problem: str) -> None:
    with refused("ValidationException", problem):
        dynamodb.query(TableName="no-such-table", **asked)


@pytest.mark.parametrize("start", [{}, {"a": N}])
def test_the_table_comes_before_what_is_asked_of_its_keys(dynamodb: Any, start: dict[str, Any]) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.query(
            TableName="no-such-table", ExclusiveStartKey=start, KeyConditions={"z": {"ComparisonOperator": "NULL"}}
        )


@pytest.mark.parametrize(
    ("index", "start", "problem"),
    [
        (None, {}, INVALID),
        (None, {"b": A, "c": A}, INVALID),
        (None, {"a": N}, INVALID),
        (None, {"a": N, "z": A}, NO_MATCH),
        (None, {"a": A, "z": A}, "Query condition missed key schema element: a"),
        ("local", {"a": N, "x": A, "y": A}, NO_MATCH),
        ("local", {"a": A, "b": A}, INVALID),
        ("by-c", {"a": A, "b": A, "z": A}, INVALID),
        ("by-c", {"x": A, "y": A, "c": N}, NO_MATCH),
        ("by-c", {"x": N, "y": N, "c": A}, "Query condition missed key schema element: c"),
    ],
)
def test_each_key_attribute_of_the_start_comes_before_its_condition(
    dynamodb: Any, table: str, index: str | None, start: dict[str, Any], problem: str
) -> None:
    more = {} if index is None else {"IndexName": index}
    with refused("ValidationException", problem):
        dynamodb.query(
            TableName=table, ExclusiveStartKey=start, KeyConditions={"z": {"ComparisonOperator": "NULL"}}, **more
        )


@pytest.mark.parametrize(
    ("index", "hashed", "start", "problem"),
    [
        (None, "a", {"a": A, "b": N}, NO_MATCH),
        ("local", "a", {"a": A, "b": N, "c": A}, f"{INVALID}: {NO_MATCH}"),
        ("local", "a", {"a": A, "b": A, "c": N}, NO_MATCH),
        ("by-c", "c", {"x": N, "y": N, "c": A}, f"{INVALID}: {NO_MATCH}"),
        ("by-c", "c", {"a": N, "b": A, "c": A}, f"{INVALID}: {NO_MATCH}"),
    ],
)
def test_the_key_of_the_table_comes_last(
    dynamodb: Any, table: str, index: str | None, hashed: str, start: dict[str, Any], problem: str
) -> None:
    more = {} if index is None else {"IndexName": index}
    with refused("ValidationException", problem):
        dynamodb.query(TableName=table, ExclusiveStartKey=start, KeyConditions={hashed: equals({"S": "b"})}, **more)


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (
            {"FilterExpression": "attribute_exists(a.x) AND d[0] = :a"},
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: a",
        ),
        (
            {"FilterExpression": "attribute_exists(d.x)"},
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: d",
        ),
        (
            {"FilterExpression": "a = :a", "ProjectionExpression": "b.x"},
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: b",
        ),
    ],
)
def test_filters_about_keys(dynamodb: Any, table: str, asked: dict[str, Any], problem: str) -> None:
    with refused("ValidationException", problem):
        dynamodb.query(TableName=table, KeyConditionExpression="a = :a", ExpressionAttributeValues={":a": A}, **asked)


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("c = :b", "The provided starting key is outside query boundaries based on provided conditions"),
        ("c = :b AND d > :a", "The provided starting key does not match the range key predicate"),
        ("c = :b AND d < :b", "The query can return at most one row and cannot be restarted"),
        ("c = :b AND d = :a", "The query can return at most one row and cannot be restarted"),
    ],
)
def test_a_start_in_another_partition(dynamodb: Any, table: str, condition: str, problem: str) -> None:
    values = {f":{letter}": {"S": letter} for letter in "ab" if f":{letter}" in condition}
    with refused("ValidationException", problem):
        dynamodb.query(
            TableName=table,
            IndexName="by-c-and-d",
            ExclusiveStartKey=dict.fromkeys("abcd", A),
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
        )


@pytest.mark.parametrize(
    ("index", "start", "problem"),
    [
        (None, {"a": A}, f"{INVALID}: {NO_MATCH}"),
        (None, {"a": A, "b": N}, f"{INVALID}: {NO_MATCH}"),
        ("by-c", {"a": A, "b": A}, INVALID),
        ("by-c", {"a": A, "b": A, "c": N}, NO_MATCH),
        ("by-c", {"x": A, "y": A, "c": A}, f"{INVALID}: {NO_MATCH}"),
    ],
)
def test_the_start_of_a_scan(dynamodb: Any, table: str, index: str | None, start: dict[str, Any], problem: str) -> None:
    more = {} if index is None else {"IndexName": index}
    with refused("ValidationException", problem):
        dynamodb.scan(TableName=table, ExclusiveStartKey=start, **more)


def test_all_attributes_are_refused_before_the_key_of_the_table(dynamodb: Any, table: str) -> None:
    with refused("ValidationException", has="Select type ALL_ATTRIBUTES is not supported for global secondary index"):
        dynamodb.scan(
            TableName=table, IndexName="by-d", Select="ALL_ATTRIBUTES", ExclusiveStartKey={"x": N, "y": N, "d": A}
        )
    with refused("ValidationException", NO_MATCH):
        dynamodb.scan(
            TableName=table, IndexName="by-d", Select="ALL_ATTRIBUTES", ExclusiveStartKey={"x": N, "y": N, "d": N}
        )
