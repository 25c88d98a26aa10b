"""A mapping that is made or changed while the stack ends: it is kept, and begins at the next start."""

import asyncio
from typing import Any

import pytest

from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.registry.mapping_record import MappingRecord
from everwarm.lambdas.registry.mappings import Mappings

STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/cache/stream/2026-01-01T00:00:00.000"


class Worker:
    """A worker that does nothing, and says whether it was left running."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.begun = asyncio.Event()
        self.running = False

    def start(self) -> None:
        self.running = True
        self.begun.set()

    async def stop(self) -> None:
        await asyncio.sleep(0)
        self.running = False

    async def change(self, mapping: Mapping, invoke: Any) -> None:
        self.mapping = mapping


class Kept(dict[str, Any]):
    """The store's records, in memory."""

    async def put(self, key: str, record: dict[str, Any]) -> None:
        for _ in range(5):  # a disk takes its time
            await asyncio.sleep(0)
        self[key] = record


@pytest.fixture
def workers() -> list[Worker]:
    return []


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def mappings(workers: list[Worker], kept: Kept) -> Mappings:
    def make_worker(mapping: Mapping, invoke: Any) -> Any:
        workers.append(Worker(mapping))
        return workers[-1]

    async def forget(mapping_id: str) -> None: ...

    made: Any = Mappings
    registry: Mappings = made(kept, make_worker, lambda name, qualifier: None, forget)
    return registry


def record(batch_size: int = 10) -> MappingRecord:
    return MappingRecord(Mapping("f", STREAM, MappingSettings(batch_size=batch_size)), modified_s=0.0)


async def test_made_while_it_ends(mappings: Mappings, workers: list[Worker], kept: Kept) -> None:
    making = asyncio.create_task(mappings.create(record()))
    await asyncio.gather(making, mappings.stop())
    for _ in range(5):
        await asyncio.sleep(0)
    assert [worker.running for worker in workers] == [False]
    assert len(kept) == 1


async def test_changed_while_it_ends(mappings: Mappings, workers: list[Worker], kept: Kept) -> None:
    await mappings.create(record())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [worker.running for worker in workers] == [True]
    changing = asyncio.create_task(mappings.change(record(batch_size=20)))
    await asyncio.gather(changing, mappings.stop())
    for _ in range(5):
        await asyncio.sleep(0)
    assert [worker.running for worker in workers] == [False]
    assert [one["mapping"]["settings"]["batch_size"] for one in kept.values()] == [20]
