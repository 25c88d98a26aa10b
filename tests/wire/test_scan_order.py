"""The order in which a Scan returns partitions, and the segment in which each is: those of AWS's hash.

Expected are the orders and segments that dynalite's tests expect of AWS.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.wire.conftest import make_table

STRINGS = ["2", "8", "9", "1", "6", "hello", "0", "5", "4", "äáöü", "aardman", "7", "3", "zapf"]
NUMBERS = ["7", "999.9", "8", "3", "2", "-999.9", "9", "4", "-0.09", "6", "1", "0", "0.012345", "5"]
SEGMENTS = 4096


@pytest.fixture
def fill(dynamodb: Any) -> Iterator[Any]:
    """`fill(tag, values)`: a new table, with a partition key of that type, of an item for each value."""
    names = []

    def fill(tag: str, values: list[str]) -> str:
        names.append(make_table(dynamodb, f"pk:{tag}"))
        for value in values:
            dynamodb.put_item(TableName=names[-1], Item={"pk": {tag: value}})
        return names[-1]

    yield fill
    for name in names:
        dynamodb.delete_table(TableName=name)


@pytest.mark.parametrize(("tag", "values"), [("S", STRINGS), ("N", NUMBERS)])
def test_partitions_are_in_the_order_of_their_hashes(dynamodb: Any, fill: Any, tag: str, values: list[str]) -> None:
    name = fill(tag, sorted(values))
    assert [item["pk"][tag] for item in dynamodb.scan(TableName=name)["Items"]] == values
    page = dynamodb.scan(TableName=name, Limit=5)
    assert page["LastEvaluatedKey"] == {"pk": {tag: values[4]}}


@pytest.mark.parametrize(
    ("tag", "value", "segment"),
    [("S", "3635", 0), ("S", "228", 0), ("S", "1668", 1), ("S", "3435", 4), ("N", "251", 1), ("N", "2388", 4095)],
)
def test_segments(dynamodb: Any, fill: Any, tag: str, value: str, segment: int) -> None:
    name = fill(tag, [value])
    found = dynamodb.scan(TableName=name, Segment=segment, TotalSegments=SEGMENTS)["Items"]
    assert found == [{"pk": {tag: value}}]


# What has the same key in a global index is scattered by its own key, sort key included.
def test_an_index_by_the_hash_of_whole_keys(dynamodb: Any) -> None:
    name = make_table(
        dynamodb,
        "pk:S",
        "sk:S",
        AttributeDefinitions=[{"AttributeName": part, "AttributeType": "S"} for part in ("pk", "sk", "g")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "all",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    # The hash is of both, one behind the other.
    keys = [(text[:1], text[1:]) for text in ("hello", "äáöü", "aardman", "zapf")]
    for pk, sk in reversed(keys):
        dynamodb.put_item(TableName=name, Item={"pk": {"S": pk}, "sk": {"S": sk}, "g": {"S": "same"}})
    asked = {
        "TableName": name,
        "IndexName": "all",
        "KeyConditionExpression": "g = :g",
        "ExpressionAttributeValues": {":g": {"S": "same"}},
    }
    found = [(item["pk"]["S"], item["sk"]["S"]) for item in dynamodb.query(**asked)["Items"]]
    assert found == keys
    page = dynamodb.query(**asked, Limit=2)
    rest = dynamodb.query(**asked, ExclusiveStartKey=page["LastEvaluatedKey"])
    assert [(item["pk"]["S"], item["sk"]["S"]) for item in rest["Items"]] == keys[2:]
    dynamodb.delete_table(TableName=name)
