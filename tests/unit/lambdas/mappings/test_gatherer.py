"""When a batch is sent: "Polling and batching streams" in the Lambda developer guide."""

import asyncio
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.lambdas.mappings.batch import Batch
from everwarm.lambdas.mappings.gatherer import Gatherer
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.mappings.shard_reader import ShardReader
from tests.unit.lambdas.mappings.fake_stream import ARN, SHARD, FakeStream, places, settle


class Bench:
    def __init__(self, settings: MappingSettings) -> None:
        self.clock = ManualClock()
        self.stream = FakeStream(self.clock)
        self.stop = asyncio.Event()
        reader = ShardReader(self.stream, ARN, SHARD, None)
        self.gatherer = Gatherer(Mapping("f", ARN, settings), reader, self.clock, self.stop)

    async def next(self) -> list[int]:
        batch = await self.gatherer.gather()
        return places(batch.records) if batch else []

    def start(self) -> "asyncio.Task[Batch | None]":
        return asyncio.create_task(self.gatherer.gather())


async def test_without_a_window_what_is_there_is_sent_at_once() -> None:
    bench = Bench(MappingSettings(batch_size=100))
    bench.stream.put(3)
    assert await bench.next() == [1, 2, 3]


async def test_a_batch_has_at_most_the_batch_size() -> None:
    bench = Bench(MappingSettings(batch_size=2))
    bench.stream.put(5)
    assert [await bench.next(), await bench.next(), await bench.next()] == [[1, 2], [3, 4], [5]]


# GetRecords gives 1,000 records at the most.
async def test_a_large_batch_is_gathered_from_several_pages() -> None:
    bench = Bench(MappingSettings(batch_size=2_500))
    bench.stream.put(6_000)
    assert [len(await bench.next()) for _ in range(3)] == [2_500, 2_500, 1_000]


async def test_a_quiet_stream_is_slept_on_not_polled() -> None:
    bench = Bench(MappingSettings())
    waiting = bench.start()
    await settle()
    reads = len(bench.stream.asked("GetRecords"))
    await settle()
    assert (reads, waiting.done()) == (len(bench.stream.asked("GetRecords")), False)
    bench.stream.put(1)
    batch = await waiting
    assert batch is not None
    assert places(batch.records) == [1]


# The record comes after the page was made up and before the reader goes to sleep.
async def test_what_is_written_during_a_read_is_not_slept_through() -> None:
    bench = Bench(MappingSettings())
    answer = bench.stream.call

    async def call(action: str, request: dict[str, Any]) -> dict[str, Any]:
        answered = await answer(action, request)
        if action == "GetRecords" and not bench.stream.shards[SHARD].records:
            bench.stream.put(1)
        return answered

    bench.stream.call = call  # type: ignore[method-assign]
    waiting = bench.start()
    await settle()
    assert waiting.done()


async def test_a_window_gathers_until_it_ends() -> None:
    bench = Bench(MappingSettings(batching_window_s=10))
    waiting = bench.start()
    for _ in range(3):
        bench.stream.put(1)
        await settle()
        bench.clock.advance(3)
        await settle()
    assert not waiting.done()
    bench.clock.advance(1)
    batch = await waiting
    assert batch is not None
    assert places(batch.records) == [1, 2, 3]


# From the first record, not from when the waiting began.
async def test_a_window_opens_with_its_first_record() -> None:
    bench = Bench(MappingSettings(batching_window_s=10))
    waiting = bench.start()
    await settle()
    bench.clock.advance(100)
    bench.stream.put(1)
    await settle()
    bench.clock.advance(9.9)
    await settle()
    assert not waiting.done()
    bench.clock.advance(0.1)
    assert await waiting is not None


async def test_a_full_batch_does_not_wait_for_its_window() -> None:
    bench = Bench(MappingSettings(batch_size=2, batching_window_s=300))
    bench.stream.put(2)
    assert await bench.next() == [1, 2]


# Nine records of 1 MB: the sixth would pass the 6 MB of a synchronous payload.
async def test_a_batch_is_sent_when_its_payload_is_full() -> None:
    bench = Bench(MappingSettings(batching_window_s=300))
    bench.stream.put(9, text="x" * 1024 * 1024)
    assert await bench.next() == [1, 2, 3, 4, 5]


async def test_the_end_of_a_shard_ends_the_window() -> None:
    bench = Bench(MappingSettings(batching_window_s=300))
    bench.stream.put(1)
    waiting = bench.start()
    await settle()
    bench.stream.close(SHARD)
    batch = await waiting
    assert batch is not None
    assert places(batch.records) == [1]
    assert await bench.next() == []


@pytest.mark.parametrize("records", [0, 1])
async def test_stop_ends_the_waiting_and_sends_nothing(records: int) -> None:
    bench = Bench(MappingSettings(batching_window_s=300))
    bench.stream.put(records)
    waiting = bench.start()
    await settle()
    bench.stop.set()
    assert await waiting is None
