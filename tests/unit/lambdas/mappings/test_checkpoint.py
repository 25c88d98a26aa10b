from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import pytest

from everwarm.lambdas.mappings.checkpoint import Checkpoints, MemoryCheckpoints, Position, StoreCheckpoints, Tx

T = TypeVar("T")


class DictStore:
    """Writes on a thread of its own, as the storage engine does."""

    def __init__(self) -> None:
        self.data: dict[bytes, bytes] = {}
        self.put = self.data.__setitem__
        self._writer = ThreadPoolExecutor(1)

    def delete_range(self, start: bytes, end: bytes) -> None:
        for key in [key for key in self.data if start <= key < end]:
            del self.data[key]

    def get(self, key: bytes) -> bytes | None:
        return self.data.get(key)

    def submit(self, body: Callable[[Tx], T]) -> Future[T]:
        return self._writer.submit(lambda: body(self))

    def close(self) -> None:
        self._writer.shutdown()


@pytest.fixture(params=["memory", "store"])
def checkpoints(request: pytest.FixtureRequest) -> Iterator[Checkpoints]:
    store = DictStore()
    yield MemoryCheckpoints() if request.param == "memory" else StoreCheckpoints(store, b"\x07")
    store.close()


async def test_a_position_is_found_again(checkpoints: Checkpoints) -> None:
    await checkpoints.save("m", "s", Position("000000000000000000017"))
    assert checkpoints.position("m", "s") == Position("000000000000000000017")


async def test_the_last_position_counts(checkpoints: Checkpoints) -> None:
    await checkpoints.save("m", "s", Position("1"))
    await checkpoints.save("m", "s", Position("2", finished=True))
    assert checkpoints.position("m", "s") == Position("2", finished=True)


# Pinned before the first record of an empty shard: that is a position too.
async def test_the_place_before_the_first_record_can_be_remembered(checkpoints: Checkpoints) -> None:
    await checkpoints.save("m", "s", Position(None))
    assert checkpoints.position("m", "s") == Position(None)


async def test_mappings_and_shards_do_not_share_positions(checkpoints: Checkpoints) -> None:
    await checkpoints.save("m", "s", Position("1"))
    assert checkpoints.position("m", "other") is None
    assert checkpoints.position("other", "s") is None


async def test_a_restart_finds_what_the_store_has_and_keeps_to_its_prefix() -> None:
    store = DictStore()
    await StoreCheckpoints(store, b"\x07").save("m", "s", Position("5"))
    assert StoreCheckpoints(store, b"\x07").position("m", "s") == Position("5")
    assert all(key.startswith(b"\x07") for key in store.data)
    store.close()


# A mapping that is deleted and made again begins at its starting position.
async def test_what_is_forgotten_is_forgotten_of_that_mapping_only(checkpoints: Checkpoints) -> None:
    for mapping_id in ("m", "m1", "n"):
        await checkpoints.save(mapping_id, "s", Position("1"))
    await checkpoints.forget("m")
    assert [checkpoints.position(mapping_id, "s") for mapping_id in ("m", "m1", "n")] == [
        None,
        Position("1"),
        Position("1"),
    ]
