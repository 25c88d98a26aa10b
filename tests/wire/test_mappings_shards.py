"""Section 3 of what is known of event source mappings: shards, order, and streams that come and go."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack.support import client, eventually
from tests.wire.consuming import is_open
from tests.wire.mapped import Mapped, Triggered, running

HOURS = 3600.0
FUNCTIONS = {
    "spread": Triggered("batchSize: 100"),
    "ordered": Triggered("batchSize: 1", "if not os.path.exists('go'): raise ValueError('not yet')"),
    "parallel": Triggered("batchSize: 3, parallelizationFactor: 10"),
    "idle": Triggered("batchSize: 100"),
    "switched": Triggered("batchSize: 100", "if not os.path.exists('on'): raise ValueError('not yet')"),
    "dropped": Triggered("batchSize: 100"),
    "bystander": Triggered("batchSize: 100"),
}


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    with running(tmp_path_factory.mktemp("project"), FUNCTIONS, stream_shards=2, shard_age="4h") as mapped:
        yield mapped


def shards(mapped: Mapped, table: str) -> list[dict[str, Any]]:
    """The shards of a table's stream, as DescribeStream lists them."""
    streams = client("dynamodbstreams", mapped.stack.endpoint)
    arn = mapped.dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    listed: list[dict[str, Any]] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    streams.close()
    return listed


def keys_in(mapped: Mapped, table: str, shard_id: str) -> set[str]:
    """The keys of the records in a shard."""
    streams = client("dynamodbstreams", mapped.stack.endpoint)
    arn = mapped.dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
    records = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    streams.close()
    return {record["dynamodb"]["Keys"]["pk"]["S"] for record in records}


def test_a_batch_never_mixes_shards(mapped: Mapped) -> None:
    """Row "A batch never mixes shards"."""
    names = {str(place) for place in range(20)}
    mapped.put("spread", *names)
    sent = mapped.wait("spread", 2)
    left, right = (keys_in(mapped, "spread", shard["ShardId"]) for shard in shards(mapped, "spread") if is_open(shard))
    assert left
    assert right
    assert sorted(map(set, sent), key=min) == sorted((left, right), key=min)
    assert left | right == names


def test_order_is_kept_for_each_key_with_parallel_batches(mapped: Mapped) -> None:
    """Row "Order is per shard; with ParallelizationFactor above 1 it is kept per partition key"."""
    names = [str(place) for place in range(12)]
    for turn in range(8):
        mapped.put("parallel", *names, turn={"N": str(turn)})

    def turns() -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for event in mapped.events("parallel"):
            for record in event["Records"]:
                told = record["dynamodb"]
                found.setdefault(told["Keys"]["pk"]["S"], []).append(int(told["NewImage"]["turn"]["N"]))
        return found

    eventually(lambda: sum(map(len, turns().values())) >= 96)
    # Calls that run at the same time write down what they got in any order, those of one key one after the other.
    assert turns() == {name: list(range(8)) for name in names}


def test_parents_are_drained_before_their_children(mapped: Mapped) -> None:
    """Row "Parent shards are drained before their children"."""
    mapped.put("ordered", "a", turn={"N": "1"})
    mapped.wait("ordered", 1)
    before = {shard["ShardId"] for shard in shards(mapped, "ordered")}
    mapped.clock.advance(4 * HOURS)
    # Shards are replaced when they have reached their age.
    children = eventually(lambda: [shard for shard in shards(mapped, "ordered") if shard["ShardId"] not in before])
    assert {shard["ParentShardId"] for shard in children} <= before
    mapped.put("ordered", "a", turn={"N": "2"})
    tries = mapped.wait("ordered", len(mapped.sent("ordered")) + 2, step_s=1)
    assert set(map(tuple, tries)) == {("a",)}
    assert {_turn(event) for event in mapped.events("ordered")} == {1}
    mapped.allow("go")
    eventually(lambda: _turn(mapped.events("ordered")[-1]) == 2, meanwhile=lambda: mapped.clock.advance(1))
    assert [_turn(event) for event in mapped.events("ordered")] == [1] * (len(mapped.events("ordered")) - 1) + [2]


def _turn(event: dict[str, Any]) -> int:
    return int(event["Records"][0]["dynamodb"]["NewImage"]["turn"]["N"])


def test_no_iterator_dies_of_idleness(mapped: Mapped) -> None:
    """Issue 4, part 3: an iterator lives for 15 minutes, and a stream may be quiet for days."""
    for turn in range(1, 4):
        mapped.put("idle", "a", turn={"N": str(turn)})
        mapped.wait("idle", turn)
        mapped.clock.advance(10 * HOURS)
    mapped.put("idle", "a", turn={"N": "4"})
    mapped.wait("idle", 4)
    assert [_turn(event) for event in mapped.events("idle")] == [1, 2, 3, 4]


def test_a_stream_that_is_switched_off_is_read_to_its_end_and_a_new_one_is_another(mapped: Mapped) -> None:
    """Section 1, row "EventSourceArn": it is the stream's, and switching a stream on again makes another."""
    mapped.put("switched", "a")
    mapped.wait("switched", 1)
    mapped.put("switched", "b")
    mapped.dynamodb.update_table(TableName="switched", StreamSpecification={"StreamEnabled": False})
    on = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    mapped.dynamodb.update_table(TableName="switched", StreamSpecification=on)
    mapped.put("switched", "c")
    mapped.allow("on")

    def done() -> bool:
        sent = {key for batch in mapped.sent("switched") for key in batch}
        return sent >= {"a", "b"} and mapped.ended["shop-dev-switched"] >= len(mapped.sent("switched"))

    eventually(done, meanwhile=lambda: mapped.clock.advance(1))
    assert not any("c" in batch for batch in mapped.sent("switched"))


def test_a_table_that_is_deleted_and_made_again_has_another_stream(mapped: Mapped) -> None:
    """Section 2, below its members: the mapping stays; what is written to the new table is not its concern."""
    mapped.put("dropped", "a")
    mapped.wait("dropped", 1)
    told = mapped.dynamodb.describe_table(TableName="dropped")["Table"]
    mapped.dynamodb.delete_table(TableName="dropped")
    mapped.dynamodb.create_table(
        TableName="dropped",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=told["AttributeDefinitions"],
        KeySchema=told["KeySchema"],
        StreamSpecification=told["StreamSpecification"],
    )
    mapped.put("dropped", "b")
    mapped.put("bystander", "afterwards")
    mapped.wait("bystander", 1)
    assert mapped.sent("dropped") == [["a"]]
    assert "shop-dev-dropped" in {mapping.function_name for mapping in mapped.stack.mappings}
