"""A batch of stream records, and the event that a function gets for it.

Not here: how a batch comes together (`gatherer.py`), what becomes of it (`next_step.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

Record = dict[str, Any]
"""A stream record as GetRecords gives it."""

# Lambda's quota for the request of a synchronous invocation.
PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024

_HEAD, _COMMA, _TAIL = b'{"Records":[', b",", b"]}"
EMPTY_EVENT_BYTES = len(_HEAD + _TAIL)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one shard, in order, that go to the function together.

    Attributes:
        records: at least one.
        attempts: calls of the function with them so far.
        not_started: calls that failed before the function ran. They never use up attempts, but the pause between
            two tries grows with them too.
    """

    records: tuple[Record, ...]
    attempts: int = 0
    not_started: int = 0

    def __post_init__(self) -> None:
        if not self.records:
            raise ValueError("a batch has at least one record")

    @property
    def first(self) -> str:
        """The sequence number of the first record."""
        return sequence_number(self.records[0])

    @property
    def last(self) -> str:
        """The sequence number of the last record."""
        return sequence_number(self.records[-1])


def sequence_number(record: Record) -> str:
    """The record's place in its shard: decimal digits, to be compared as an integer."""
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def created_s(record: Record) -> float:
    """When the change was made, in epoch seconds; DynamoDB rounds it down to the second."""
    return float(record["dynamodb"]["ApproximateCreationDateTime"])


def to_event(batch: Batch, stream_arn: str) -> bytes:
    """The function's event for a batch, as JSON.

    Beside GetRecords' members each record has `eventSourceARN`; `userIdentity` is spelt in Lambda's way, and
    `ApproximateCreationDateTime` is a number with a fraction. Source: "Using AWS Lambda with Amazon DynamoDB" in the
    Lambda developer guide.
    """
    return _HEAD + _COMMA.join(_encode(record, stream_arn) for record in batch.records) + _TAIL


def fitting(records: Iterable[Record], stream_arn: str, used_bytes: int = EMPTY_EVENT_BYTES) -> tuple[int, int]:
    """How many of these records an event takes before it passes the payload limit.

    The first record of an empty event counts as fitting whatever its size: it could never be sent otherwise, and
    the largest item, twice, stays below the limit.

    Args:
        records: in order.
        stream_arn: the stream they are from.
        used_bytes: the size of the event as it is.

    Returns:
        The number of records, and the event's size with them in bytes.
    """
    count = 0
    for record in records:
        size_bytes = used_bytes + len(_encode(record, stream_arn)) + (used_bytes > EMPTY_EVENT_BYTES)
        if size_bytes > PAYLOAD_LIMIT_BYTES and used_bytes > EMPTY_EVENT_BYTES:
            break
        count += 1
        used_bytes = size_bytes
    return count, used_bytes


def _encode(record: Record, stream_arn: str) -> bytes:
    told = {**record, "eventSourceARN": stream_arn}
    told["dynamodb"] = {**record["dynamodb"], "ApproximateCreationDateTime": created_s(record)}
    if identity := record.get("userIdentity"):
        told["userIdentity"] = {"type": identity["Type"], "principalId": identity["PrincipalId"]}
    return orjson.dumps(told)
