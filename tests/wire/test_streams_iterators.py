"""Iterators, GetRecords and ListStreams. Rows of section 6 of the reference of streams."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.control.client import RunningStack
from tests.wire.consuming import OFF, iterator, keys, put, shards_of, switched_on
from tests.wire.refused import refused

UNKNOWN_SHARD = "shardId-00000001573689847184-864758bb"
UNKNOWN_ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/wire-none/stream/2015-05-11T21:21:33.291"
INVALID = "One or more parameter values were invalid: "


def start_of(streams: Any, place: dict[str, str]) -> str:
    text: str = shards_of(streams, place["StreamArn"])[0]["SequenceNumberRange"]["StartingSequenceNumber"]
    return text


def test_trim_horizon(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]) -> None:
    """6, TRIM_HORIZON: the oldest untrimmed record of that shard."""
    put(dynamodb, fresh, "a", "b")
    assert keys(streams.get_records(ShardIterator=iterator(streams, place, "TRIM_HORIZON"))) == ["a", "b"]


def test_latest(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]) -> None:
    """6, LATEST: just after the newest record; here at the true end."""
    put(dynamodb, fresh, "a")
    latest = iterator(streams, place, "LATEST")
    put(dynamodb, fresh, "b")
    assert keys(streams.get_records(ShardIterator=latest)) == ["b"]


def test_latest_of_a_closed_shard(
    dynamodb: Any, streams: Any, fresh: str, place: dict[str, str], endpoint: str
) -> None:
    """6, LATEST: of a closed shard it is its end, where nothing comes any more."""
    put(dynamodb, fresh, "a")
    RunningStack(endpoint).call("streams/rotate", stream=fresh)
    put(dynamodb, fresh, "b")
    page = streams.get_records(ShardIterator=iterator(streams, place, "LATEST"))
    assert (page["Records"], "NextShardIterator" in page) == ([], False)


def test_at_and_after_a_sequence_number(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]) -> None:
    """6, AT_SEQUENCE_NUMBER / AFTER_SEQUENCE_NUMBER: at / after the given number; a shard's start is valid, too."""
    put(dynamodb, fresh, "a", "b", "c")
    records = streams.get_records(ShardIterator=iterator(streams, place))["Records"]
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    for kind, number, expected in (
        ("AT_SEQUENCE_NUMBER", numbers[1], ["b", "c"]),
        ("AFTER_SEQUENCE_NUMBER", numbers[1], ["c"]),
        ("AFTER_SEQUENCE_NUMBER", numbers[2], []),
        ("AT_SEQUENCE_NUMBER", start_of(streams, place), ["a", "b", "c"]),
        ("AFTER_SEQUENCE_NUMBER", start_of(streams, place), ["a", "b", "c"]),
    ):
        found = iterator(streams, place, kind, SequenceNumber=number)
        assert keys(streams.get_records(ShardIterator=found)) == expected


def test_at_timestamp(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str], clock: ManualClock) -> None:
    """A type of 2026, by the service's model: the first record at or after a moment, to the millisecond."""
    moments = []
    for key in "abc":
        clock.advance(1)
        moments.append(datetime.fromtimestamp(int(clock.now()), UTC))
        clock.advance(0.25)
        put(dynamodb, fresh, key)
    for moment, expected in (
        (moments[0], "abc"),
        (moments[1], "bc"),
        (moments[2], "c"),
        (moments[0] - timedelta(days=30), "abc"),
    ):
        found = iterator(streams, place, "AT_TIMESTAMP", Timestamp=moment)
        assert "".join(keys(streams.get_records(ShardIterator=found))) == expected


def test_what_is_no_timestamp(streams: Any, place: dict[str, str], clock: ManualClock) -> None:
    """A type of 2026, by the service's model: a timestamp in the future is a ValidationException."""
    with refused("ValidationException", has="Timestamp"):
        iterator(streams, place, "AT_TIMESTAMP")
    with refused("ValidationException", has="Timestamp"):
        iterator(streams, place, "LATEST", Timestamp=datetime.fromtimestamp(int(clock.now()), UTC))
    with refused("ValidationException", has="future"):
        iterator(streams, place, "AT_TIMESTAMP", Timestamp=datetime.fromtimestamp(int(clock.now()) + 60, UTC))
    with refused("ValidationException", has="SequenceNumber"):
        moment = datetime.fromtimestamp(int(clock.now()), UTC)
        iterator(streams, place, "AT_TIMESTAMP", Timestamp=moment, SequenceNumber=start_of(streams, place))


@pytest.mark.parametrize("kind", ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"])
def test_without_a_sequence_number(streams: Any, place: dict[str, str], kind: str) -> None:
    """6, AT or AFTER without SequenceNumber."""
    with refused("ValidationException", INVALID + "Invalid SequenceNumber"):
        iterator(streams, place, kind)


@pytest.mark.parametrize("kind", ["TRIM_HORIZON", "LATEST"])
def test_with_a_sequence_number(streams: Any, place: dict[str, str], kind: str) -> None:
    """6, TRIM_HORIZON or LATEST with one."""
    with refused("ValidationException", INVALID + "SequenceNumber should not be passed for this iterator type"):
        iterator(streams, place, kind, SequenceNumber=start_of(streams, place))


def test_a_sequence_number_of_another_shard(
    dynamodb: Any, streams: Any, fresh: str, place: dict[str, str], endpoint: str
) -> None:
    """6, AT or AFTER: a number that cannot be of the shard, before its start or behind its end."""
    RunningStack(endpoint).call("streams/rotate", stream=fresh)
    put(dynamodb, fresh, "a")
    parent, child = shards_of(streams, place["StreamArn"])
    for shard, number in ((child, start_of(streams, place)), (parent, child["SequenceNumberRange"])):
        number = number if isinstance(number, str) else number["StartingSequenceNumber"]
        with refused("ValidationException", "Invalid SequenceNumber for the shard"):
            iterator(streams, {**place, "ShardId": shard["ShardId"]}, "AT_SEQUENCE_NUMBER", SequenceNumber=number)


@pytest.mark.parametrize(
    ("number", "bound"), [("1" * 20, "greater than or equal to 21"), ("1" * 41, "less than or equal to 40")]
)
def test_length_of_a_sequence_number(unchecked_streams: Any, place: dict[str, str], number: str, bound: str) -> None:
    """4, SequenceNumber: 21 to 40 characters."""
    with refused(
        "ValidationException", has=f"at 'sequenceNumber' failed to satisfy constraint: Member must have length {bound}"
    ):
        iterator(unchecked_streams, place, "AT_SEQUENCE_NUMBER", SequenceNumber=number)


@pytest.mark.parametrize("kind", ["SOMEWHERE", "trim_horizon"])
def test_unknown_iterator_type(streams: Any, place: dict[str, str], kind: str) -> None:
    """6, unknown iterator type."""
    with refused(
        "ValidationException",
        f"1 validation error detected: Value '{kind}' at 'shardIteratorType' failed to satisfy constraint: Member must "
        "satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_SEQUENCE_NUMBER, TRIM_HORIZON, AT_TIMESTAMP]",
    ):
        iterator(streams, place, kind)


@pytest.mark.parametrize(
    "arn", ["x" * 40, "arn:aws:dynamodb:us-east-1:000000000000:table/rates", "arn:aws:sqs:us-east-1:000000000000:queue"]
)
def test_malformed_stream_arn(streams: Any, place: dict[str, str], arn: str) -> None:
    """6, malformed stream ARN."""
    with refused("ValidationException", "Invalid StreamArn"):
        iterator(streams, {**place, "StreamArn": arn}, "LATEST")
    with refused("ValidationException", "Invalid StreamArn"):
        streams.describe_stream(StreamArn=arn)


def test_unknown_shard(streams: Any, place: dict[str, str]) -> None:
    """6, unknown shard."""
    with refused("ResourceNotFoundException", "Requested resource not found: Shard does not exist"):
        iterator(streams, {**place, "ShardId": UNKNOWN_SHARD}, "LATEST")


def test_no_such_stream(streams: Any, place: dict[str, str]) -> None:
    """6, well-formed ARN of no stream."""
    told = f"Requested resource not found: Stream: {UNKNOWN_ARN} not found"
    with refused("ResourceNotFoundException", told):
        iterator(streams, {**place, "StreamArn": UNKNOWN_ARN}, "LATEST")
    with refused("ResourceNotFoundException", told):
        streams.describe_stream(StreamArn=UNKNOWN_ARN)


def test_malformed_iterator(streams: Any, place: dict[str, str]) -> None:
    """6, malformed iterator in GetRecords."""
    good = iterator(streams, place)
    for bad in ("nonsense", good[:-4], good.replace("|1|", "|2|"), f"{place['StreamArn']}|1|bm90aGluZw=="):
        with refused("ValidationException", "Invalid ShardIterator"):
            streams.get_records(ShardIterator=bad)


def test_iterator_length(unchecked_streams: Any, place: dict[str, str]) -> None:
    """6, ShardIterator length: 1 to 2048."""
    assert 1 <= len(iterator(unchecked_streams, place)) <= 2048
    for text in ("", "x" * 2049):
        with refused("ValidationException", has="at 'shardIterator' failed to satisfy constraint: Member must have"):
            unchecked_streams.get_records(ShardIterator=text)


def test_iterator_life(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str], clock: ManualClock) -> None:
    """6, iterator older than 15 min. 1, iterator life: 15 minutes from issue; each page gives one that is new."""
    put(dynamodb, fresh, "a")
    found = iterator(streams, place)
    clock.advance(15 * 60)
    page = streams.get_records(ShardIterator=found)
    assert keys(page) == ["a"]
    clock.advance(1)
    with refused("ExpiredIteratorException", begins="Iterator expired."):
        streams.get_records(ShardIterator=found)
    clock.advance(15 * 60 - 1)
    assert keys(streams.get_records(ShardIterator=page["NextShardIterator"])) == []


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_limit_of_get_records(unchecked_streams: Any, place: dict[str, str], limit: int) -> None:
    """6, Limit 0, negative, or above 1000: ValidationException naming limit."""
    bound = "greater than or equal to 1" if limit < 1 else "less than or equal to 1000"
    with refused(
        "ValidationException",
        f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
        f"Member must have value {bound}",
    ):
        unchecked_streams.get_records(ShardIterator=iterator(unchecked_streams, place), Limit=limit)


def test_nothing_to_read(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]) -> None:
    """6, nothing to read: `Records: []` and a NextShardIterator; 6, several empty pages before data."""
    found = iterator(streams, place)
    for _ in range(3):
        page = streams.get_records(ShardIterator=found)
        assert page["Records"] == []
        found = page["NextShardIterator"]
    put(dynamodb, fresh, "a")
    assert keys(streams.get_records(ShardIterator=found)) == ["a"]


@pytest.mark.parametrize("how", ["disabled", "rotated"])
def test_end_of_a_closed_shard(
    dynamodb: Any, streams: Any, fresh: str, place: dict[str, str], endpoint: str, how: str
) -> None:
    """6, end of a closed shard: NextShardIterator is missing already on the call that returns the last record."""
    put(dynamodb, fresh, "a", "b", "c")
    if how == "disabled":
        dynamodb.update_table(TableName=fresh, StreamSpecification=OFF)
    else:
        RunningStack(endpoint).call("streams/rotate", stream=fresh)
    page = streams.get_records(ShardIterator=iterator(streams, place), Limit=2)
    assert keys(page) == ["a", "b"]
    page = streams.get_records(ShardIterator=page["NextShardIterator"], Limit=1)
    assert keys(page) == ["c"]
    assert "NextShardIterator" not in page


def test_a_closed_shard_without_records(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]) -> None:
    """6, end of a closed shard: one that never had a record is at its end at once."""
    dynamodb.update_table(TableName=fresh, StreamSpecification=OFF)
    page = streams.get_records(ShardIterator=iterator(streams, place))
    assert (page["Records"], "NextShardIterator" in page) == ([], False)


def test_a_thousand_records(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]) -> None:
    """1, GetRecords: at most 1,000 records."""
    for first in range(0, 1025, 25):
        wanted = [{"PutRequest": {"Item": {"pk": {"S": str(number)}}}} for number in range(first, first + 25)]
        dynamodb.batch_write_item(RequestItems={fresh: wanted})
    page = streams.get_records(ShardIterator=iterator(streams, place))
    assert len(page["Records"]) == 1000
    assert len(streams.get_records(ShardIterator=page["NextShardIterator"])["Records"]) == 25


def test_a_megabyte(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]) -> None:
    """1, GetRecords: at most 1 MB, whichever comes first; a larger record comes alone."""
    for number in range(8):
        dynamodb.put_item(TableName=fresh, Item={"pk": {"S": str(number)}, "v": {"S": "x" * 300_000}})
    for _ in range(2):
        dynamodb.put_item(TableName=fresh, Item={"pk": {"S": "both"}, "v": {"B": bytes([_]) * 409_000}})
    found: str = iterator(streams, place)
    pages = []
    while (page := streams.get_records(ShardIterator=found))["Records"]:
        pages.append(len(page["Records"]))
        found = page["NextShardIterator"]
    assert pages[:2] == [3, 3]
    assert sum(pages) == 10


def test_list_streams(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str], table: str) -> None:
    """6, ListStreams: filter by TableName; no streams gives an empty list."""
    [listed] = streams.list_streams(TableName=fresh)["Streams"]
    assert listed == {
        "StreamArn": place["StreamArn"],
        "TableName": fresh,
        "StreamLabel": place["StreamArn"].rpartition("/")[2],
    }
    assert streams.list_streams(TableName=table)["Streams"] == []
    assert streams.list_streams(TableName="wire-none")["Streams"] == []


def test_pages_of_list_streams(dynamodb: Any, streams: Any, fresh: str) -> None:
    """6, ListStreams: Limit 1 to 100; pages join."""
    for _ in range(105):
        dynamodb.update_table(TableName=fresh, StreamSpecification=switched_on())
        dynamodb.update_table(TableName=fresh, StreamSpecification=OFF)
    for limit in (100, 7, None):
        found: list[str] = []
        more: dict[str, Any] = {} if limit is None else {"Limit": limit}
        while True:
            page = streams.list_streams(TableName=fresh, **more)
            assert len(page["Streams"]) <= (limit or 100)
            found += [stream["StreamArn"] for stream in page["Streams"]]
            if "LastEvaluatedStreamArn" not in page:
                break
            more["ExclusiveStartStreamArn"] = page["LastEvaluatedStreamArn"]
        assert len(set(found)) == len(found) == 105


@pytest.mark.parametrize("limit", [0, 101])
def test_limit_of_list_streams(unchecked_streams: Any, limit: int) -> None:
    """6, ListStreams: Limit 1 to 100."""
    bound = "greater than or equal to 1" if limit < 1 else "less than or equal to 100"
    with refused(
        "ValidationException",
        f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
        f"Member must have value {bound}",
    ):
        unchecked_streams.list_streams(Limit=limit)


def test_malformed_start_of_list_streams(streams: Any) -> None:
    """6, ListStreams: a malformed ExclusiveStartStreamArn."""
    with refused("ValidationException", "Invalid StreamArn"):
        streams.list_streams(ExclusiveStartStreamArn="x" * 40)
