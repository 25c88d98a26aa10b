"""Positions of ten thousand mappings: saving, reading and opening stay quick, and nothing of them is held in memory.

The limits are generous, and of this process's own time: what else the machine does is no matter.
"""

import asyncio
import time
import tracemalloc
import uuid
from pathlib import Path

import pytest

from everwarm.dynamodb.storage.layout import CHECKPOINT
from everwarm.dynamodb.storage.store import Store
from everwarm.lambdas.mappings.checkpoint import LanePosition, Pending, Position, StoreCheckpoints

MAPPINGS = 10_000
SHARDS = ("shardId-00000001700000000000-00000001", "shardId-00000001700000000000-00000002")
WITHIN_S = 20.0

IDS = [str(uuid.UUID(int=number)) for number in range(MAPPINGS)]


def position(number: int) -> Position:
    sequence = str(10**20 + number)
    return Position(sequence, lanes=(LanePosition(sequence, (Pending(sequence, sequence, 3),)), LanePosition()))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which all mappings have saved their positions, all at once."""
    path = tmp_path_factory.mktemp("many") / "data"
    store = Store.open(path)
    checkpoints = StoreCheckpoints(store, CHECKPOINT)

    async def save_all(plus: int) -> None:
        await asyncio.gather(
            *(
                checkpoints.save(mapping_id, shard_id, position(number + plus))
                for number, mapping_id in enumerate(IDS)
                for shard_id in SHARDS
            )
        )

    began = time.process_time()
    asyncio.run(save_all(1))
    assert time.process_time() - began < WITHIN_S
    store.close()
    return path


def test_all_are_there_after_a_restart(data: Path) -> None:
    began = time.process_time()
    store = Store.open(data)
    checkpoints = StoreCheckpoints(store, CHECKPOINT)
    for number, mapping_id in enumerate(IDS):
        for shard_id in SHARDS:
            assert checkpoints.position(mapping_id, shard_id) == position(number + 1)
    assert time.process_time() - began < WITHIN_S
    store.close()


def test_nothing_of_them_is_held_in_memory(data: Path) -> None:
    tracemalloc.start()
    try:
        store = Store.open(data)
        checkpoints = StoreCheckpoints(store, CHECKPOINT)
        for mapping_id in IDS[::10]:
            checkpoints.position(mapping_id, SHARDS[0])
        held_bytes, _ = tracemalloc.get_traced_memory()
        store.close()
    finally:
        tracemalloc.stop()
    assert held_bytes < 1024 * 1024


# The neighbours' are none of its business, whose ids begin alike.
async def test_a_mapping_that_is_deleted_is_forgotten_quickly(data: Path) -> None:
    store = Store.open(data)
    checkpoints = StoreCheckpoints(store, CHECKPOINT)
    began = time.process_time()
    for mapping_id in IDS[100:200]:
        await checkpoints.forget(mapping_id)
    assert time.process_time() - began < WITHIN_S
    for number, mapping_id in enumerate(IDS[:300]):
        for shard_id in SHARDS:
            gone = 100 <= number < 200
            assert checkpoints.position(mapping_id, shard_id) == (None if gone else position(number + 1))
    for number, mapping_id in enumerate(IDS[100:200], 100):
        await checkpoints.save(mapping_id, SHARDS[0], position(number + 1))
        await checkpoints.save(mapping_id, SHARDS[1], position(number + 1))
    store.close()
