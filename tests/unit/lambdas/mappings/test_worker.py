"""A mapping from its stream to its function, as its users see it."""

import asyncio

import pytest
from structlog.testing import capture_logs

from everwarm.errors import InternalServerError, LimitExceededException, ResourceNotFoundException
from everwarm.lambdas.mappings.checkpoint import Position
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.next_step import Result
from everwarm.lambdas.mappings.settings import MappingSettings, StartingPosition
from everwarm.lambdas.mappings.worker import MappingWorker
from tests.unit.lambdas.mappings.fake_stream import (
    ARN,
    ERROR,
    SHARD,
    FakeStream,
    Running,
    number,
    settle,
    until,
)
from tests.unit.lambdas.mappings.house import House

LATEST = MappingSettings(starting_position=StartingPosition.LATEST)


async def test_records_reach_the_function_and_the_position_follows() -> None:
    house = House()
    house.stream.put(3)
    worker = house.worker()
    async with Running(worker.run):
        house.stream.put(1)
        await settle()
    assert house.function.sent == [[1, 2, 3], [4]]
    assert house.position() == Position(number(4))
    assert (worker.stats.records, worker.stats.batches, worker.stats.failures) == (4, 2, 0)
    assert house.told == [([1, 2, 3], Result.OK), ([4], Result.OK)]


async def test_a_restart_goes_on_where_it_was() -> None:
    house = House()
    house.stream.put(2)
    async with Running(house.worker().run):
        pass
    house.stream.put(2)
    async with Running(house.worker().run):
        pass
    assert house.function.sent == [[1, 2], [3, 4]]


async def test_latest_leaves_out_what_was_there_before() -> None:
    house = House()
    house.stream.put(2)
    worker = house.worker(LATEST)
    async with Running(worker.run):
        assert worker.begun.is_set()
        house.stream.put(1)
        await settle()
    assert house.function.sent == [[3]]


# The place is remembered at the start, before the first record has come.
async def test_latest_does_not_skip_what_is_written_while_it_is_down() -> None:
    house = House()
    house.stream.put(2)
    async with Running(house.worker(LATEST).run):
        pass
    house.stream.put(2)
    async with Running(house.worker(LATEST).run):
        pass
    assert house.function.sent == [[3, 4]]


async def test_latest_of_an_empty_stream_is_its_beginning() -> None:
    house = House()
    async with Running(house.worker(LATEST).run):
        pass
    house.stream.put(1)
    async with Running(house.worker(LATEST).run):
        pass
    assert house.function.sent == [[1]]


# A shard that came later holds only what was written since.
async def test_latest_reads_later_shards_from_their_beginning() -> None:
    house = House()
    house.stream.put(2)
    async with Running(house.worker(LATEST).run):
        pass
    house.stream.split(SHARD, "z-child")
    house.stream.put(2, "z-child")
    async with Running(house.worker(LATEST).run):
        pass
    assert house.function.sent == [[3, 4]]


# The first start ended in the middle of it, and what was written since is not skipped by the second.
async def test_a_place_that_was_remembered_is_not_looked_for_again() -> None:
    house = House()
    house.stream = FakeStream(house.clock, "a", "b")
    await house.checkpoints.save(Mapping("f", ARN).id, "a", Position(None))
    house.stream.put(1, "a")
    house.stream.put(1, "b")
    async with Running(house.worker(LATEST).run):
        pass
    assert house.function.sent == [[1]]


# StartingPosition is where a mapping begins, once in its life.
async def test_the_starting_position_of_a_mapping_that_has_begun_is_not_looked_at() -> None:
    house = House()
    house.stream.put(1)
    async with Running(house.worker().run):
        pass
    house.stream.put(1)
    async with Running(house.worker(LATEST).run):
        pass
    assert house.function.sent == [[1], [2]]


async def test_parents_are_drained_before_their_children() -> None:
    house = House(ERROR)
    house.stream.put(1)
    house.stream.split(SHARD, "z-left", "z-right")
    house.stream.put(1, "z-left")
    house.stream.put(1, "z-right")
    async with Running(house.worker().run):
        assert house.function.sent == [[1]]
        await house.advance(0.5)
    assert house.function.sent[:2] == [[1], [1]]
    assert sorted(house.function.sent[2:]) == [[2], [3]]  # a batch never mixes shards
    assert house.position() == Position(number(1), finished=True)


async def test_a_shard_that_closes_while_it_is_read_is_followed_by_its_child() -> None:
    house = House()
    async with Running(house.worker().run):
        house.stream.put(1)
        house.stream.split(SHARD, "z-child")
        house.stream.put(1, "z-child")
        await settle()
        await settle()
    assert house.function.sent == [[1], [2]]


async def test_a_finished_shard_is_not_read_again() -> None:
    house = House()
    house.stream.put(1)
    house.stream.split(SHARD, "z-child")
    async with Running(house.worker().run):
        pass
    house.stream.calls.clear()
    async with Running(house.worker().run):
        pass
    assert {request["ShardId"] for request in house.stream.asked("GetShardIterator")} == {"z-child"}


# A failing batch blocks its own shard only.
async def test_shards_do_not_hold_up_each_other() -> None:
    house = House(ERROR)
    house.stream = FakeStream(house.clock, "a", "b")
    house.stream.put(1, "a")
    async with Running(house.worker().run):
        house.stream.put(1, "b")
        await settle()
        assert house.function.sent == [[1], [2]]


async def test_a_stream_that_is_turned_off_is_read_to_its_end() -> None:
    house = House()
    house.stream.put(2)
    house.stream.close(SHARD)
    house.stream.status = "DISABLED"
    await house.worker().run(asyncio.Event())
    assert house.function.sent == [[1, 2]]


@pytest.mark.parametrize("when", ["before", "while it waits"])
async def test_a_stream_that_goes_away_ends_the_mapping_with_a_word(when: str) -> None:
    house = House()
    if when == "before":
        house.stream.delete()
    worker = house.worker()
    with capture_logs() as logs:
        running = asyncio.create_task(worker.run(asyncio.Event()))
        await settle()
        house.stream.delete()
        await running
    assert "the stream is gone, its mapping ends" in [entry["event"] for entry in logs]
    assert worker.begun.is_set()


# Closed and trimmed as a whole, but still listed: that must not make a busy loop, nor hold up its children.
async def test_a_shard_that_does_not_exist_any_more_counts_as_read() -> None:
    house = House()
    house.stream.split(SHARD, "z-child")
    house.stream.put(1, "z-child")
    house.stream.faults["GetShardIterator"] = [ResourceNotFoundException("Shard does not exist")]
    async with Running(house.worker().run):
        pass
    assert [request["ShardId"] for request in house.stream.asked("GetShardIterator")] == [SHARD, "z-child"]
    assert house.function.sent == [[1]]


@pytest.mark.parametrize("action", ["DescribeStream", "GetShardIterator", "GetRecords"])
async def test_errors_of_the_client_are_retried(action: str) -> None:
    house = House()
    house.stream.put(1)
    house.stream.faults[action] = [InternalServerError("oops"), LimitExceededException("slow"), ConnectionError("down")]
    async with Running(house.worker().run):
        for pause_s in (0.5, 1.0, 2.0):
            await house.advance(pause_s)
    assert house.function.sent == [[1]]


async def test_a_call_under_way_may_finish_when_the_worker_stops() -> None:
    house = House()
    house.stream.put(1)
    house.function.gate.clear()
    async with Running(house.worker().run) as running:
        running.stop.set()
        await settle()
        house.function.gate.set()
    assert house.position() == Position(number(1))


async def test_a_call_that_does_not_finish_goes_back() -> None:
    house = House()
    house.stream.put(1)
    house.function.gate.clear()
    async with Running(house.worker(stop_grace_s=0).run):
        pass
    assert (house.function.sent, house.done()) == ([[1]], 0)


async def test_stopping_between_two_tries_does_not_wait_for_the_next() -> None:
    house = House(ERROR)
    house.stream.put(1)
    async with Running(house.worker().run):
        pass
    assert (house.function.sent, house.done()) == ([[1]], 0)


async def test_a_call_that_fails_while_the_worker_stops_is_not_waited_for_again() -> None:
    house = House(ERROR)
    house.stream.put(1)
    house.function.gate.clear()
    async with Running(house.worker(stop_grace_s=60).run) as running:
        running.stop.set()
        await settle()
        house.function.gate.set()
        await settle()
        assert running.task.done()
    assert (house.function.sent, house.done()) == ([[1]], 0)


async def test_a_disabled_mapping_does_nothing() -> None:
    house = House()
    house.stream.put(1)
    await house.worker(MappingSettings(enabled=False)).run(asyncio.Event())
    assert house.stream.calls == []


# A bug in an observer is ours to see, not to lose in a task.
async def test_a_bug_ends_the_run_loudly() -> None:
    house = House()
    house.stream.put(1)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    worker = MappingWorker(
        Mapping("f", ARN), house.stream, house.checkpoints, house.function, house.clock, on_batch=broken
    )
    with pytest.raises(ZeroDivisionError):
        await worker.run(asyncio.Event())


# One GetRecords a batch while there is plenty, none in between.
async def test_a_backlog_is_read_without_pauses() -> None:
    house = House()
    house.stream.put(5_000)
    async with Running(house.worker(MappingSettings(batch_size=500)).run):
        await until(lambda: len(house.function.sent) == 10)
    assert [len(batch) for batch in house.function.sent] == [500] * 10
    assert len(house.stream.asked("GetRecords")) <= 11


# A stream's shards are replaced every few hours and leave it after a day.
async def test_positions_of_shards_that_have_left_the_stream_are_forgotten() -> None:
    house = House()
    house.stream.put(1)
    house.stream.split(SHARD, "z-child")
    async with Running(house.worker().run):
        pass
    assert house.position() == Position(number(1), finished=True)
    del house.stream.shards[SHARD]
    house.stream.put(1, "z-child")
    async with Running(house.worker(LATEST).run):
        pass
    assert house.position() is None
    assert house.function.sent == [[1], [2]]
