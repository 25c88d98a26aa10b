"""Reading a stream: from an iterator to records and the next iterator."""

from dataclasses import dataclass

from everwarm.dynamodb.storage.transaction import Reader
from everwarm.dynamodb.streams.catalog import Stream
from everwarm.dynamodb.streams.records import SEQUENCE_END, record_place
from everwarm.errors import not_found

MAX_RECORDS = 1000
MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """Some records.

    Attributes:
        records: each as JSON of the wire's form.
        next_position: the sequence number to read on from; None at the end of a closed shard.
    """

    records: list[bytes]
    next_position: int | None


def check_shard(stream: Stream, shard_id: str) -> None:
    """
    Raises:
        ResourceNotFoundException: the stream has no such shard.
    """
    if shard_id != stream.shard.shard_id:
        raise not_found("Shard does not exist")


def read(reader: Reader, stream: Stream, position: int, limit: int = MAX_RECORDS) -> Page:
    """The records from `position` on, 1,000 or 1 MB of them at the most."""
    shard = stream.shard
    records: list[bytes] = []
    size_bytes = 0
    next_position = max(position, shard.first)
    more = False
    for key, record in reader.scan(*_between(stream, next_position)):
        size_bytes += len(record)
        if len(records) == limit or (records and size_bytes > MAX_BYTES):
            more = True
            break
        records.append(record)
        next_position = int.from_bytes(key[-8:], "big") + 1
    at_end = shard.last is not None and not more
    return Page(records, None if at_end else next_position)


def end_position(reader: Reader, stream: Stream) -> int:
    """Just after the newest record."""
    first = stream.shard.first
    for key, _ in reader.scan(*_between(stream, first), reverse=True):
        return int.from_bytes(key[-8:], "big") + 1
    return first


def _between(stream: Stream, position: int) -> tuple[bytes, bytes]:
    """The range on disk of a stream's records from a position on."""
    number = stream.shard.number
    return record_place(stream.number, number, position), record_place(stream.number, number, SEQUENCE_END)
