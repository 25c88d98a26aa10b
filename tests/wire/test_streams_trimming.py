"""What is left of a stream after a day. Rows of sections 1, 2 and 6 of the reference of streams that speak of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.wire.conftest import make_table
from tests.wire.consuming import (
    OFF,
    House,
    eventually,
    house,
    iterator,
    keys,
    put,
    read_stream,
    shards_of,
    switched_on,
)
from tests.wire.refused import refused

HOUR_S = 3600
DAY_S = 24 * HOUR_S
TRIMMED = "The data you are trying to access has been trimmed"


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A stack whose shards stay, so that it is the records that go."""
    with house(tmp_path_factory.mktemp("day"), shard_age="off") as found:
        yield found


@pytest.fixture
def table(day: House) -> str:
    return make_table(day.dynamodb, "pk:S", StreamSpecification=switched_on())


@pytest.fixture
def place(day: House, table: str) -> dict[str, str]:
    """The stream of `table` and its shard."""
    arn = day.dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    return {"StreamArn": arn, "ShardId": shards_of(day.streams, arn)[0]["ShardId"]}


def test_retention(day: House, table: str, place: dict[str, str]) -> None:
    """1, retention: 24 hours from writing; TRIM_HORIZON (6) is the oldest record that is younger."""
    for key in "abc":
        put(day.dynamodb, table, key)
        day.clock.advance(HOUR_S)
    for later_s, expected in ((0, "abc"), (21 * HOUR_S, "abc"), (1, "bc"), (HOUR_S, "c"), (HOUR_S, "")):
        day.clock.advance(later_s)
        assert "".join(keys(day.streams.get_records(ShardIterator=iterator(day.streams, place)))) == expected
    put(day.dynamodb, table, "d")
    assert len(read_stream(day.streams, place["StreamArn"])) == 1


def test_a_sequence_number_that_is_trimmed(day: House, table: str, place: dict[str, str]) -> None:
    """6, sequence number older than the trim point: TrimmedDataAccessException."""
    put(day.dynamodb, table, "a", "b")
    records = read_stream(day.streams, place["StreamArn"])
    start = shards_of(day.streams, place["StreamArn"])[0]["SequenceNumberRange"]["StartingSequenceNumber"]
    day.clock.advance(DAY_S + 1)
    put(day.dynamodb, table, "c")
    numbers = [start, *(record["dynamodb"]["SequenceNumber"] for record in records)]
    for number in numbers:
        for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
            with refused("TrimmedDataAccessException", TRIMMED):
                iterator(day.streams, place, kind, SequenceNumber=number)


def test_trimmed_before_use(day: House, table: str, place: dict[str, str]) -> None:
    """6, trimmed before use: an iterator whose record has gone is refused; the horizon moves with what is there."""
    put(day.dynamodb, table, "a", "b")
    day.clock.advance(DAY_S - 60)
    put(day.dynamodb, table, "c")
    horizon = iterator(day.streams, place)
    page = day.streams.get_records(ShardIterator=horizon, Limit=1)
    latest = iterator(day.streams, place, "LATEST")
    day.clock.advance(61)
    with refused("TrimmedDataAccessException", TRIMMED):
        day.streams.get_records(ShardIterator=page["NextShardIterator"])
    assert keys(day.streams.get_records(ShardIterator=horizon)) == ["c"]
    assert keys(day.streams.get_records(ShardIterator=latest)) == []


@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_a_disabled_stream_is_gone_after_a_day(day: House, table: str, place: dict[str, str], how: str) -> None:
    """2, re-enable and delete the table: the old stream stays readable by its ARN for 24 h, and is not found then."""
    arn = place["StreamArn"]
    put(day.dynamodb, table, "a")
    if how == "disabled":
        day.dynamodb.update_table(TableName=table, StreamSpecification=OFF)
    else:
        day.dynamodb.delete_table(TableName=table)
    day.clock.advance(DAY_S)
    assert len(read_stream(day.streams, arn)) == 1
    text = iterator(day.streams, place)
    assert [stream["StreamArn"] for stream in day.streams.list_streams(TableName=table)["Streams"]] == [arn]
    day.clock.advance(1)
    assert day.streams.list_streams(TableName=table)["Streams"] == []
    not_found = f"Requested resource not found: Stream: {arn} not found"
    with refused("ResourceNotFoundException", not_found):
        day.streams.describe_stream(StreamArn=arn)
    with refused("ResourceNotFoundException", not_found):
        iterator(day.streams, place)
    with refused("ResourceNotFoundException", not_found):
        day.streams.get_records(ShardIterator=text)


def test_the_table_knows_its_last_stream_for_longer(day: House, table: str, place: dict[str, str]) -> None:
    """2, after disabling: ARN and label stay in DescribeTable."""
    day.dynamodb.update_table(TableName=table, StreamSpecification=OFF)
    day.clock.advance(3 * DAY_S)
    assert day.dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"] == place["StreamArn"]
    again = day.dynamodb.update_table(TableName=table, StreamSpecification=switched_on())["TableDescription"]
    assert again["LatestStreamArn"] != place["StreamArn"]


def test_closed_shards_vanish(tmp_path_factory: pytest.TempPathFactory) -> None:
    """5, life of a shard, and 1, retention: a shard that was closed a day ago is not listed any more."""
    with house(tmp_path_factory.mktemp("hours")) as hours:
        table = make_table(hours.dynamodb, "pk:S", StreamSpecification=switched_on())
        arn: str = hours.dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        first = shards_of(hours.streams, arn)[0]["ShardId"]
        put(hours.dynamodb, table, "a")

        def pass_four_hours() -> None:
            newest: dict[str, Any] = shards_of(hours.streams, arn)[-1]
            hours.clock.advance(4 * HOUR_S)
            eventually(lambda: shards_of(hours.streams, arn)[-1]["ShardId"] != newest["ShardId"])

        for _ in range(7):
            pass_four_hours()
        # Closed 24 hours ago, to the millisecond: still there.
        assert shards_of(hours.streams, arn)[0]["ShardId"] == first
        hours.clock.advance(60)
        shards = shards_of(hours.streams, arn)
        assert first not in {shard["ShardId"] for shard in shards}
        assert len(shards) == 7
        assert shards[0]["ParentShardId"] == first  # which readers take for read, as it is gone
        with refused("ResourceNotFoundException", "Requested resource not found: Shard does not exist"):
            iterator(hours.streams, {"StreamArn": arn, "ShardId": first})
        assert read_stream(hours.streams, arn) == []
