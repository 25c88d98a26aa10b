"""The shards of a stream: lines of records, each with the changes of some of the keys. Pure.

A key belongs to a shard by the first 16 bits of its hash, with which its place on disk begins. A shard ends when it is
split, replaced or its stream switched off; the newer records of its keys are in its children then.
"""

import dataclasses
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from everwarm.dynamodb.storage.layout import CHANGE, number32, number64
from everwarm.dynamodb.streams.sequence import moment_ms, sequence_text

HASHES = 1 << 16
"""How many hashes there are; no stream has more open shards."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard.

    Attributes:
        number: names it in keys on disk; it rises, and no other shard of this store has had it.
        low, high: it has the keys of `low <= hash < high`.
        first: the sequence number that it starts with; all its records have larger ones.
        parent_id: the shard that it continues.
        last: the sequence number that it ends with, once it is closed; none of its records has a larger one.
        trimmed: the number of the newest record that was trimmed away; 0 if none was.
    """

    number: int
    low: int
    high: int
    first: int
    parent_id: str | None = None
    last: int | None = None
    trimmed: int = 0

    @property
    def shard_id(self) -> str:
        """AWS's form: when it was made, and something to tell it from others. Ids sort as their shards were made."""
        return f"shardId-{moment_ms(self.first):020d}-{self.number & 0xFFFFFFFF:08x}"

    @property
    def open(self) -> bool:
        return self.last is None

    def kept(self, horizon: int) -> bool:
        """Whether it is still there: open, or closed since `horizon`, so that there may be a record to read."""
        return self.last is None or self.last >= horizon

    def closed(self, last: int) -> "Shard":
        return dataclasses.replace(self, last=last)

    def children(self, numbers: Sequence[int], first: int) -> list["Shard"]:
        """Shards that continue it, with one part each of what it has.

        Args:
            numbers: their numbers; as many as there shall be.
            first: the sequence number that they start with.
        """
        return [
            Shard(number, low, high, first, self.shard_id)
            for number, (low, high) in zip(numbers, parts(self.low, self.high, len(numbers)), strict=True)
        ]

    def to_wire(self) -> dict[str, Any]:
        numbers = {"StartingSequenceNumber": sequence_text(self.first)}
        if self.last is not None:
            numbers["EndingSequenceNumber"] = sequence_text(self.last)
        wire: dict[str, Any] = {"ShardId": self.shard_id, "SequenceNumberRange": numbers}
        if self.parent_id is not None:
            wire["ParentShardId"] = self.parent_id
        return wire


def parts(low: int, high: int, count: int) -> list[tuple[int, int]]:
    """Cut a range of hashes into some of about the same size."""
    edges = [low + (high - low) * part // count for part in range(count + 1)]
    return list(pairwise(edges))


class Line(NamedTuple):
    """An open shard, as a write needs it.

    Attributes:
        prefix: what the places of its records begin with.
    """

    shard_id: str
    prefix: bytes


class OpenShards:
    """Where the next record of a key goes: asked at every write."""

    __slots__ = ("_lines", "_lows")

    def __init__(self, stream_number: int, shards: Sequence[Shard]) -> None:
        shards = sorted((shard for shard in shards if shard.open), key=lambda shard: shard.low)
        self._lows = [shard.low for shard in shards]
        self._lines = [Line(shard.shard_id, shard_prefix(stream_number, shard.number)) for shard in shards]

    def line(self, encoded_key: bytes) -> Line:
        """The shard that has a key.

        Args:
            encoded_key: the item's; it begins with the hash.
        """
        lines = self._lines
        if len(lines) == 1:
            return lines[0]
        key_hash = encoded_key[0] << 8 | encoded_key[1]
        return lines[bisect_right(self._lows, key_hash) - 1]


def shard_prefix(stream_number: int, shard_number: int) -> bytes:
    """What the places of a shard's records begin with."""
    return CHANGE + number32(stream_number) + number32(shard_number)


def record_place(stream_number: int, shard_number: int, sequence: int) -> bytes:
    """Where a shard's record with this sequence number lies on disk, or would."""
    return shard_prefix(stream_number, shard_number) + number64(sequence)


def sequence_of_place(place: bytes) -> int:
    """The sequence number of the record that lies there."""
    return int.from_bytes(place[-8:], "big")
