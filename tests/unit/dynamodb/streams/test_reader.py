"""Pages of records: 1,000 or 1 MB, and how a closed shard ends."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from everwarm.errors import ValidationException

Call = Callable[..., dict[str, Any]]


@pytest.fixture
def start(call: Call, create: Call) -> Callable[[], str]:
    """`start()`: an iterator at the beginning of the stream of `rates`."""
    arn = create("rates", stream="NEW_AND_OLD_IMAGES")["LatestStreamArn"]

    def start() -> str:
        [shard] = call("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
        place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator: str = call("GetShardIterator", **place)["ShardIterator"]
        return iterator

    return start


def put_many(call: Call, count: int, *, size_bytes: int = 1) -> None:
    for first in range(0, count, 25):
        wanted = [
            {"PutRequest": {"Item": {"pk": {"S": f"{number:05}"}, "v": {"S": "x" * size_bytes}}}}
            for number in range(first, min(first + 25, count))
        ]
        call("BatchWriteItem", RequestItems={"rates": wanted})


def keys(page: dict[str, Any]) -> list[str]:
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in page["Records"]]


def switch_off(call: Call) -> None:
    call("UpdateTable", TableName="rates", StreamSpecification={"StreamEnabled": False})


def test_pages_join_without_gap_or_overlap(call: Call, start: Callable[[], str]) -> None:
    put_many(call, 7)
    iterator, found = start(), []
    for expected in (3, 3, 1, 0):
        page = call("GetRecords", ShardIterator=iterator, Limit=3)
        assert len(page["Records"]) == expected
        found += keys(page)
        iterator = page["NextShardIterator"]
    assert found == [f"{number:05}" for number in range(7)]


def test_nothing_to_read_still_gives_an_iterator(call: Call, start: Callable[[], str]) -> None:
    page = call("GetRecords", ShardIterator=start())
    assert page["Records"] == []
    put_many(call, 1)
    assert keys(call("GetRecords", ShardIterator=page["NextShardIterator"])) == ["00000"]


def test_a_thousand_records_at_the_most(call: Call, start: Callable[[], str]) -> None:
    put_many(call, 1010)
    page = call("GetRecords", ShardIterator=start())
    assert len(page["Records"]) == 1000
    assert len(call("GetRecords", ShardIterator=page["NextShardIterator"])["Records"]) == 10


def test_a_megabyte_at_the_most(call: Call, start: Callable[[], str]) -> None:
    put_many(call, 12, size_bytes=100_000)
    iterator, found = start(), []
    page = call("GetRecords", ShardIterator=iterator)
    assert 9 <= len(page["Records"]) <= 10
    assert sum(len(json.dumps(record["dynamodb"]["NewImage"])) for record in page["Records"]) <= 1024 * 1024
    found = keys(page) + keys(call("GetRecords", ShardIterator=page["NextShardIterator"]))
    assert found == [f"{number:05}" for number in range(12)]


# A change of an item of 400 KB has two images, and together with their JSON they may pass the megabyte.
def test_a_record_larger_than_a_page_is_a_page(call: Call, start: Callable[[], str]) -> None:
    quotes = '"' * 390_000  # twice as long in JSON
    for version in "12":
        call("PutItem", TableName="rates", Item={"pk": {"S": "a"}, "v": {"S": quotes + version}})
    pages, iterator = [], start()
    for _ in range(2):
        page = call("GetRecords", ShardIterator=iterator)
        pages.append([record["eventName"] for record in page["Records"]])
        iterator = page["NextShardIterator"]
    assert pages == [["INSERT"], ["MODIFY"]]


# Missing, not null and not empty; and already on the call that returns the last record.
def test_the_end_of_a_closed_shard_has_no_next_iterator(call: Call, start: Callable[[], str]) -> None:
    put_many(call, 3)
    switch_off(call)
    page = call("GetRecords", ShardIterator=start(), Limit=2)
    assert keys(page) == ["00000", "00001"]
    page = call("GetRecords", ShardIterator=page["NextShardIterator"], Limit=2)
    assert keys(page) == ["00002"]
    assert "NextShardIterator" not in page


def test_a_full_last_page_is_the_end_too(call: Call, start: Callable[[], str]) -> None:
    put_many(call, 2)
    switch_off(call)
    page = call("GetRecords", ShardIterator=start(), Limit=2)
    assert keys(page) == ["00000", "00001"]
    assert "NextShardIterator" not in page


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_limit_out_of_range_is_named(call: Call, start: Callable[[], str], limit: int) -> None:
    with pytest.raises(ValidationException, match="limit"):
        call("GetRecords", ShardIterator=start(), Limit=limit)
