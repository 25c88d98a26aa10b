"""A mapping that is started, stopped and changed while its stream goes on."""

from structlog.testing import capture_logs

from everwarm.errors import EverwarmError
from everwarm.lambdas.mappings.checkpoint import Position
from everwarm.lambdas.mappings.failed import FailedBatch
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.next_step import Condition
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.mappings.worker import MappingWorker
from tests.unit.lambdas.mappings.fake_stream import ARN, ERROR, SHARD, FakeFunction, Running, number, places, settle
from tests.unit.lambdas.mappings.house import House


async def test_a_worker_is_stopped_and_goes_on_where_it_was() -> None:
    house = House()
    worker = house.worker()
    worker.start()
    house.stream.put(1)
    await settle()
    running = [worker.running]
    await worker.stop()
    running.append(worker.running)
    house.stream.put(1)
    await settle()
    assert house.function.sent == [[1]]
    worker.start()
    await settle()
    running.append(worker.running)
    await worker.stop()
    assert running == [True, False, True]
    assert house.function.sent == [[1], [2]]
    assert worker.stats.records == 2


async def test_other_settings_and_another_function_go_on_from_the_same_position() -> None:
    house = House()
    house.stream.put(1)
    worker = house.worker()
    worker.start()
    await settle()
    other = FakeFunction()
    await worker.change(Mapping("f", ARN, MappingSettings(batch_size=1)), other)
    house.stream.put(2)
    await settle()
    await worker.stop()
    assert (house.function.sent, other.sent) == ([[1]], [[2], [3]])


async def test_a_change_does_not_start_what_does_not_run() -> None:
    house = House()
    worker = house.worker()
    await worker.change(Mapping("f", ARN, MappingSettings(batch_size=1)))
    assert not worker.running
    await worker.stop()


async def test_disabled_and_enabled_again_it_misses_nothing() -> None:
    house = House()
    worker = house.worker()
    worker.start()
    await settle()
    await worker.change(Mapping("f", ARN, MappingSettings(enabled=False)))
    house.stream.put(2)
    await settle()
    assert house.function.sent == []
    await worker.change(Mapping("f", ARN))
    worker.start()
    await settle()
    await worker.stop()
    assert house.function.sent == [[1, 2]]


async def test_the_last_processing_result_is_told_in_awss_words() -> None:
    house = House(ERROR)
    worker = house.worker()
    async with Running(worker.run):
        assert worker.stats.last_processing_result == "No records processed"
        house.stream.put(1)
        await settle()
        assert worker.stats.last_processing_result == "PROBLEM: Function call failed"
        await house.advance(0.5)
        assert worker.stats.last_processing_result == "OK"


class Keeper:
    """Failures, kept in a list once there is room."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.kept: list[FailedBatch] = []

    async def keep(self, failed: FailedBatch) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.kept.append(failed)


async def test_a_batch_that_is_given_up_is_kept_before_the_position_moves() -> None:
    house = House(ERROR)
    house.stream.put(2)
    keeper = Keeper(EverwarmError("the disk is full"), OSError("no route"), ZeroDivisionError("a bug"))
    mapping = Mapping("f", ARN, MappingSettings(maximum_retry_attempts=0))
    worker = MappingWorker(
        mapping, house.stream, house.checkpoints, house.function, house.clock, failures=keeper, jitter=lambda: 1.0
    )
    with capture_logs():
        async with Running(worker.run):
            await house.advance(0.5)
            assert (house.done(), worker.stats.given_up) == (0, 0)
            await house.advance(1.0)
            await house.advance(2.0)
    assert house.function.sent == [[1, 2]]
    assert house.position() == Position(number(2))
    (failed,) = keeper.kept
    assert (failed.mapping, failed.shard_id, failed.condition) == (mapping, SHARD, Condition.RETRY_ATTEMPTS_EXHAUSTED)
    assert (places(failed.batch.records), failed.batch.attempts) == ([1, 2], 1)
    assert (failed.request_id, failed.function_error, failed.error) == ("request", "Unhandled", "ValueError: no")
    assert failed.at == house.clock.now() - 3.5


# Whatever it was, the stream must not stand still for good because of it.
async def test_a_fault_of_ours_is_told_and_the_mapping_begins_again() -> None:
    house = House()
    house.stream.put(2)
    read, faults = house.stream.stream_mark, [ZeroDivisionError("a bug")]

    def broken(stream_arn: str, shard_id: str) -> int:
        if faults:
            raise faults.pop()
        return read(stream_arn, shard_id)

    house.stream.stream_mark = broken  # type: ignore[method-assign]
    worker = house.worker()
    with capture_logs() as logs:
        worker.start()
        await settle()
        assert (house.function.sent, worker.running) == ([], True)
        await house.advance(0.5)
        await worker.stop()
    assert house.function.sent == [[1, 2]]
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == [
        "a mapping failed by a fault of everwarm's"
    ]


async def test_a_mapping_that_failed_can_be_stopped() -> None:
    house = House()

    def broken(stream_arn: str, shard_id: str) -> int:
        raise ZeroDivisionError

    house.stream.stream_mark = broken  # type: ignore[method-assign]
    worker = house.worker()
    with capture_logs():
        worker.start()
        await settle()
        await worker.stop()
    assert not worker.running


# Work that cannot be remembered would only be repeated.
async def test_while_positions_cannot_be_saved_the_function_is_not_called() -> None:
    house = House()
    save, full = house.checkpoints.save, [True]

    async def failing(mapping_id: str, shard_id: str, position: Position) -> None:
        if full and position.after is not None:
            raise OSError("disk full")
        await save(mapping_id, shard_id, position)

    house.checkpoints.save = failing  # type: ignore[method-assign]
    with capture_logs():
        async with Running(house.worker().run):
            for _ in range(3):
                house.stream.put(1)
                await settle()
            assert house.function.sent == [[1]]
            full.clear()
            await house.advance(10)
    assert house.function.sent == [[1], [2], [3]]
    assert house.done() == 3


# Whoever has mended a handler does not want to wait up to a minute to see it.
async def test_a_nudge_ends_the_pause_between_retries() -> None:
    house = House(ERROR, ERROR)
    house.stream.put(1)
    worker = house.worker()
    async with Running(worker.run):
        worker.retry_now()
        await settle()
        assert house.function.sent == [[1], [1]]
        await house.advance(0.5)
        assert house.function.sent == [[1], [1]]  # the pause after that is as long as it would have been
        worker.retry_now()
        await settle()
    assert house.function.sent == [[1], [1], [1]]
