"""DynamoDB Streams over the wire, as a consumer reads them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from everwarm.clock import ManualClock
from tests.wire.refused import refused

ON = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
UNKNOWN_ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/wire-none/stream/2015-05-11T21:21:33.291"
UNKNOWN_SHARD = "shardId-00000001573689847184-864758bb"


@pytest.fixture
def place(dynamodb: Any, streams: Any, fresh: str) -> dict[str, str]:
    """The stream of `fresh` and its shard."""
    arn = dynamodb.update_table(TableName=fresh, StreamSpecification=ON)["TableDescription"]["LatestStreamArn"]
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    return {"StreamArn": arn, "ShardId": shard["ShardId"]}


def iterator(streams: Any, place: dict[str, str], kind: str = "TRIM_HORIZON", **more: str) -> str:
    text: str = streams.get_shard_iterator(**place, ShardIteratorType=kind, **more)["ShardIterator"]
    return text


def put(dynamodb: Any, table: str, *keys: str) -> None:
    for key in keys:
        dynamodb.put_item(TableName=table, Item={"pk": {"S": key}})


def keys(page: dict[str, Any]) -> list[str]:
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in page["Records"]]


def test_it_is_listed_and_described(streams: Any, fresh: str, place: dict[str, str]) -> None:
    [listed] = streams.list_streams(TableName=fresh)["Streams"]
    assert (listed["StreamArn"], listed["TableName"]) == (place["StreamArn"], fresh)
    described = streams.describe_stream(StreamArn=place["StreamArn"])["StreamDescription"]
    assert (described["StreamStatus"], described["StreamViewType"]) == ("ENABLED", "NEW_AND_OLD_IMAGES")
    assert described["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]


# What boto3 hands over is typed: a date, bytes in binary values.
def test_a_record_as_boto3_gives_it(
    dynamodb: Any, streams: Any, fresh: str, place: dict[str, str], clock: ManualClock
) -> None:
    item = {"pk": {"S": "Fred"}, "b": {"B": b"\x00\xff"}}
    dynamodb.put_item(TableName=fresh, Item=item)
    [record] = streams.get_records(ShardIterator=iterator(streams, place))["Records"]
    assert record["eventName"] == "INSERT"
    assert record["dynamodb"]["NewImage"] == item
    assert record["dynamodb"]["ApproximateCreationDateTime"] == datetime.fromtimestamp(int(clock.now()), UTC)
    assert "userIdentity" not in record


def test_a_consumer_that_goes_from_page_to_page(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]) -> None:
    put(dynamodb, fresh, "a", "b", "c")
    page = streams.get_records(ShardIterator=iterator(streams, place), Limit=2)
    assert keys(page) == ["a", "b"]
    page = streams.get_records(ShardIterator=page["NextShardIterator"], Limit=2)
    assert keys(page) == ["c"]
    page = streams.get_records(ShardIterator=page["NextShardIterator"], Limit=2)
    assert keys(page) == []
    put(dynamodb, fresh, "d")
    assert keys(streams.get_records(ShardIterator=page["NextShardIterator"])) == ["d"]


def test_the_four_ways_to_begin(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]) -> None:
    put(dynamodb, fresh, "a", "b", "c")
    latest = iterator(streams, place, "LATEST")
    everything = streams.get_records(ShardIterator=iterator(streams, place))
    second = everything["Records"][1]["dynamodb"]["SequenceNumber"]
    at = iterator(streams, place, "AT_SEQUENCE_NUMBER", SequenceNumber=second)
    after = iterator(streams, place, "AFTER_SEQUENCE_NUMBER", SequenceNumber=second)
    put(dynamodb, fresh, "d")
    assert keys(everything) == ["a", "b", "c"]
    assert keys(streams.get_records(ShardIterator=at)) == ["b", "c", "d"]
    assert keys(streams.get_records(ShardIterator=after)) == ["c", "d"]
    assert keys(streams.get_records(ShardIterator=latest)) == ["d"]


def test_an_iterator_that_is_too_old(streams: Any, place: dict[str, str], clock: ManualClock) -> None:
    old = iterator(streams, place)
    clock.advance(15 * 60 + 1)
    with refused("ExpiredIteratorException"):
        streams.get_records(ShardIterator=old)


def test_a_stream_that_was_switched_off_is_read_to_its_end(
    dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]
) -> None:
    put(dynamodb, fresh, "a")
    dynamodb.update_table(TableName=fresh, StreamSpecification={"StreamEnabled": False})
    page = streams.get_records(ShardIterator=iterator(streams, place))
    assert keys(page) == ["a"]
    assert "NextShardIterator" not in page
    described = streams.describe_stream(StreamArn=place["StreamArn"])["StreamDescription"]
    assert described["StreamStatus"] == "DISABLED"
    assert "EndingSequenceNumber" in described["Shards"][0]["SequenceNumberRange"]


def test_what_is_not_there(streams: Any, place: dict[str, str]) -> None:
    with refused("ResourceNotFoundException", f"Requested resource not found: Stream: {UNKNOWN_ARN} not found"):
        streams.describe_stream(StreamArn=UNKNOWN_ARN)
    with refused("ResourceNotFoundException", "Requested resource not found: Shard does not exist"):
        iterator(streams, {**place, "ShardId": UNKNOWN_SHARD})


def test_what_makes_no_sense(streams: Any, place: dict[str, str]) -> None:
    with refused("ValidationException"):
        streams.describe_stream(StreamArn="x" * 40)
    with refused("ValidationException"):
        iterator(streams, place, "SOMEWHERE")
    with refused("ValidationException"):
        iterator(streams, place, "AT_SEQUENCE_NUMBER")
    with refused("ValidationException"):
        iterator(streams, place, "AT_SEQUENCE_NUMBER", SequenceNumber="9" * 40)
    with refused("ValidationException"):
        streams.get_records(ShardIterator="nonsense")
    with refused("ValidationException", has="limit"):
        streams.get_records(ShardIterator=iterator(streams, place), Limit=1001)


# A malformed filter is refused; the children of a shard that has none are none.
def test_the_children_of_a_shard(streams: Any, place: dict[str, str]) -> None:
    children = {"Type": "CHILD_SHARDS", "ShardId": place["ShardId"]}
    described = streams.describe_stream(StreamArn=place["StreamArn"], ShardFilter=children)
    assert described["StreamDescription"]["Shards"] == []
    with refused("ValidationException"):
        streams.describe_stream(StreamArn=place["StreamArn"], ShardFilter={"Type": "CHILD_SHARDS"})
