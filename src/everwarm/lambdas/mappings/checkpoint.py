"""How far a mapping has come in each shard: remembered through crashes, moved only when the work is done.

Not here: the storage engine. `StoreCheckpoints` asks for so little of it that a Protocol of three lines describes it.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol, TypeVar

import orjson

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a shard.

    Attributes:
        after: the sequence number of the last record that is done; None stands before the oldest record.
        finished: the shard is closed and everything in it is done.
    """

    after: str | None
    finished: bool = False


class Checkpoints(Protocol):
    """Where positions are kept."""

    def position(self, mapping_id: str, shard_id: str) -> Position | None:
        """The saved position; None if there never was one."""
        ...

    async def save(self, mapping_id: str, shard_id: str, position: Position) -> None:
        """Remember a position. It is durable on return."""
        ...

    async def forget(self, mapping_id: str) -> None:
        """Drop all positions of a mapping that is deleted, so that one of the same name would begin anew."""
        ...


class MemoryCheckpoints:
    """Positions that last as long as the process."""

    def __init__(self) -> None:
        self._positions: dict[tuple[str, str], Position] = {}

    def position(self, mapping_id: str, shard_id: str) -> Position | None:
        return self._positions.get((mapping_id, shard_id))

    async def save(self, mapping_id: str, shard_id: str, position: Position) -> None:
        self._positions[mapping_id, shard_id] = position

    async def forget(self, mapping_id: str) -> None:
        self._positions = {place: kept for place, kept in self._positions.items() if place[0] != mapping_id}


class Tx(Protocol):
    """What is asked of a storage transaction."""

    def put(self, key: bytes, value: bytes) -> None: ...

    def delete_range(self, start: bytes, end: bytes) -> None: ...


class Store(Protocol):
    """What is asked of the storage engine: a point read, and a write that is durable when its future is done."""

    def get(self, key: bytes) -> bytes | None: ...

    def submit(self, body: Callable[[Tx], T]) -> Future[T]: ...


class StoreCheckpoints:
    """Positions in the storage engine, one key a shard, the value as JSON."""

    def __init__(self, store: Store, prefix: bytes) -> None:
        """Use the keys of `store` that begin with `prefix`."""
        self._store = store
        self._prefix = prefix

    def position(self, mapping_id: str, shard_id: str) -> Position | None:
        value = self._store.get(self._key(mapping_id, shard_id))
        if value is None:
            return None
        kept = orjson.loads(value)
        return Position(kept["after"], kept["finished"])

    async def save(self, mapping_id: str, shard_id: str, position: Position) -> None:
        key = self._key(mapping_id, shard_id)
        value = orjson.dumps({"after": position.after, "finished": position.finished})
        await self._write(lambda tx: tx.put(key, value))

    async def forget(self, mapping_id: str) -> None:
        first = self._key(mapping_id, "")
        behind = first[:-1] + bytes([first[-1] + 1])
        await self._write(lambda tx: tx.delete_range(first, behind))

    async def _write(self, body: Callable[[Tx], None]) -> None:
        # A cancelled caller must not cancel a write that the store's thread is about to answer.
        await asyncio.shield(asyncio.wrap_future(self._store.submit(body)))

    def _key(self, mapping_id: str, shard_id: str) -> bytes:
        return self._prefix + f"{mapping_id}/{shard_id}".encode()
