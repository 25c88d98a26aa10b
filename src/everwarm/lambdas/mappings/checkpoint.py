"""How far a mapping has come in each shard: remembered through crashes, moved only when the work is done.

Not here: when that is (`ledger.py`) and when it is saved (`saver.py`); the storage engine, of which
`StoreCheckpoints` asks for so little that a Protocol of a few lines describes it.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import orjson

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pending:
    """A batch that has failed and is sent again, so that a restart sends the same one and goes on counting.

    Attributes:
        first, last: the sequence numbers of its first and last record; what lies between them in its lane is its.
        attempts: calls of the function with it.
    """

    first: str
    last: str
    attempts: int


@dataclass(frozen=True, slots=True)
class LanePosition:
    """How far one lane of a shard has come, which may be further than the shard.

    Attributes:
        after: the sequence number of its last record that is done; None if it had none.
        pending: its batches that have failed, in order.
    """

    after: str | None = None
    pending: tuple[Pending, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """The tumbling window that a shard is in.

    Attributes:
        start_s, end_s: epoch seconds.
        state: what the function last returned, JSON.
        over: it ends now, before its time, because the state has become too large.
    """

    start_s: int
    end_s: int
    state: bytes
    over: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a shard.

    Attributes:
        after: the sequence number of the last record that is done, and all before it; None stands before the oldest.
        finished: the shard is closed and everything in it is done.
        lanes: how far each lane is; empty if there is no more to say than `after`.
        window: the tumbling window that is open.
    """

    after: str | None
    finished: bool = False
    lanes: tuple[LanePosition, ...] = ()
    window: OpenWindow | None = None

    def to_json(self) -> bytes:
        """As it is stored."""
        told: dict[str, Any] = {"after": self.after, "finished": self.finished}
        if self.lanes:
            told["lanes"] = [
                {"after": lane.after, "pending": [[one.first, one.last, one.attempts] for one in lane.pending]}
                for lane in self.lanes
            ]
        if (window := self.window) is not None:
            # As text: it is the handler's own, and comes back letter for letter.
            state = window.state.decode()
            told["window"] = {"start": window.start_s, "end": window.end_s, "over": window.over, "json": state}
        return orjson.dumps(told)

    @classmethod
    def from_json(cls, text: bytes) -> "Position":
        """As it was stored."""
        kept = orjson.loads(text)
        lanes = tuple(
            LanePosition(lane["after"], tuple(Pending(*one) for one in lane["pending"]))
            for lane in kept.get("lanes", ())
        )
        window = None
        if (open_window := kept.get("window")) is not None:
            # Earlier versions kept the value itself.
            state = open_window["json"].encode() if "json" in open_window else orjson.dumps(open_window["state"])
            window = OpenWindow(open_window["start"], open_window["end"], state, open_window["over"])
        return cls(kept["after"], kept["finished"], lanes, window)


class Checkpoints(Protocol):
    """Where positions are kept."""

    def position(self, mapping_id: str, shard_id: str) -> Position | None:
        """The saved position; None if there never was one."""
        ...

    async def save(self, mapping_id: str, shard_id: str, position: Position) -> None:
        """Remember a position. It is durable on return."""
        ...

    async def forget(self, mapping_id: str, but: Collection[str] = ()) -> None:
        """Drop the positions of a mapping: all of one that is deleted, so that it would begin anew if it came back.

        Args:
            but: the shards whose positions stay.
        """
        ...


class MemoryCheckpoints:
    """Positions that last as long as the process."""

    def __init__(self) -> None:
        self._positions: dict[tuple[str, str], Position] = {}

    def position(self, mapping_id: str, shard_id: str) -> Position | None:
        return self._positions.get((mapping_id, shard_id))

    async def save(self, mapping_id: str, shard_id: str, position: Position) -> None:
        self._positions[mapping_id, shard_id] = position

    async def forget(self, mapping_id: str, but: Collection[str] = ()) -> None:
        self._positions = {
            place: kept for place, kept in self._positions.items() if place[0] != mapping_id or place[1] in but
        }


class Tx(Protocol):
    """What is asked of a storage transaction."""

    def put(self, key: bytes, value: bytes) -> None: ...

    def delete(self, key: bytes) -> None: ...


class Store(Protocol):
    """What is asked of the storage engine: reads, and a write that is durable when its future is done."""

    def get(self, key: bytes) -> bytes | None: ...

    def scan(self, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]: ...

    def submit(self, body: Callable[[Tx], T]) -> Future[T]: ...


class StoreCheckpoints:
    """Positions in the storage engine, one key a shard, the value as JSON."""

    def __init__(self, store: Store, prefix: bytes) -> None:
        """Use the keys of `store` that begin with `prefix`."""
        self._store = store
        self._prefix = prefix

    def position(self, mapping_id: str, shard_id: str) -> Position | None:
        value = self._store.get(self._key(mapping_id, shard_id))
        return None if value is None else Position.from_json(value)

    async def save(self, mapping_id: str, shard_id: str, position: Position) -> None:
        key, value = self._key(mapping_id, shard_id), position.to_json()
        await self._write(lambda tx: tx.put(key, value))

    async def forget(self, mapping_id: str, but: Collection[str] = ()) -> None:
        first = self._key(mapping_id, "")
        behind = first[:-1] + bytes([first[-1] + 1])
        kept = {self._key(mapping_id, shard_id) for shard_id in but}
        dropped = [key for key, _ in self._store.scan(first, behind) if key not in kept]

        def drop(tx: Tx) -> None:
            for key in dropped:
                tx.delete(key)

        if dropped:
            await self._write(drop)

    async def _write(self, body: Callable[[Tx], None]) -> None:
        # A cancelled caller must not cancel a write that the store's thread is about to answer.
        await asyncio.shield(asyncio.wrap_future(self._store.submit(body)))

    def _key(self, mapping_id: str, shard_id: str) -> bytes:
        return self._prefix + f"{mapping_id}/{shard_id}".encode()
