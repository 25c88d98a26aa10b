"""A batch of stream records, and the event that a function gets for it.

Not here: how a batch comes together (`gatherer.py`), what becomes of it (`next_step.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import overload

import orjson

from everwarm.lambdas.mappings.windows import Window
from everwarm.stream_record import Record, StreamRecord, sequence_number, show

# Lambda's quota for the request of a synchronous invocation.
PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024

_HEAD, _COMMA, _TAIL = b'{"Records":[', b",", b"]}"
EMPTY_EVENT_BYTES = len(_HEAD + _TAIL)


class Records(Sequence[Record]):
    """Records as the function gets to see them, each taken apart when it is looked at."""

    __slots__ = ("_records",)

    def __init__(self, records: Sequence[StreamRecord]) -> None:
        self._records = records

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, place: int) -> Record: ...

    @overload
    def __getitem__(self, place: slice) -> "Records": ...

    def __getitem__(self, place: int | slice) -> "Record | Records":
        if isinstance(place, slice):
            return Records(self._records[place])
        return self._records[place].whole


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one shard, in order, that go to the function together.

    Attributes:
        records: at least one, but for the call that ends a window.
        attempts: calls of the function with them so far.
        not_started: calls that failed before the function ran. They never use up attempts, but the pause between
            two tries grows with them too.
        encoded: the records as the function gets them; empty where nobody has encoded them yet.
        window: the tumbling window that they belong to; None without one.
    """

    records: Sequence[Record]
    attempts: int = 0
    not_started: int = 0
    encoded: tuple[bytes, ...] = field(default=(), compare=False, repr=False)
    window: Window | None = None

    def __post_init__(self) -> None:
        if not self.records and (self.window is None or not self.window.final):
            raise ValueError("a batch has at least one record")

    @classmethod
    def of(cls, records: Sequence[StreamRecord], attempts: int = 0, window: Window | None = None) -> "Batch":
        """A batch of records that are encoded already."""
        return cls(Records(records), attempts, encoded=tuple([record.json for record in records]), window=window)

    @property
    def first(self) -> str:
        """The sequence number of the first record."""
        return sequence_number(self.records[0])

    @property
    def last(self) -> str:
        """The sequence number of the last record."""
        return sequence_number(self.records[-1])

    def part(self, start: int, end: int) -> "Batch | None":
        """The records from one place up to another, with what was tried of them; None if there are none."""
        if start >= end:
            return None
        return Batch(self.records[start:end], self.attempts, self.not_started, self.encoded[start:end], self.window)


def to_event(batch: Batch, stream_arn: str, more: bytes = b"") -> bytes:
    """The function's event for a batch, as JSON.

    Args:
        batch: the records.
        stream_arn: where they are from.
        more: JSON members beside `Records`: those of a tumbling window.
    """
    encoded = batch.encoded or [orjson.dumps(show(record, stream_arn)) for record in batch.records]
    tail = b"]," + more + b"}" if more else _TAIL
    return _HEAD + _COMMA.join(encoded) + tail
