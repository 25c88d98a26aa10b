"""Streams on and off, and what stays of them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.errors import ValidationException

Call = Callable[..., dict[str, Any]]
Records = Callable[[str], list[dict[str, Any]]]

ON = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
OFF = {"StreamEnabled": False}

INVALID = "One or more parameter values were invalid: "


def switch(call: Call, specification: dict[str, Any]) -> dict[str, Any]:
    table: dict[str, Any] = call("UpdateTable", TableName="rates", StreamSpecification=specification)[
        "TableDescription"
    ]
    return table


def describe(call: Call, arn: str) -> dict[str, Any]:
    stream: dict[str, Any] = call("DescribeStream", StreamArn=arn)["StreamDescription"]
    return stream


def put(call: Call, key: str) -> None:
    call("PutItem", TableName="rates", Item={"pk": {"S": key}})


def read_all(call: Call, arn: str) -> list[str]:
    [shard] = describe(call, arn)["Shards"]
    place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    page = call("GetRecords", ShardIterator=call("GetShardIterator", **place)["ShardIterator"])
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in page["Records"]]


def test_a_fresh_stream(call: Call, create: Call) -> None:
    table = create("rates", "pk:S", "sk:N", stream="NEW_IMAGE")
    assert table["StreamSpecification"] == ON
    # ISO 8601 with milliseconds, no zone; a ManualClock begins at 1700000000.
    assert table["LatestStreamLabel"] == "2023-11-14T22:13:20.000"
    assert table["LatestStreamArn"] == f"{table['TableArn']}/stream/{table['LatestStreamLabel']}"
    stream = describe(call, table["LatestStreamArn"])
    [shard] = stream.pop("Shards")
    assert stream == {
        "StreamArn": table["LatestStreamArn"],
        "StreamLabel": table["LatestStreamLabel"],
        "StreamStatus": "ENABLED",
        "StreamViewType": "NEW_IMAGE",
        "CreationRequestDateTime": 1_700_000_000,
        "TableName": "rates",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    }
    assert re.fullmatch(r"shardId-\d{20}-[0-9a-f]{8}", shard["ShardId"])
    assert 28 <= len(shard["ShardId"]) <= 65
    assert set(shard) == {"ShardId", "SequenceNumberRange"}
    assert set(shard["SequenceNumberRange"]) == {"StartingSequenceNumber"}


# The specification disappears; ARN and label stay; the records stay readable.
def test_switched_off(call: Call, create: Call) -> None:
    arn = create("rates", stream="NEW_IMAGE")["LatestStreamArn"]
    put(call, "a")
    table = switch(call, OFF)
    put(call, "b")
    assert "StreamSpecification" not in table
    assert table["LatestStreamArn"] == arn
    assert describe(call, arn)["StreamStatus"] == "DISABLED"
    assert read_all(call, arn) == ["a"]


def test_switched_on_again_it_is_another_stream(call: Call, create: Call) -> None:
    first = create("rates", stream="NEW_IMAGE")["LatestStreamArn"]
    put(call, "a")
    switch(call, OFF)
    second = switch(call, ON)["LatestStreamArn"]  # in the same millisecond, on a clock that stands
    put(call, "b")
    assert first != second
    assert read_all(call, first) == ["a"]
    assert read_all(call, second) == ["b"]


@pytest.mark.parametrize("written", [0, 1, 3])
def test_a_closed_shard_has_a_range_that_holds_its_records(
    call: Call, create: Call, records: Records, written: int
) -> None:
    arn = create("rates", stream="KEYS_ONLY")["LatestStreamArn"]
    for number in range(written):
        put(call, str(number))
    switch(call, OFF)
    [shard] = describe(call, arn)["Shards"]
    first = int(shard["SequenceNumberRange"]["StartingSequenceNumber"])
    last = int(shard["SequenceNumberRange"]["EndingSequenceNumber"])
    assert first <= last
    assert all(first <= int(record["dynamodb"]["SequenceNumber"]) <= last for record in records("rates"))


def test_a_deleted_table_leaves_its_stream_to_be_read(call: Call, create: Call) -> None:
    arn = create("rates", stream="KEYS_ONLY")["LatestStreamArn"]
    put(call, "a")
    call("DeleteTable", TableName="rates")
    assert [stream["StreamArn"] for stream in call("ListStreams", TableName="rates")["Streams"]] == [arn]
    assert describe(call, arn)["StreamStatus"] == "DISABLED"
    assert read_all(call, arn) == ["a"]


def test_a_table_made_again_has_a_stream_of_its_own(call: Call, create: Call) -> None:
    first = create("rates", stream="KEYS_ONLY")["LatestStreamArn"]
    put(call, "a")
    call("DeleteTable", TableName="rates")
    second = create("rates", stream="KEYS_ONLY")["LatestStreamArn"]
    put(call, "b")
    assert (read_all(call, first), read_all(call, second)) == (["a"], ["b"])


@pytest.mark.parametrize(
    ("now", "specification", "message"),
    [
        ("KEYS_ONLY", ON, "Table already has an enabled stream: TableName: rates"),
        (None, OFF, "Table has no stream to disable: TableName: rates"),
        (
            None,
            {"StreamEnabled": True},
            INVALID + "If stream is being enabled then UpdateViewType is required",
        ),
        (
            "KEYS_ONLY",
            {"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"},
            INVALID + "If stream is being disabled, then UpdateViewType must not be specified",
        ),
    ],
)
def test_refusals(call: Call, create: Call, now: str | None, specification: dict[str, Any], message: str) -> None:
    create("rates", stream=now)
    with pytest.raises(ValidationException) as caught:
        switch(call, specification)
    assert caught.value.message == message


def test_list_streams_pages_and_filters(call: Call, create: Call) -> None:
    arns = sorted(create(name, stream="KEYS_ONLY")["LatestStreamArn"] for name in ("aaa", "bbb", "ccc"))
    page = call("ListStreams", Limit=2)
    assert [stream["StreamArn"] for stream in page["Streams"]] == arns[:2]
    page = call("ListStreams", Limit=2, ExclusiveStartStreamArn=page["LastEvaluatedStreamArn"])
    assert [stream["StreamArn"] for stream in page["Streams"]] == arns[2:]
    assert "LastEvaluatedStreamArn" not in page
    assert [stream["TableName"] for stream in call("ListStreams", TableName="bbb")["Streams"]] == ["bbb"]
    assert call("ListStreams", TableName="none")["Streams"] == []


def test_a_malformed_start_is_refused(call: Call) -> None:
    with pytest.raises(ValidationException):
        call("ListStreams", ExclusiveStartStreamArn="x" * 40)


# An unknown shard to start behind gives an empty list, no error.
def test_describe_stream_behind_the_last_shard(call: Call, create: Call) -> None:
    arn = create("rates", stream="KEYS_ONLY")["LatestStreamArn"]
    behind = f"shardId-{'9' * 20}-ffffffff"
    stream = call("DescribeStream", StreamArn=arn, ExclusiveStartShardId=behind)["StreamDescription"]
    assert stream["Shards"] == []


# Sequence numbers go on where they were: a number that was given is never given again.
def test_a_restart_goes_on(tmp_path: Path, call_on: Callable[[Engine], Call]) -> None:
    arn, numbers = "", []
    for key in "ab":
        engine = Engine.open(tmp_path, ManualClock())
        call = call_on(engine)
        if not arn:
            created = call(
                "CreateTable",
                TableName="rates",
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification=ON,
            )
            arn = created["TableDescription"]["LatestStreamArn"]
        put(call, key)
        [shard] = describe(call, arn)["Shards"]
        place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        page = call("GetRecords", ShardIterator=call("GetShardIterator", **place)["ShardIterator"])
        numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in page["Records"]]
        engine.close()
    assert len(numbers) == 2
    assert numbers[0] < numbers[1]
