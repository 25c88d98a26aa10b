"""When a batch is sent: "Polling and batching streams" in the Lambda developer guide."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.lambdas.mappings.batch import Batch
from everwarm.lambdas.mappings.checkpoint import Position
from everwarm.lambdas.mappings.filters import parse
from everwarm.lambdas.mappings.gatherer import Gatherer
from everwarm.lambdas.mappings.intake import Intake
from everwarm.lambdas.mappings.lanes import Lane
from everwarm.lambdas.mappings.ledger import Ledger
from everwarm.lambdas.mappings.saver import Saver
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.mappings.shard_reader import ShardReader
from everwarm.lambdas.mappings.stats import Stats
from tests.unit.lambdas.mappings.fake_stream import ARN, SHARD, FakeStream, places, settle


async def _nowhere(position: Position) -> None:
    """Nobody restarts here."""


class Bench:
    def __init__(self, settings: MappingSettings) -> None:
        self.clock = ManualClock()
        self.stream = FakeStream(self.clock)
        self.stop = asyncio.Event()
        reader = ShardReader(self.stream, ARN, SHARD, None)
        ledger = Ledger(Position(None), 1)
        lane = Lane(0)
        saver = Saver(ledger.position, _nowhere, self.clock, self.stop)
        intake = Intake(ARN, settings, reader, parse(()), "pk", [lane], ledger, saver, Stats(), self.clock, self.stop)
        self.gatherer = Gatherer(settings, lane, intake, ledger, self.clock, self.stop)
        self.lane = lane
        self.reading = asyncio.ensure_future(intake.run())

    async def next(self) -> list[int]:
        batch = await self.gatherer.gather()
        return places(batch.records) if batch else []

    def start(self) -> "asyncio.Task[Batch | None]":
        return asyncio.create_task(self.gatherer.gather())


MakeBench = Callable[..., Bench]


@pytest.fixture
async def bench() -> AsyncIterator[MakeBench]:
    benches: list[Bench] = []

    def make(settings: MappingSettings | None = None) -> Bench:
        benches.append(Bench(settings or MappingSettings()))
        return benches[-1]

    yield make
    for made in benches:
        made.reading.cancel()


async def test_without_a_window_what_is_there_is_sent_at_once(bench: MakeBench) -> None:
    mine = bench(MappingSettings(batch_size=100))
    mine.stream.put(3)
    assert await mine.next() == [1, 2, 3]


async def test_a_batch_has_at_most_the_batch_size(bench: MakeBench) -> None:
    mine = bench(MappingSettings(batch_size=2))
    mine.stream.put(5)
    assert [await mine.next(), await mine.next(), await mine.next()] == [[1, 2], [3, 4], [5]]


# GetRecords gives 1,000 records at the most.
async def test_a_large_batch_is_gathered_from_several_pages(bench: MakeBench) -> None:
    mine = bench(MappingSettings(batch_size=2_500))
    mine.stream.put(6_000)
    assert [len(await mine.next()) for _ in range(3)] == [2_500, 2_500, 1_000]


async def test_a_quiet_stream_is_slept_on_not_polled(bench: MakeBench) -> None:
    mine = bench()
    waiting = mine.start()
    await settle()
    reads = len(mine.stream.asked("GetRecords"))
    await settle()
    assert (reads, waiting.done()) == (len(mine.stream.asked("GetRecords")), False)
    mine.stream.put(1)
    batch = await waiting
    assert batch is not None
    assert places(batch.records) == [1]


# The record comes after the page was made up and before the reader goes to sleep.
async def test_what_is_written_during_a_read_is_not_slept_through(bench: MakeBench) -> None:
    mine = bench()
    answer = mine.stream.call

    async def call(action: str, request: dict[str, Any]) -> dict[str, Any]:
        answered = await answer(action, request)
        if action == "GetRecords" and not mine.stream.shards[SHARD].records:
            mine.stream.put(1)
        return answered

    mine.stream.call = call  # type: ignore[method-assign]
    waiting = mine.start()
    await settle()
    assert waiting.done()


async def test_a_window_gathers_until_it_ends(bench: MakeBench) -> None:
    mine = bench(MappingSettings(batching_window_s=10))
    waiting = mine.start()
    for _ in range(3):
        mine.stream.put(1)
        await settle()
        mine.clock.advance(3)
        await settle()
    assert not waiting.done()
    mine.clock.advance(1)
    batch = await waiting
    assert batch is not None
    assert places(batch.records) == [1, 2, 3]


# From the first record, not from when the waiting began.
async def test_a_window_opens_with_its_first_record(bench: MakeBench) -> None:
    mine = bench(MappingSettings(batching_window_s=10))
    waiting = mine.start()
    await settle()
    mine.clock.advance(100)
    mine.stream.put(1)
    await settle()
    mine.clock.advance(9.9)
    await settle()
    assert not waiting.done()
    mine.clock.advance(0.1)
    assert await waiting is not None


async def test_a_full_batch_does_not_wait_for_its_window(bench: MakeBench) -> None:
    mine = bench(MappingSettings(batch_size=2, batching_window_s=300))
    mine.stream.put(2)
    assert await mine.next() == [1, 2]


# Nine records of 1 MB: the sixth would pass the 6 MB of a synchronous payload.
async def test_a_batch_is_sent_when_its_payload_is_full(bench: MakeBench) -> None:
    mine = bench(MappingSettings(batching_window_s=300))
    mine.stream.put(9, text="x" * 1024 * 1024)
    assert await mine.next() == [1, 2, 3, 4, 5]


async def test_the_end_of_a_shard_ends_the_window(bench: MakeBench) -> None:
    mine = bench(MappingSettings(batching_window_s=300))
    mine.stream.put(1)
    waiting = mine.start()
    await settle()
    mine.stream.close(SHARD)
    batch = await waiting
    assert batch is not None
    assert places(batch.records) == [1]
    assert await mine.next() == []


@pytest.mark.parametrize("records", [0, 1])
async def test_stop_ends_the_waiting_and_sends_nothing(bench: MakeBench, records: int) -> None:
    mine = bench(MappingSettings(batching_window_s=300))
    mine.stream.put(records)
    waiting = mine.start()
    await settle()
    mine.stop.set()
    mine.lane.changed.set()
    assert await waiting is None
