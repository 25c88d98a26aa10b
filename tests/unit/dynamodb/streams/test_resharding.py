"""Splits and rotations: what becomes of the shards, and that no key's records are lost or get out of order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.streams.settings import StreamSettings
from everwarm.errors import ResourceNotFoundException, ValidationException

Call = Callable[..., dict[str, Any]]
CallOn = Callable[[Engine], Call]


def make_table(call: Call) -> str:
    call(
        "CreateTable",
        TableName="rates",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    arn: str = call("DescribeTable", TableName="rates")["Table"]["LatestStreamArn"]
    return arn


def put(call: Call, key: str, n: int = 0) -> None:
    call("PutItem", TableName="rates", Item={"pk": {"S": key}, "n": {"N": str(n)}})


def shards(call: Call, arn: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
    return found


def split(engine: Engine, arn: str, shard_id: str | None = None) -> None:
    engine.store.update(lambda tx: engine.streams.split(tx, arn, shard_id), alone=True)


def rotate(engine: Engine, arn: str, shard_id: str | None = None) -> None:
    engine.store.update(lambda tx: engine.streams.rotate(tx, arn, shard_id), alone=True)


def read(call: Call, arn: str, shard_id: str) -> list[tuple[str, int]]:
    """All of a shard's records, from its oldest: keys and what they were set to."""
    place = {"StreamArn": arn, "ShardId": shard_id, "ShardIteratorType": "TRIM_HORIZON"}
    iterator, found = call("GetShardIterator", **place)["ShardIterator"], []
    while iterator:
        page = call("GetRecords", ShardIterator=iterator, Limit=3)
        found += [(r["dynamodb"]["Keys"]["pk"]["S"], int(r["dynamodb"]["NewImage"]["n"]["N"])) for r in page["Records"]]
        iterator = page.get("NextShardIterator") if page["Records"] else None
    return found


def is_open(shard: dict[str, Any]) -> bool:
    return "EndingSequenceNumber" not in shard["SequenceNumberRange"]


def test_a_split(engine: Engine, call: Call) -> None:
    arn = make_table(call)
    for key in "abcdefgh":
        put(call, key, 1)
    split(engine, arn)
    for key in "abcdefgh":
        put(call, key, 2)
    parent, *children = shards(call, arn)
    assert len(children) == 2
    assert not is_open(parent)
    assert "ParentShardId" not in parent
    end = int(parent["SequenceNumberRange"]["EndingSequenceNumber"])
    for child in children:
        assert is_open(child)
        assert child["ParentShardId"] == parent["ShardId"]
        assert int(child["SequenceNumberRange"]["StartingSequenceNumber"]) > end
    assert read(call, arn, parent["ShardId"]) == [(key, 1) for key in "abcdefgh"]
    halves = [read(call, arn, child["ShardId"]) for child in children]
    assert sorted(halves[0] + halves[1]) == [(key, 2) for key in "abcdefgh"]
    assert all(halves)


def test_a_rotation(engine: Engine, call: Call) -> None:
    arn = make_table(call)
    put(call, "a", 1)
    rotate(engine, arn)
    put(call, "a", 2)
    parent, child = shards(call, arn)
    assert (is_open(parent), is_open(child)) == (False, True)
    assert child["ParentShardId"] == parent["ShardId"]
    assert [read(call, arn, shard["ShardId"]) for shard in (parent, child)] == [[("a", 1)], [("a", 2)]]


def test_one_shard_of_several(call_on: CallOn) -> None:
    engine = Engine.open(None, ManualClock(), stream_settings=StreamSettings(shards=3))
    call = call_on(engine)
    arn = make_table(call)
    first = shards(call, arn)
    assert [is_open(shard) for shard in first] == [True] * 3
    split(engine, arn, first[1]["ShardId"])
    after = shards(call, arn)
    assert [is_open(shard) for shard in after] == [True, False, True, True, True]
    assert [shard.get("ParentShardId") for shard in after[3:]] == [first[1]["ShardId"]] * 2
    engine.close()


def test_what_cannot_be_split(engine: Engine, call: Call) -> None:
    arn = make_table(call)
    [shard] = shards(call, arn)
    rotate(engine, arn)
    with pytest.raises(ValidationException, match="closed"):
        split(engine, arn, shard["ShardId"])
    with pytest.raises(ResourceNotFoundException, match="Shard does not exist"):
        split(engine, arn, "shardId-00000001573689847184-864758bb")
    with pytest.raises(ResourceNotFoundException, match="not found"):
        split(engine, arn + "0")
    call("UpdateTable", TableName="rates", StreamSpecification={"StreamEnabled": False})
    with pytest.raises(ValidationException, match="disabled"):
        split(engine, arn)


def test_a_shard_of_one_hash_is_not_split(engine: Engine, call: Call) -> None:
    arn = make_table(call)
    for _ in range(16):
        split(engine, arn, shards(call, arn)[-1]["ShardId"])  # the younger half of the last split
    last = engine.streams.find(arn).shards[-1]
    assert last.high - last.low == 1
    with pytest.raises(ValidationException, match="one hash"):
        split(engine, arn, last.shard_id)
    rotate(engine, arn, last.shard_id)


# A transaction that fails leaves the shards as they were.
def test_a_split_that_is_rolled_back(engine: Engine, call: Call) -> None:
    arn = make_table(call)

    def fail(tx: Tx) -> None:
        engine.streams.split(tx, arn)
        raise ValueError("of the test's own")

    with pytest.raises(ValueError, match="own"):
        engine.store.update(fail, alone=True)
    put(call, "a", 1)
    [shard] = shards(call, arn)
    assert read(call, arn, shard["ShardId"]) == [("a", 1)]


def test_shards_survive_a_restart(tmp_path: Path, call_on: CallOn) -> None:
    clock = ManualClock()
    engine = Engine.open(tmp_path, clock)
    call = call_on(engine)
    arn = make_table(call)
    put(call, "a", 1)
    split(engine, arn)
    put(call, "a", 2)
    before = shards(call, arn)
    engine.close()
    engine = Engine.open(tmp_path, clock)
    call = call_on(engine)
    assert shards(call, arn) == before
    put(call, "a", 3)
    assert sorted(read(call, arn, shard["ShardId"]) for shard in before) == [[], [("a", 1)], [("a", 2), ("a", 3)]]
    engine.close()


class Follower:
    """Reads a stream as the API reference tells to: a parent to its end before its children."""

    def __init__(self, call: Call, arn: str) -> None:
        self.seen: list[tuple[str, int]] = []
        self._call = call
        self._arn = arn
        self._iterators: dict[str, str] = {}
        self._finished: set[str] = set()

    def step(self, limit: int) -> None:
        listed = shards(self._call, self._arn)
        known = {shard["ShardId"] for shard in listed}
        for shard in listed:
            shard_id, parent = shard["ShardId"], shard.get("ParentShardId")
            if shard_id in self._finished or (parent in known and parent not in self._finished):
                continue
            if shard_id not in self._iterators:
                place = {"StreamArn": self._arn, "ShardId": shard_id, "ShardIteratorType": "TRIM_HORIZON"}
                self._iterators[shard_id] = self._call("GetShardIterator", **place)["ShardIterator"]
            page = self._call("GetRecords", ShardIterator=self._iterators[shard_id], Limit=limit)
            for record in page["Records"]:
                image = record["dynamodb"]["NewImage"]
                self.seen.append((image["pk"]["S"], int(image["n"]["N"])))
            if "NextShardIterator" in page:
                self._iterators[shard_id] = page["NextShardIterator"]
            else:
                self._finished.add(shard_id)


WRITES = st.tuples(st.just("write"), st.integers(1, 9))
SPLITS = st.tuples(st.sampled_from(["split", "rotate"]), st.integers(0, 5))
READS = st.tuples(st.just("read"), st.integers(1, 4))
WAITS = st.tuples(st.just("wait"), st.integers(0, 5))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 4), st.lists(st.one_of(WRITES, SPLITS, READS, WAITS), max_size=40))
def test_a_reader_that_follows_the_parents_gets_each_key_in_order(
    call_on: CallOn, count: int, steps: list[tuple[str, int]]
) -> None:
    clock = ManualClock()
    engine = Engine.open(None, clock, stream_settings=StreamSettings(shards=count))
    call = call_on(engine)
    arn = make_table(call)
    follower = Follower(call, arn)
    written: dict[str, list[int]] = {}
    n = 0
    for what, amount in steps:
        open_ids = [shard["ShardId"] for shard in shards(call, arn) if is_open(shard)]
        if what == "write":
            for _ in range(amount):
                n += 1
                key = f"key-{n % 7}"
                put(call, key, n)
                written.setdefault(key, []).append(n)
        elif what == "split":
            split(engine, arn, open_ids[amount % len(open_ids)])
        elif what == "rotate":
            rotate(engine, arn, open_ids[amount % len(open_ids)] if amount else None)
        elif what == "wait":
            clock.advance(amount)
        else:
            follower.step(amount)
    for _ in range(n + len(steps) + 2):  # each step reads something, or goes one generation of shards further
        follower.step(100)
    by_key: dict[str, list[int]] = {}
    for key, value in follower.seen:
        by_key.setdefault(key, []).append(value)
    assert by_key == written
    engine.close()
