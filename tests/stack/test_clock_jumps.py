"""A clock that jumps under a running stack: set right by somebody, or left behind by a machine that was suspended.

A jump is not time that passes: what is due goes by the clock, what waits for a while goes by time. The clocks
themselves: tests/unit/test_clock.py. What jumps make of TTL's rows: tests/wire/test_ttl*.py.
"""

from collections.abc import Callable

import pytest

from everwarm import Stack
from everwarm.clock import ManualClock
from tests.stack.support import (
    STREAM_EVENT,
    Project,
    Witness,
    client,
    eventually,
    key_of,
    put,
    sequence_of,
    serverless_yml,
    stream_records,
)
from tests.wire.refused import refused

Start = Callable[..., Stack]

HOUR = 3600.0


# The lid of a laptop is opened, or the clock was an hour slow.
def test_what_a_jump_forward_makes_due_is_deleted(start: Start, clock: ManualClock, project: Project) -> None:
    stack = start()
    put(stack, "ann", clock.now() + 60)
    put(stack, "bob", clock.now() + 2 * HOUR)
    clock.jump(HOUR)
    assert eventually(project.expired_keys) == ["ann"]


# An item waits for its second anew, and the stream stays in order all the same.
def test_after_a_jump_back_streams_stay_in_order(start: Start, clock: ManualClock, project: Project) -> None:
    stack = start()
    put(stack, "ann", clock.now() + 10)
    clock.jump(-HOUR)
    put(stack, "bob", clock.now() + 10)
    clock.advance(10)
    assert eventually(project.expired_keys) == ["bob"]
    clock.jump(HOUR)
    eventually(lambda: len(project.received()) == 4)
    assert project.expired_keys() == ["bob", "ann"]
    arn = stack.tables[0].stream_arn
    assert arn is not None
    records = stream_records(stack.endpoint, arn)
    assert [key_of(record) for record in records] == ["ann", "bob", "bob", "ann"]
    numbers = [sequence_of(record) for record in records]
    assert numbers == sorted(set(numbers))
    assert [sequence_of(record) for record in project.received()] == numbers


@pytest.mark.parametrize("jump_s", [-HOUR, HOUR])
def test_the_pause_before_a_retry_is_not_held_up(
    start: Start, clock: ManualClock, project: Project, witness: Witness, jump_s: float
) -> None:
    project.write_handler("""
        import os

        def handler(event, context):
            if not os.path.exists("good"):
                raise LookupError
            open("done", "w").close()
    """)
    stack = start()
    put(stack, "ann", clock.now() + 24 * HOUR)
    eventually(lambda: witness.outcomes)
    clock.jump(jump_s)
    (project.directory / "good").touch()
    before = clock.elapsed()
    eventually((project.directory / "done").exists, meanwhile=lambda: clock.advance(0.1))
    assert clock.elapsed() - before < 60


# It closes when its time is over, not an hour later, and not because the clock says so.
@pytest.mark.parametrize("jump_s", [-HOUR, HOUR])
def test_a_batch_gathers_for_as_long_as_its_window(
    start: Start, clock: ManualClock, project: Project, jump_s: float
) -> None:
    project.write(serverless_yml(event=STREAM_EVENT.replace("batchSize: 100", "batchSize: 100, batchWindow: 10")))
    stack = start()
    put(stack, "ann", clock.now() + 24 * HOUR)
    put(stack, "bob", clock.now() + 24 * HOUR)
    clock.jump(jump_s)
    clock.advance(5)
    assert project.received() == []
    eventually(project.received, meanwhile=lambda: clock.advance(1))
    assert len(project.received()) == 2  # in one batch


def test_iterators_live_by_the_clock_and_triggers_find_their_place(
    start: Start, clock: ManualClock, project: Project
) -> None:
    stack = start()
    put(stack, "ann", clock.now() + 24 * HOUR)
    eventually(project.received)
    streams = client("dynamodbstreams", stack.endpoint)
    arn = stack.tables[0].stream_arn
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    clock.jump(-HOUR)  # one that is issued in an hour is none that is too old
    assert len(streams.get_records(ShardIterator=iterator)["Records"]) == 1
    clock.jump(2 * HOUR)
    with refused("ExpiredIteratorException"):
        streams.get_records(ShardIterator=iterator)
    put(stack, "bob", clock.now() + 24 * HOUR)
    eventually(lambda: len(project.received()) == 2)
    streams.close()
