"""The lanes of a shard: records of the same partition key are in the same lane, and a lane keeps their order. Pure.

A lane holds what was read and is in no batch yet. ParallelizationFactor is the number of lanes, and each has one
batch under way at the most.

Not here: who fills the lanes (`intake.py`), when a batch is sent (`gatherer.py`).
"""

import asyncio
import zlib
from collections import deque
from collections.abc import Iterable

import orjson

from everwarm.lambdas.mappings.batch import EMPTY_EVENT_BYTES, PAYLOAD_LIMIT_BYTES
from everwarm.lambdas.mappings.checkpoint import Pending
from everwarm.stream_record import Record, StreamRecord


def lane_of(record: Record, partition_key: str, lanes: int) -> int:
    """The lane of a record: the same for the same partition key, in every process.

    Args:
        partition_key: the name of the table's.
        lanes: how many there are.
    """
    if lanes == 1:
        return 0
    return zlib.crc32(orjson.dumps(record["dynamodb"]["Keys"][partition_key])) % lanes


class Lane:
    """Records that wait, in order.

    Attributes:
        number: its place among the shard's lanes.
        pending: batches of an earlier run that had failed; their records come first.
        free: no batch of it is under way: it wants records.
        changed: set when there is something new to look at; cleared by who looks.
    """

    def __init__(self, number: int, pending: Iterable[Pending] = ()) -> None:
        self.number = number
        self.pending = deque(pending)
        self.free = False
        self.changed = asyncio.Event()
        self._waiting: deque[StreamRecord] = deque()
        self._bytes = 0  # of the records and the commas between them

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def waiting_bytes(self) -> int:
        """How much JSON waits."""
        return self._bytes

    @property
    def first(self) -> StreamRecord | None:
        """The record that has waited longest."""
        return self._waiting[0] if self._waiting else None

    @property
    def last(self) -> StreamRecord | None:
        """The record that came last."""
        return self._waiting[-1] if self._waiting else None

    def add(self, record: StreamRecord) -> None:
        self._waiting.append(record)
        self._bytes += len(record.json) + 1

    def full(self, batch_size: int, spare_bytes: int = 0) -> bool:
        """Whether the next batch has no room for one more record.

        Args:
            batch_size: records to a batch.
            spare_bytes: what the event holds beside its records.
        """
        return len(self._waiting) >= batch_size or EMPTY_EVENT_BYTES + spare_bytes + self._bytes > PAYLOAD_LIMIT_BYTES

    def take(
        self, batch_size: int, *, spare_bytes: int = 0, up_to: int | None = None, before_s: float | None = None
    ) -> list[StreamRecord]:
        """The records of the next batch; they wait no longer.

        The first record is taken whatever its size: it could never be sent otherwise, and the largest item, twice,
        stays below the limit of a payload.

        Args:
            batch_size: how many at the most.
            spare_bytes: what the event holds beside its records.
            up_to: only those with a sequence number up to this.
            before_s: only those made before this, in epoch seconds.
        """
        taken: list[StreamRecord] = []
        room = PAYLOAD_LIMIT_BYTES - EMPTY_EVENT_BYTES - spare_bytes + 1  # there is no comma before the first
        waiting = self._waiting
        while waiting and len(taken) < batch_size:
            record = waiting[0]
            size = len(record.json) + 1
            if taken and size > room:
                break
            if up_to is not None and int(record.number) > up_to:
                break
            if before_s is not None and record.created_s >= before_s:
                break
            taken.append(waiting.popleft())
            room -= size
            self._bytes -= size
        return taken
