"""Scan: whole tables and indexes, pages, segments, filters. Texts as AWS gives them."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.wire.conftest import make_table
from tests.wire.refused import COUNTED, refused

Ask = Callable[..., dict[str, Any]]

COUNT = 60


@pytest.fixture(scope="module")
def scanned(dynamodb: Any) -> Iterator[str]:
    """A table `pk`/`sk` with 60 items in 20 partitions; a third of them in the global index on `g`."""
    name = f"wire-{uuid.uuid4()}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": tag}
            for attribute, tag in (("pk", "S"), ("sk", "N"), ("g", "S"))
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        LocalSecondaryIndexes=[
            {
                "IndexName": "local",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "g", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "global",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    for number in range(COUNT):
        item = {"pk": {"S": f"p{number % 20}"}, "sk": {"N": str(number)}, "a": {"N": str(number % 2)}}
        if number % 3 == 0:
            item["g"] = {"S": f"g{number % 5}"}
        dynamodb.put_item(TableName=name, Item=item)
    yield name
    dynamodb.delete_table(TableName=name)


@pytest.fixture
def ask(dynamodb: Any, scanned: str) -> Ask:
    def ask(**more: Any) -> dict[str, Any]:
        response: dict[str, Any] = dynamodb.scan(TableName=scanned, **more)
        return response

    return ask


def numbers(response: dict[str, Any]) -> list[int]:
    return [int(item["sk"]["N"]) for item in response["Items"]]


def all_pages(ask: Ask, **more: Any) -> list[int]:
    found: list[int] = []
    start: dict[str, Any] = {}
    while True:
        page = ask(**more, **start)
        found += numbers(page)
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def test_a_scan_finds_everything_once(ask: Ask) -> None:
    response = ask()
    assert sorted(numbers(response)) == list(range(COUNT))
    assert response["Count"] == response["ScannedCount"] == COUNT


@pytest.mark.parametrize("limit", [1, 7, COUNT, COUNT + 1])
def test_pages(ask: Ask, limit: int) -> None:
    assert sorted(all_pages(ask, Limit=limit)) == list(range(COUNT))


# Items of one partition stand together, in the order of their sort key.
def test_partitions_are_in_order(ask: Ask) -> None:
    found: dict[str, list[int]] = {}
    last = ""
    for item in ask()["Items"]:
        pk = item["pk"]["S"]
        assert pk == last or pk not in found
        last = pk
        found.setdefault(pk, []).append(int(item["sk"]["N"]))
    assert all(group == sorted(group) for group in found.values())


@pytest.mark.parametrize("total", [1, 2, 3, 7, 1000, 1_000_000])
@pytest.mark.parametrize("index", [{}, {"IndexName": "global"}], ids=["table", "index"])
def test_segments_cut_the_table_up(ask: Ask, total: int, index: dict[str, Any]) -> None:
    whole = numbers(ask(**index))
    if total > 7:  # some of the many
        one = ask(**index, Segment=total - 1, TotalSegments=total)
        assert set(numbers(one)) < set(whole)
        return
    parts = [all_pages(ask, **index, Segment=segment, TotalSegments=total, Limit=2) for segment in range(total)]
    assert [number for part in parts for number in part] == whole


def test_a_starting_key_of_another_segment(ask: Ask) -> None:
    first = ask(Segment=0, TotalSegments=2, Limit=1)["LastEvaluatedKey"]
    problem = (
        "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct "
        "Segment. TotalSegments: 2 Segment: 1"
    )
    with refused("ValidationException", problem):
        ask(Segment=1, TotalSegments=2, ExclusiveStartKey=first)


def test_filters_may_ask_about_keys(ask: Ask) -> None:
    response = ask(
        FilterExpression="sk < :n AND a = :one", ExpressionAttributeValues={":n": {"N": "10"}, ":one": {"N": "1"}}
    )
    assert sorted(numbers(response)) == [1, 3, 5, 7, 9]
    assert (response["Count"], response["ScannedCount"]) == (5, COUNT)


def test_an_index_is_sparse(ask: Ask) -> None:
    for index in ("local", "global"):
        assert sorted(numbers(ask(IndexName=index))) == list(range(0, COUNT, 3))


def test_a_local_index_gets_what_it_lacks(ask: Ask) -> None:
    [item] = ask(IndexName="local", Limit=1, Select="ALL_ATTRIBUTES")["Items"]
    assert set(item) == {"pk", "sk", "g", "a"}


# A Query of the index would be refused.
def test_a_filter_by_what_the_index_does_not_hold(ask: Ask) -> None:
    for index in ("local", "global"):
        response = ask(IndexName=index, FilterExpression="attribute_exists(a)")
        assert (response["Count"], response["ScannedCount"]) == (0, COUNT // 3)
    # What is got from the table to be shown can be asked about, too.
    response = ask(IndexName="local", FilterExpression="attribute_exists(a)", Select="ALL_ATTRIBUTES")
    assert response["Count"] == COUNT // 3


def test_count_and_capacity(ask: Ask) -> None:
    response = ask(Select="COUNT", ReturnConsumedCapacity="INDEXES", ConsistentRead=True)
    assert "Items" not in response
    assert response["Count"] == COUNT
    # 60 items of some 15 bytes are a read of one unit.
    assert response["ConsumedCapacity"]["CapacityUnits"] == 1
    assert response["ConsumedCapacity"]["Table"] == {"CapacityUnits": 1.0}


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            {"Select": "COUNT", "ProjectionExpression": "a"},
            COUNTED + "Cannot specify the ProjectionExpression when choosing to get only the Count",
        ),
        ({"IndexName": "nope"}, "The table does not have the specified index: nope"),
        (
            {"IndexName": "global", "ConsistentRead": True},
            "Consistent reads are not supported on global secondary indexes",
        ),
        (
            {"IndexName": "global", "ProjectionExpression": "a"},
            "One or more parameter values were invalid: Global secondary index global does not project [a]",
        ),
        (
            {"Segment": 0},
            (
                "The TotalSegments parameter is required but was not present in the request when Segment parameter is "
                "present"
            ),
        ),
        (
            {"TotalSegments": 4},
            (
                "The Segment parameter is required but was not present in the request when parameter TotalSegments is "
                "present"
            ),
        ),
        (
            {"TotalSegments": 4, "Segment": 4},
            "The Segment parameter is zero-based and must be less than parameter TotalSegments",
        ),
        (
            {"ExclusiveStartKey": {"pk": {"S": "p"}}},
            "The provided starting key is invalid: The provided key element does not match the schema",
        ),
        (
            {"ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"S": "1"}}},
            "The provided starting key is invalid: The provided key element does not match the schema",
        ),
        (
            {"IndexName": "global", "ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "1"}}},
            "The provided starting key is invalid",
        ),
    ],
)
def test_requests_that_are_refused(ask: Ask, more: dict[str, Any], problem: str) -> None:
    with refused("ValidationException", problem):
        ask(**more)


def test_a_page_of_1_mb(dynamodb: Any) -> None:
    name = make_table(dynamodb, "pk:S")
    for number in range(4):
        dynamodb.put_item(TableName=name, Item={"pk": {"S": str(number)}, "x": {"S": "x" * 390 * 1024}})
    page = dynamodb.scan(TableName=name)
    assert page["Count"] == 3  # the third one reaches 1 MB
    assert dynamodb.scan(TableName=name, ExclusiveStartKey=page["LastEvaluatedKey"])["Count"] == 1
    dynamodb.delete_table(TableName=name)


def test_there_has_to_be_a_table(dynamodb: Any) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.scan(TableName="no-such-table")
