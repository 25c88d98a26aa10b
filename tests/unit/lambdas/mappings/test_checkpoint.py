from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import pytest

from everwarm.lambdas.mappings.checkpoint import (
    Checkpoints,
    LanePosition,
    MemoryCheckpoints,
    OpenWindow,
    Pending,
    Position,
    StoreCheckpoints,
    Tx,
)

T = TypeVar("T")


class DictStore:
    """Writes on a thread of its own, as the storage engine does."""

    def __init__(self) -> None:
        self.data: dict[bytes, bytes] = {}
        self.put = self.data.__setitem__
        self._writer = ThreadPoolExecutor(1)

    def delete(self, key: bytes) -> None:
        del self.data[key]

    def scan(self, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        return iter([pair for pair in self.data.items() if start <= pair[0] < end])

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


# What is kept of lanes, failed batches and windows is what makes a restart go on as if nothing had been.
async def test_a_position_with_all_there_is_to_say_is_found_again(checkpoints: Checkpoints) -> None:
    lanes = (LanePosition("7", (Pending("8", "11", 2), Pending("12", "12", 0))), LanePosition())
    window = OpenWindow(1_700_000_040, 1_700_000_100, b'{"total":3,"text":"\\u00e9"}', over=True)
    await checkpoints.save("m", "s", Position("6", lanes=lanes, window=window))
    found = checkpoints.position("m", "s")
    assert found is not None
    assert (found.after, found.finished, found.lanes) == ("6", False, lanes)
    assert found.window is not None
    assert found.window.state == window.state
    assert (found.window.start_s, found.window.end_s, found.window.over) == (1_700_000_040, 1_700_000_100, True)


# Shards leave their stream after a day, and their positions with them.
async def test_positions_of_shards_that_are_left_stay(checkpoints: Checkpoints) -> None:
    for shard_id in ("a", "b", "c"):
        await checkpoints.save("m", shard_id, Position("1"))
    await checkpoints.forget("m", but={"b", "begun"})
    assert [checkpoints.position("m", shard_id) is None for shard_id in ("a", "b", "c")] == [True, False, True]


# As handlers' libraries write it: half a surrogate pair, an integer beyond 64 bits.
@pytest.mark.parametrize("state", [b'{"cut":"\\ud83d"}', b'{"last":103765540444329476096}'])
def test_a_state_is_kept_letter_for_letter(state: bytes) -> None:
    position = Position("6", window=OpenWindow(1_700_000_040, 1_700_000_100, state))
    assert Position.from_json(position.to_json()) == position


def test_a_state_of_an_earlier_form_is_read() -> None:
    text = b'{"after":"6","finished":false,"window":{"start":60,"end":120,"over":false,"state":{"total":3}}}'
    assert Position.from_json(text).window == OpenWindow(60, 120, b'{"total":3}')


# Written before there were lanes and windows.
def test_a_position_of_the_first_form_is_read() -> None:
    assert Position.from_json(b'{"after":"5","finished":true}') == Position("5", finished=True)
