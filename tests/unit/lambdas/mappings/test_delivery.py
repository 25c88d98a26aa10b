"""Failures, retries and giving up, as the users of a mapping see them."""

import pytest
from structlog.testing import capture_logs

from everwarm.errors import EverwarmError
from everwarm.lambdas.mappings.checkpoint import Position
from everwarm.lambdas.mappings.next_step import Result
from everwarm.lambdas.mappings.settings import MappingSettings
from tests.unit.lambdas.mappings.fake_stream import (
    ERROR,
    SHARD,
    Running,
    number,
    settle,
)
from tests.unit.lambdas.mappings.house import House


async def test_a_failed_batch_is_sent_again_after_a_pause_and_holds_up_the_shard() -> None:
    house = House(ERROR, ERROR)
    house.stream.put(2)
    worker = house.worker()
    async with Running(worker.run):
        house.stream.put(1)
        await settle()
        assert (house.function.sent, house.done()) == ([[1, 2]], 0)
        await house.advance(0.5)
        assert (house.function.sent, house.done()) == ([[1, 2], [1, 2]], 0)
        await house.advance(1.0)
    assert house.function.sent == [[1, 2], [1, 2], [1, 2], [3]]
    stats = worker.stats
    assert (stats.failures, stats.retries, stats.last_error) == (2, 2, "ValueError: no")


# What is not delivered is told, with what one needs to find it in the stream.
async def test_a_batch_is_given_up_when_its_attempts_are_used_up() -> None:
    house = House(ERROR, ERROR)
    house.stream.put(2)
    worker = house.worker(MappingSettings(maximum_retry_attempts=1))
    with capture_logs() as logs:
        async with Running(worker.run):
            await house.advance(0.5)
            house.stream.put(1)
            await settle()
    assert house.function.sent == [[1, 2], [1, 2], [3]]
    assert house.position() == Position(number(3))
    assert worker.stats.given_up == 2
    (told,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert told["condition"] == "RetryAttemptsExhausted"
    assert (told["first_sequence_number"], told["last_sequence_number"]) == (number(1), number(2))
    assert (told["attempts"], told["shard_id"], told["mapping"]) == (2, SHARD, worker.mapping.id)


# A throttle or a missing worker process: no attempt is used up.
@pytest.mark.parametrize("fault", [EverwarmError("no worker"), RuntimeError("a bug")])
async def test_a_call_that_did_not_start_is_tried_again(fault: Exception) -> None:
    house = House(fault, fault)
    house.stream.put(1)
    worker = house.worker(MappingSettings(maximum_retry_attempts=0))
    async with Running(worker.run):
        await house.advance(0.5)
        await house.advance(1.0)
    assert house.function.sent == [[1], [1], [1]]
    assert (worker.stats.given_up, worker.stats.records) == (0, 1)
    assert [result for _, result in house.told] == [Result.NOT_STARTED, Result.NOT_STARTED, Result.OK]


async def test_records_that_are_too_old_are_dropped_before_the_first_call() -> None:
    house = House()
    house.stream.put(2)
    house.clock.advance(61)
    house.stream.put(1)
    worker = house.worker(MappingSettings(maximum_record_age_s=60))
    async with Running(worker.run):
        pass
    assert house.function.sent == [[3]]
    assert worker.stats.given_up == 2


# The head grows too old between two tries; the rest of the batch is still sent.
async def test_records_that_become_too_old_are_dropped_from_a_retry() -> None:
    house = House(ERROR)
    house.stream.put(1)
    house.clock.advance(60)
    house.stream.put(1)
    worker = house.worker(MappingSettings(maximum_record_age_s=60))
    async with Running(worker.run):
        await house.advance(0.5)
    assert house.function.sent == [[1, 2], [2]]
    assert (worker.stats.given_up, worker.stats.records) == (1, 1)


# With no limits set, retries end when the record leaves the stream.
async def test_a_retry_is_not_sent_once_the_record_is_a_day_old() -> None:
    house = House(ERROR)
    house.stream.put(1)
    house.clock.advance(24 * 3600 - 0.2)
    worker = house.worker()
    async with Running(worker.run):
        await house.advance(0.5)
    assert (house.function.sent, worker.stats.given_up) == ([[1]], 1)


# Nothing ran here for two days, and the stream still has the records: no age was set, so they are delivered.
async def test_old_records_are_delivered_when_no_age_is_set() -> None:
    house = House()
    house.stream.put(1)
    house.clock.advance(48 * 3600)
    async with Running(house.worker().run):
        pass
    assert house.function.sent == [[1]]


# The work is done, so it must not be done again only because the disk was full for a moment.
async def test_a_position_that_cannot_be_saved_is_saved_later() -> None:
    house = House()
    house.stream.put(1)
    async with Running(house.worker().run):
        pass
    save, faults = house.checkpoints.save, [OSError("disk full")]

    async def failing(mapping_id: str, shard_id: str, position: Position) -> None:
        if faults:
            raise faults.pop()
        await save(mapping_id, shard_id, position)

    house.checkpoints.save = failing  # type: ignore[method-assign]
    house.stream.put(1)
    async with Running(house.worker().run):
        assert house.position() == Position(number(1))
        await house.advance(0.5)
        assert house.position() == Position(number(2))
    assert house.function.sent == [[1], [2]]
