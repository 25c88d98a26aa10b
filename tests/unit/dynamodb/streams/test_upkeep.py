"""Trimming after 24 hours, shards and streams that vanish, shards that are replaced, and the disk space."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.layout import CHANGE, SHARD, STREAM, after
from everwarm.dynamodb.storage.store import File
from everwarm.dynamodb.streams.settings import StreamSettings
from everwarm.dynamodb.streams.shards import record_place
from everwarm.dynamodb.streams.space import dead_files
from everwarm.errors import EverwarmError, ResourceNotFoundException, TrimmedDataAccessException

Call = Callable[..., dict[str, Any]]
CallOn = Callable[[Engine], Call]

DAY_S = 24 * 3600
HOUR_S = 3600


@pytest.fixture
def arn(call: Call, create: Call) -> str:
    """The stream of the table `rates`."""
    found: str = create("rates", stream="KEYS_ONLY")["LatestStreamArn"]
    return found


def put(call: Call, *keys: str) -> None:
    for key in keys:
        call("PutItem", TableName="rates", Item={"pk": {"S": key}})


def shard_ids(call: Call, arn: str) -> list[str]:
    return [shard["ShardId"] for shard in call("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]]


def iterator(call: Call, arn: str, kind: str = "TRIM_HORIZON", shard_id: str | None = None, **more: str) -> str:
    place = {"StreamArn": arn, "ShardId": shard_id or shard_ids(call, arn)[0], "ShardIteratorType": kind}
    text: str = call("GetShardIterator", **place, **more)["ShardIterator"]
    return text


def page(call: Call, text: str, limit: int = 1000) -> dict[str, Any]:
    return call("GetRecords", ShardIterator=text, Limit=limit)


def keys(found: dict[str, Any]) -> str:
    return "".join(record["dynamodb"]["Keys"]["pk"]["S"] for record in found["Records"])


def on_disk(engine: Engine, space: bytes = CHANGE) -> int:
    return sum(1 for _ in engine.store.scan(space, after(space)))


# Before the upkeep has come by, and after it: readers see the same.
@pytest.mark.parametrize("kept_up", [False, True])
def test_a_record_lives_for_24_hours(call: Call, arn: str, engine: Engine, clock: ManualClock, kept_up: bool) -> None:
    put(call, "a")
    clock.advance(HOUR_S)
    put(call, "b", "c")
    clock.advance(DAY_S - HOUR_S)
    assert keys(page(call, iterator(call, arn))) == "abc"
    clock.advance(1)
    if kept_up:
        engine.upkeep.look()
        assert on_disk(engine) == 2
    assert keys(page(call, iterator(call, arn))) == "bc"
    clock.advance(HOUR_S)
    if kept_up:
        engine.upkeep.look()
        assert on_disk(engine) == 0
    assert keys(page(call, iterator(call, arn))) == ""
    put(call, "d")
    assert keys(page(call, iterator(call, arn, shard_id=shard_ids(call, arn)[-1]))) == "d"


@pytest.mark.parametrize("kept_up", [False, True])
def test_what_is_trimmed_is_refused(call: Call, arn: str, engine: Engine, clock: ManualClock, kept_up: bool) -> None:
    put(call, "a")
    clock.advance(HOUR_S)
    put(call, "b", "c")
    numbers = [r["dynamodb"]["SequenceNumber"] for r in page(call, iterator(call, arn))["Records"]]
    clock.advance(DAY_S - HOUR_S + 1)
    if kept_up:
        engine.upkeep.look()
    for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        with pytest.raises(TrimmedDataAccessException):
            iterator(call, arn, kind, SequenceNumber=numbers[0])
    assert keys(page(call, iterator(call, arn, "AT_SEQUENCE_NUMBER", SequenceNumber=numbers[1]))) == "bc"
    assert keys(page(call, iterator(call, arn, "AFTER_SEQUENCE_NUMBER", SequenceNumber=numbers[1]))) == "c"


# "You obtain a shard iterator, but before you use it, a stream record in the shard exceeds the 24 hour period."
@pytest.mark.parametrize("kept_up", [False, True])
def test_what_was_trimmed_after_the_iterator_was_given(
    call: Call, arn: str, engine: Engine, clock: ManualClock, kept_up: bool
) -> None:
    put(call, "a", "b")
    clock.advance(DAY_S - 60)
    horizon = iterator(call, arn)
    first = page(call, horizon, 1)
    assert keys(first) == "a"
    clock.advance(61)
    put(call, "c")
    if kept_up:
        engine.upkeep.look()
    with pytest.raises(TrimmedDataAccessException):
        page(call, first["NextShardIterator"])
    assert keys(page(call, horizon)) == "c"  # the horizon is wherever it is now


# What is gone is gone, though by the clock it would be young enough again.
def test_a_clock_that_was_set_back(call: Call, arn: str, engine: Engine, clock: ManualClock) -> None:
    put(call, "a", "b")
    [first, _] = page(call, iterator(call, arn))["Records"]
    number = first["dynamodb"]["SequenceNumber"]
    clock.advance(DAY_S + 1)
    engine.upkeep.look()
    clock.jump(-DAY_S)
    with pytest.raises(TrimmedDataAccessException):
        iterator(call, arn, "AT_SEQUENCE_NUMBER", SequenceNumber=number)
    put(call, "c")
    assert keys(page(call, iterator(call, arn, shard_id=shard_ids(call, arn)[-1]))) == "c"


# A shard where nothing happened for days has lost nothing: its numbers and iterators stay good.
def test_a_quiet_shard(call: Call, arn: str, engine: Engine, clock: ManualClock) -> None:
    [shard] = call("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
    start = shard["SequenceNumberRange"]["StartingSequenceNumber"]
    clock.advance(3 * DAY_S)
    at_start, latest = iterator(call, arn, "AT_SEQUENCE_NUMBER", SequenceNumber=start), iterator(call, arn, "LATEST")
    for _ in range(200):
        clock.advance(600)
        at_start, latest = (page(call, text)["NextShardIterator"] for text in (at_start, latest))
    put(call, "a")
    assert (keys(page(call, at_start)), keys(page(call, latest))) == ("a", "a")


def test_a_closed_shard_vanishes_when_it_is_a_day_old(call: Call, arn: str, engine: Engine, clock: ManualClock) -> None:
    put(call, "a")
    [parent] = shard_ids(call, arn)
    engine.store.update(lambda tx: engine.streams.rotate(tx, arn), alone=True)
    child = shard_ids(call, arn)[1]
    clock.advance(DAY_S)
    assert shard_ids(call, arn) == [parent, child]
    clock.advance(1)
    assert shard_ids(call, arn) == [child]
    with pytest.raises(ResourceNotFoundException, match="Shard does not exist"):
        iterator(call, arn, shard_id=parent)
    for _ in range(2):
        engine.upkeep.look()
        clock.advance(2 * HOUR_S)
    assert on_disk(engine) == 0
    assert parent not in {shard.shard_id for shard in engine.streams.find(arn).shards}


# Who is at a shard that vanishes while he pages through DescribeStream keeps his place for an hour.
def test_paging_past_a_shard_that_has_vanished(call: Call, arn: str, engine: Engine, clock: ManualClock) -> None:
    [parent] = shard_ids(call, arn)
    engine.store.update(lambda tx: engine.streams.rotate(tx, arn), alone=True)
    clock.advance(DAY_S + 60)
    engine.upkeep.look()
    behind = call("DescribeStream", StreamArn=arn, ExclusiveStartShardId=parent)["StreamDescription"]["Shards"]
    assert [shard["ShardId"] for shard in behind] == shard_ids(call, arn)
    assert behind


@pytest.mark.parametrize("how", ["disabled", "deleted"])
@pytest.mark.parametrize("kept_up", [False, True])
def test_a_stream_that_was_switched_off_vanishes(
    call: Call, arn: str, engine: Engine, clock: ManualClock, how: str, kept_up: bool
) -> None:
    put(call, "a")
    if how == "disabled":
        call("UpdateTable", TableName="rates", StreamSpecification={"StreamEnabled": False})
    else:
        call("DeleteTable", TableName="rates")
    clock.advance(DAY_S)
    if kept_up:
        engine.upkeep.look()
    assert keys(page(call, iterator(call, arn))) == "a"
    assert [stream["StreamArn"] for stream in call("ListStreams")["Streams"]] == [arn]
    shard_id = shard_ids(call, arn)[0]
    text = iterator(call, arn)
    clock.advance(1)
    if kept_up:
        engine.upkeep.look()
    assert call("ListStreams")["Streams"] == []
    for action, request in (
        ("DescribeStream", {"StreamArn": arn}),
        ("GetShardIterator", {"StreamArn": arn, "ShardId": shard_id, "ShardIteratorType": "LATEST"}),
        ("GetRecords", {"ShardIterator": text}),
    ):
        with pytest.raises(ResourceNotFoundException) as caught:
            call(action, **request)
        assert caught.value.message == f"Requested resource not found: Stream: {arn} not found"
    clock.advance(2 * HOUR_S)
    engine.upkeep.look()
    assert [on_disk(engine, space) for space in (STREAM, SHARD, CHANGE)] == [0, 0, 0]


# Four hours, as on AWS, whether there was anything to write or not; once, however long nobody was there.
@pytest.mark.parametrize("away_s", [4 * HOUR_S, 40 * HOUR_S])
def test_an_old_shard_is_replaced(call: Call, arn: str, engine: Engine, clock: ManualClock, away_s: int) -> None:
    [parent] = shard_ids(call, arn)
    clock.advance(4 * HOUR_S - 1)
    engine.upkeep.look()
    assert shard_ids(call, arn) == [parent]
    clock.advance(1 + away_s - 4 * HOUR_S)
    engine.upkeep.look()
    old, child = call("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
    assert old["ShardId"] == child["ParentShardId"] == parent
    engine.upkeep.look()
    assert len(shard_ids(call, arn)) == 2


def test_shards_need_not_be_replaced(call_on: CallOn, clock: ManualClock) -> None:
    engine = Engine.open(None, clock, stream_settings=StreamSettings(shard_age_s=None))
    call = call_on(engine)
    call(
        "CreateTable",
        TableName="rates",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    clock.advance(DAY_S)
    engine.upkeep.look()
    assert len(shard_ids(call, call("ListStreams")["Streams"][0]["StreamArn"])) == 1
    engine.close()


# Numbers rise also after all records were trimmed and the engine was started anew, on a clock that went back.
def test_a_number_is_never_given_twice(tmp_path: Path, call_on: CallOn) -> None:
    clock = ManualClock()
    engine = Engine.open(tmp_path, clock)
    call = call_on(engine)
    call(
        "CreateTable",
        TableName="rates",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    arn = call("ListStreams")["Streams"][0]["StreamArn"]
    put(call, "a")
    [before] = page(call, iterator(call, arn))["Records"]
    clock.advance(DAY_S + 1)
    engine.upkeep.look()
    assert on_disk(engine) == 0
    engine.close()
    engine = Engine.open(tmp_path, ManualClock())
    call = call_on(engine)
    put(call, "b")
    [after_it] = page(call, iterator(call, arn, shard_id=shard_ids(call, arn)[-1]))["Records"]
    assert int(after_it["dynamodb"]["SequenceNumber"]) > int(before["dynamodb"]["SequenceNumber"])
    engine.close()


async def test_it_runs_in_the_background(call: Call, arn: str, engine: Engine, clock: ManualClock) -> None:
    put(call, "a")
    stop = asyncio.Event()
    running = asyncio.create_task(engine.upkeep.run(stop))
    while on_disk(engine):
        clock.advance(HOUR_S)
        await asyncio.sleep(0.001)
    assert clock.now() > 1_700_000_000 + DAY_S
    stop.set()
    async with asyncio.timeout(10):
        await running


# What RocksDB does by itself while much is written has to be asked for where nothing is written any more.
def test_space_comes_back(tmp_path: Path, call_on: CallOn) -> None:
    clock = ManualClock()
    engine = Engine.open(tmp_path, clock)
    engine.store._db.set_options({"target_file_size_base": "1048576"})  # many files without many bytes
    call = call_on(engine)
    call(
        "CreateTable",
        TableName="rates",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    for _ in range(100):
        noise = os.urandom(100_000).hex()
        call("PutItem", TableName="rates", Item={"pk": {"S": "a"}, "v": {"S": noise}})
    engine.store.reclaim(b"\x00", b"\xff")
    full = sum(file.size_bytes for file in engine.store.files())
    assert full > 10_000_000
    clock.advance(DAY_S + 1)
    engine.upkeep.look()
    assert engine.upkeep.reclaim() == 0  # perhaps RocksDB is at it already
    assert engine.upkeep.reclaim() > 0.9 * full
    assert sum(file.size_bytes for file in engine.store.files()) < 0.2 * full
    assert call("GetItem", TableName="rates", Key={"pk": {"S": "a"}})["Item"]["v"]["S"] == noise
    engine.close()


def test_which_files_are_dead(call: Call, arn: str, engine: Engine, clock: ManualClock) -> None:
    put(call, "a")
    clock.advance(DAY_S + 1)
    put(call, "b")
    engine.upkeep.look()
    stream = engine.streams.find(arn)
    shard = stream.shards[0]

    def place(sequence: int, stream_number: int = stream.number) -> bytes:
        return record_place(stream_number, shard.number, sequence)

    trimmed = shard.trimmed
    dead = File(place(1), place(trimmed), 7)
    gone = File(place(1, 77), place(trimmed + 9, 78), 7)
    beside_items = File(b"\x02item", place(trimmed), 7)
    living = [File(place(1), place(trimmed + 1), 7), File(b"\x02item", b"\x02jtem", 7), File(place(1), b"\x07", 7)]
    assert dead_files([dead, *living, gone, beside_items], [stream]) == [dead, gone, beside_items]


@pytest.mark.parametrize("wrong", [{"shards": 0}, {"shards": 1001}, {"shard_age_s": 0}, {"retention_s": -1}])
def test_settings_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(EverwarmError):
        StreamSettings(**wrong)


# Numbers of a shard are of 24 hours at the most, so the record of a shard on disk stays as small as it is.
def test_what_is_stored_of_a_shard(engine: Engine, call: Call, arn: str) -> None:
    [(_, stored)] = engine.store.scan(SHARD, after(SHARD))
    assert set(orjson.loads(stored)) == {"number", "low", "high", "first", "parent_id", "last", "trimmed"}
