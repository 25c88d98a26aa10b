"""GetRecords over the wire, as a consumer reads a stream."""

from datetime import UTC, datetime
from typing import Any

from everwarm.clock import ManualClock
from tests.wire.consuming import iterator, keys, put
from tests.wire.refused import refused


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


def test_an_iterator_that_is_too_old(streams: Any, place: dict[str, str], clock: ManualClock) -> None:
    old = iterator(streams, place)
    clock.advance(15 * 60 + 1)
    with refused("ExpiredIteratorException"):
        streams.get_records(ShardIterator=old)


# What had been written before the stream was switched off is read to its end, and then there is no next iterator.
def test_a_stream_that_was_switched_off_is_read_to_its_end(
    dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]
) -> None:
    put(dynamodb, fresh, "a")
    dynamodb.update_table(TableName=fresh, StreamSpecification={"StreamEnabled": False})
    page = streams.get_records(ShardIterator=iterator(streams, place))
    assert keys(page) == ["a"]
    assert "NextShardIterator" not in page


def test_what_makes_no_sense(streams: Any, place: dict[str, str]) -> None:
    with refused("ValidationException"):
        streams.get_records(ShardIterator="nonsense")
    with refused("ValidationException", has="limit"):
        streams.get_records(ShardIterator=iterator(streams, place), Limit=1001)
