"""What a failed batch keeps through a restart: its records and its count. And what is passed over by a filter."""

from everwarm.lambdas.mappings.checkpoint import Position
from everwarm.lambdas.mappings.saver import PASSED_OVER_STEP
from everwarm.lambdas.mappings.settings import MappingSettings
from tests.unit.lambdas.mappings.fake_stream import ERROR, FakeFunction, Running, number, places, settle
from tests.unit.lambdas.mappings.house import House


async def test_a_restart_goes_on_counting_and_sends_the_same_batch() -> None:
    """Section 4, row "Attempts", and "Each retry sends the same batch": restarts do not make it retry for ever."""
    house = House(*[ERROR] * 9)
    how = MappingSettings(maximum_retry_attempts=2, batch_size=10)
    house.stream.put(3)
    for _ in range(3):
        async with Running(house.worker(how).run):
            house.stream.put(1)
            await settle()
    assert house.function.sent[:3] == [[1, 2, 3]] * 3
    (failed,) = house.kept
    assert (places(failed.batch.records), failed.batch.attempts) == ([1, 2, 3], 3)


async def test_the_halves_of_a_batch_are_still_halves_after_a_restart() -> None:
    house = House(ERROR)
    how = MappingSettings(bisect_batch_on_function_error=True)
    house.stream.put(4)
    async with Running(house.worker(how).run):
        pass
    house.stream.put(1)
    async with Running(house.worker(how).run):
        await settle()
    assert house.function.sent == [[1, 2, 3, 4], [1, 2], [3, 4], [5]]


# The batch was larger then; what failed together goes together.
async def test_a_failed_batch_keeps_its_size_when_the_batch_size_changes() -> None:
    house = House(ERROR)
    house.stream.put(2_500)
    async with Running(house.worker(MappingSettings(batch_size=2_500)).run):
        pass
    async with Running(house.worker(MappingSettings(batch_size=10)).run):
        await settle()
    assert [len(sent) for sent in house.function.sent] == [2_500, 2_500]


async def test_a_failed_batch_that_was_trimmed_is_not_waited_for() -> None:
    house = House(ERROR)
    house.stream.put(3)
    async with Running(house.worker().run):
        pass
    house.stream.trim(up_to=3)
    house.stream.put(1)
    async with Running(house.worker().run):
        await settle()
    assert house.function.sent == [[1, 2, 3], [4]]
    assert house.position() == Position(number(4))


async def test_a_filter_decides_record_by_record_before_the_batch() -> None:
    """Section 3, row "Filters run per record before it joins a batch"."""
    house = House()
    house.stream.put(3, text="no")
    house.stream.put(2, text="yes")
    house.stream.put(3, text="no")
    house.stream.put(1, text="yes")
    yes = '{"dynamodb":{"NewImage":{"text":{"S":["yes"]}}}}'
    worker = house.worker(MappingSettings(filters=(yes,), batch_size=3))
    async with Running(worker.run):
        pass
    assert house.function.sent == [[4, 5, 9]]
    assert (worker.stats.filtered_out, worker.stats.records) == (6, 3)


async def test_what_nobody_wants_moves_the_position_without_a_call() -> None:
    """Section 3, row "Filters": when all are filtered out nothing is invoked and the position advances."""
    house = House()
    saves: list[Position] = []
    save = house.checkpoints.save

    async def counting(mapping_id: str, shard_id: str, position: Position) -> None:
        saves.append(position)
        await save(mapping_id, shard_id, position)

    house.checkpoints.save = counting  # type: ignore[method-assign]
    async with Running(house.worker(MappingSettings(filters=('{"eventName":["REMOVE"]}',))).run):
        begun = len(saves)
        for _ in range(10):
            house.stream.put(1)
            await settle()
        assert len(saves) == begun  # not for each record
        house.stream.put(PASSED_OVER_STEP)
        await settle()
        assert house.done() >= PASSED_OVER_STEP
    assert house.function.sent == []
    assert house.done() == PASSED_OVER_STEP + 10


async def test_the_lag_is_the_age_of_the_oldest_record_that_is_not_done() -> None:
    """Section 11, `IteratorAge`."""
    house = House(ERROR)
    worker = house.worker()
    async with Running(worker.run):
        house.stream.put(1)
        await settle()
        assert worker.stats.lag_s == 0
        house.clock.advance(0.25)
        assert worker.stats.lag_s == 0.25
        await house.advance(0.25)
        house.clock.advance(50)
        assert worker.stats.lag_s == 0


# A function that is replaced while it runs: the next call is the new one's.
async def test_another_function_takes_over_a_batch_that_failed() -> None:
    house = House(ERROR)
    worker = house.worker()
    worker.start()
    house.stream.put(2)
    await settle()
    other = FakeFunction()
    await worker.change(worker.mapping, other)
    await settle()
    await worker.stop()
    assert (house.function.sent, other.sent) == ([[1, 2]], [[1, 2]])
