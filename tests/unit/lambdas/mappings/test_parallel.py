"""ParallelizationFactor: several batches of a shard at a time, and the order of each key."""

import orjson

from everwarm.lambdas.mappings.intake import MAX_WAITING_RECORDS
from everwarm.lambdas.mappings.lanes import lane_of
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.runtime.replies import Reply
from tests.unit.lambdas.mappings.fake_stream import ERROR, OK, Running, places, record, settle, until
from tests.unit.lambdas.mappings.house import House

TWO = MappingSettings(parallelization_factor=2)


def key_in(lane: int, lanes: int = 2) -> str:
    """A partition key that goes to a lane."""
    return next(key for key in map(str, range(100)) if lane_of(record(1, key=key), "pk", lanes) == lane)


LEFT, RIGHT = key_in(0), key_in(1)


class Stubborn:
    """A function that fails with the records of some keys, and does well with the others."""

    def __init__(self, *keys: str) -> None:
        self.keys = set(keys)
        self.sent: list[list[int]] = []

    async def __call__(self, event: bytes) -> Reply:
        records = orjson.loads(event)["Records"]
        self.sent.append(places(records))
        bad = any(entry["dynamodb"]["Keys"]["pk"]["S"] in self.keys for entry in records)
        return ERROR if bad else OK


async def test_keys_of_different_lanes_run_at_the_same_time() -> None:
    """Section 1, ParallelizationFactor: concurrent batches per shard."""
    house = House()
    house.function.gate.clear()
    for key in (LEFT, RIGHT, LEFT):
        house.stream.put(1, key=key)
    async with Running(house.worker(TWO).run):
        assert sorted(house.function.sent) == [[1, 3], [2]]
        house.stream.put(1, key=LEFT)
        await settle()
        assert len(house.function.sent) == 2  # a key's next batch waits for the one before
        house.function.gate.set()
        await settle()
    assert sorted(house.function.sent) == [[1, 3], [2], [4]]


async def test_one_lane_at_a_time_without_it() -> None:
    house = House()
    house.function.gate.clear()
    house.stream.put(2)
    async with Running(house.worker(MappingSettings(batch_size=1)).run):
        assert house.function.sent == [[1]]
        house.function.gate.set()
        await settle()
    assert house.function.sent == [[1], [2]]


async def test_a_lane_that_is_blocked_holds_up_itself_only() -> None:
    """Section 4, row "What is blocked": with ParallelizationFactor, its lane."""
    house = House()
    house.function = Stubborn(LEFT)  # type: ignore[assignment]
    house.stream.put(1, key=RIGHT)
    house.stream.put(1, key=LEFT)
    async with Running(house.worker(TWO).run):
        for _ in range(3):
            house.stream.put(1, key=RIGHT)
            await settle()
        assert [sent for sent in house.function.sent if sent != [2]] == [[1], [3], [4], [5]]
        assert house.done() == 1  # before the oldest that is not done


async def test_after_a_restart_only_what_was_not_done_is_sent() -> None:
    house = House()
    house.function = Stubborn(LEFT)  # type: ignore[assignment]
    house.stream.put(1, key=LEFT)
    house.stream.put(3, key=RIGHT)
    async with Running(house.worker(TWO).run):
        await settle()
    assert sorted(house.function.sent) == [[1], [2, 3, 4]]
    house.stream.put(1, key=RIGHT)
    house.function = Stubborn()  # type: ignore[assignment]
    async with Running(house.worker(TWO).run):
        await settle()
    assert sorted(house.function.sent) == [[1], [5]]
    assert house.done() == 5


# Each record may be in another lane then: what is known of the old ones cannot be used, and more is repeated.
async def test_after_a_restart_with_another_factor_nothing_is_missed() -> None:
    house = House()
    house.function = Stubborn(LEFT)  # type: ignore[assignment]
    house.stream.put(1, key=LEFT)
    house.stream.put(2, key=RIGHT)
    async with Running(house.worker(TWO).run):
        await settle()
    house.function = Stubborn()  # type: ignore[assignment]
    async with Running(house.worker(MappingSettings(parallelization_factor=3)).run):
        await settle()
    assert {place for sent in house.function.sent for place in sent} == {1, 2, 3}


# A day's stream behind one failing record would not fit into memory.
async def test_a_blocked_lane_does_not_have_the_whole_stream_read() -> None:
    house = House()
    house.function = Stubborn(LEFT)  # type: ignore[assignment]
    house.stream.put(2 * MAX_WAITING_RECORDS, key=LEFT)
    how = MappingSettings(parallelization_factor=2, batch_size=10)

    def asked() -> int:
        return sum(request["Limit"] for request in house.stream.asked("GetRecords"))

    async with Running(house.worker(how).run):
        await settle()
        await until(lambda: asked() >= MAX_WAITING_RECORDS)
        read = asked()
        for _ in range(50):
            house.stream.put(1, key=LEFT)
            await settle()
        assert asked() == read <= MAX_WAITING_RECORDS + 1000


async def test_the_order_of_a_key_is_kept_under_load() -> None:
    """Section 3, row "Order is per shard; with ParallelizationFactor above 1 it is kept per partition key"."""
    house = House()
    keys = [str(place % 7) for place in range(1, 701)]
    for key in keys:
        house.stream.put(1, key=key)
    async with Running(house.worker(MappingSettings(parallelization_factor=10, batch_size=3)).run):
        await until(lambda: house.done() == 700)
    for key in set(keys):
        sent = [place for batch in house.function.sent for place in batch if keys[place - 1] == key]
        assert sent == [place for place in range(1, 701) if keys[place - 1] == key]
