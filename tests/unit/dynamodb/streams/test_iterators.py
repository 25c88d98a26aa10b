"""Shard iterators: four ways to begin, 15 minutes to live, and nonsense refused."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.streams.iterators import ShardIterator
from everwarm.errors import ExpiredIteratorException, ResourceNotFoundException, ValidationException

Call = Callable[..., dict[str, Any]]

UNKNOWN_SHARD = "shardId-00000001573689847184-864758bb"


@pytest.fixture
def place(call: Call, create: Call) -> dict[str, str]:
    """A stream and its shard, with the records a, b, c."""
    arn = create("rates", stream="KEYS_ONLY")["LatestStreamArn"]
    for key in "abc":
        put(call, key)
    [shard] = call("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
    return {"StreamArn": arn, "ShardId": shard["ShardId"]}


def put(call: Call, key: str) -> None:
    call("PutItem", TableName="rates", Item={"pk": {"S": key}})


def read(call: Call, iterator: str, **more: Any) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = call("GetRecords", ShardIterator=iterator, **more)["Records"]
    return records


def keys(call: Call, iterator: str) -> str:
    return "".join(record["dynamodb"]["Keys"]["pk"]["S"] for record in read(call, iterator))


def iterator(call: Call, place: dict[str, str], kind: str, **more: str) -> str:
    text: str = call("GetShardIterator", **place, ShardIteratorType=kind, **more)["ShardIterator"]
    return text


def test_trim_horizon_is_the_oldest_record(call: Call, place: dict[str, str]) -> None:
    assert keys(call, iterator(call, place, "TRIM_HORIZON")) == "abc"


def test_latest_is_behind_the_newest_record(call: Call, place: dict[str, str]) -> None:
    latest = iterator(call, place, "LATEST")
    assert keys(call, latest) == ""
    put(call, "d")
    assert keys(call, latest) == "d"


def test_latest_of_an_empty_stream(call: Call, create: Call) -> None:
    arn = create("rates", stream="KEYS_ONLY")["LatestStreamArn"]
    [shard] = call("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
    latest = iterator(call, {"StreamArn": arn, "ShardId": shard["ShardId"]}, "LATEST")
    put(call, "a")
    assert keys(call, latest) == "a"


def test_at_and_after_a_sequence_number(call: Call, place: dict[str, str]) -> None:
    second = read(call, iterator(call, place, "TRIM_HORIZON"))[1]["dynamodb"]["SequenceNumber"]
    assert keys(call, iterator(call, place, "AT_SEQUENCE_NUMBER", SequenceNumber=second)) == "bc"
    assert keys(call, iterator(call, place, "AFTER_SEQUENCE_NUMBER", SequenceNumber=second)) == "c"


# The number that DescribeStream gives is one to begin with.
def test_at_the_start_of_the_shard(call: Call, place: dict[str, str]) -> None:
    [shard] = call("DescribeStream", StreamArn=place["StreamArn"])["StreamDescription"]["Shards"]
    start = shard["SequenceNumberRange"]["StartingSequenceNumber"]
    assert keys(call, iterator(call, place, "AT_SEQUENCE_NUMBER", SequenceNumber=start)) == "abc"


# An iterator is a place, not a cursor: using it twice gives the same.
def test_an_iterator_can_be_used_again(call: Call, place: dict[str, str]) -> None:
    start = iterator(call, place, "TRIM_HORIZON")
    assert keys(call, start) == keys(call, start) == "abc"


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("AT_SEQUENCE_NUMBER", {}),
        ("AFTER_SEQUENCE_NUMBER", {}),
        ("TRIM_HORIZON", {"SequenceNumber": "1" * 21}),
        ("LATEST", {"SequenceNumber": "1" * 21}),
        ("AT_SEQUENCE_NUMBER", {"SequenceNumber": "x" * 21}),
        ("AT_SEQUENCE_NUMBER", {"SequenceNumber": "9" * 40}),
        ("AT_SEQUENCE_NUMBER", {"SequenceNumber": "1"}),
        ("SOMEWHERE", {}),
    ],
)
def test_what_makes_no_iterator(call: Call, place: dict[str, str], kind: str, more: dict[str, str]) -> None:
    with pytest.raises(ValidationException):
        iterator(call, place, kind, **more)


def test_no_such_shard(call: Call, place: dict[str, str]) -> None:
    with pytest.raises(ResourceNotFoundException) as caught:
        iterator(call, {**place, "ShardId": UNKNOWN_SHARD}, "LATEST")
    assert caught.value.message == "Requested resource not found: Shard does not exist"


def test_no_such_stream(call: Call, place: dict[str, str]) -> None:
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/none/stream/2015-05-11T21:21:33.291"
    with pytest.raises(ResourceNotFoundException) as caught:
        iterator(call, {**place, "StreamArn": arn}, "LATEST")
    assert caught.value.message == f"Requested resource not found: Stream: {arn} not found"


def test_no_stream_arn_at_all(call: Call, place: dict[str, str]) -> None:
    with pytest.raises(ValidationException):
        iterator(call, {**place, "StreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/rates"}, "LATEST")


# "A shard iterator expires 15 minutes after it is returned to the requester" (GetShardIterator).
def test_an_iterator_lives_for_15_minutes(call: Call, place: dict[str, str], clock: ManualClock) -> None:
    start = iterator(call, place, "TRIM_HORIZON")
    clock.advance(15 * 60)
    assert keys(call, start) == "abc"
    clock.advance(1)
    with pytest.raises(ExpiredIteratorException):
        read(call, start)


def test_the_next_iterator_lives_anew(call: Call, place: dict[str, str], clock: ManualClock) -> None:
    start = iterator(call, place, "TRIM_HORIZON")
    clock.advance(14 * 60)
    following = call("GetRecords", ShardIterator=start)["NextShardIterator"]
    clock.advance(14 * 60)
    assert keys(call, following) == ""


def forged(inner: str) -> str:
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/rates/stream/2015-05-11T21:21:33.291"
    return f"{arn}|1|{base64.urlsafe_b64encode(inner.encode()).decode()}"


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "|",
        "a|1|b",
        "a|1|ÄÄÄÄ",
        forged("[]"),
        forged('"abc"'),
        forged("7"),
        forged('["shard", null, 1700000000]'),
        forged('["shard", "x", 1700000000]'),
        forged('["shard", 1e400, 1700000000]'),
        forged(f'["shard", "{"9" * 40}", 1700000000]'),
        forged('["shard", -1, 1700000000]'),
        forged('["shard", 1, 1700000000]').replace("|1|", "|2|"),
        "x" * 2048,
    ],
)
def test_a_malformed_iterator(call: Call, text: str) -> None:
    with pytest.raises(ValidationException):
        read(call, text)


def test_text_round_trips() -> None:
    made = ShardIterator("arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/l", UNKNOWN_SHARD, 7, 1_700_000_000.5)
    assert ShardIterator.from_text(made.to_text(), made.issued_at) == made
