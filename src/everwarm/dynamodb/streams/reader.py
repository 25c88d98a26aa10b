"""Reading a stream: from a place in a shard to records and the next place.

What is older than the horizon is not shown, whether it has been trimmed yet or not.
"""

from dataclasses import dataclass

from everwarm.dynamodb.storage.transaction import Reader
from everwarm.dynamodb.streams.catalog import Stream
from everwarm.dynamodb.streams.iterators import OLDEST
from everwarm.dynamodb.streams.sequence import SEQUENCE_END
from everwarm.dynamodb.streams.shards import Shard, record_place, sequence_of_place
from everwarm.errors import TrimmedDataAccessException

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


def check_untrimmed(reader: Reader, stream: Stream, shard: Shard, position: int, horizon: int) -> None:
    """Check that nothing from a position on has grown too old. A quiet shard has no such thing, however old it is.

    Raises:
        TrimmedDataAccessException: something has.
    """
    # The first also where the clock was set back, and the horizon with it.
    if position <= shard.trimmed or (position < horizon and _any(reader, stream, shard, position, horizon)):
        raise TrimmedDataAccessException("The data you are trying to access has been trimmed")


def read(reader: Reader, stream: Stream, shard: Shard, position: int, horizon: int, limit: int = MAX_RECORDS) -> Page:
    """The records from `position` on, 1,000 or 1 MB of them at the most.

    Args:
        horizon: the sequence number below which records are too old.

    Raises:
        TrimmedDataAccessException: records from `position` on are too old.
    """
    if position != OLDEST:
        check_untrimmed(reader, stream, shard, position, horizon)
    # Not one step before what is there: the way over what was trimmed can be long.
    next_position = max(position, horizon, shard.first, shard.trimmed + 1)
    records: list[bytes] = []
    size_bytes = 0
    more = False
    last = b""
    for place, record in reader.scan(*_between(stream, shard, next_position, SEQUENCE_END)):
        size_bytes += len(record)
        if len(records) == limit or (records and size_bytes > MAX_BYTES):
            more = True
            break
        records.append(record)
        last = place
    if records:
        next_position = sequence_of_place(last) + 1
    at_end = shard.last is not None and not more
    if not records and position == OLDEST:
        next_position = OLDEST  # what comes next is still the oldest, whenever that is read
    return Page(records, None if at_end else next_position)


def _any(reader: Reader, stream: Stream, shard: Shard, start: int, end: int) -> bool:
    start = max(start, shard.first, shard.trimmed + 1)
    return start < end and next(reader.scan(*_between(stream, shard, start, end)), None) is not None


def _between(stream: Stream, shard: Shard, start: int, end: int) -> tuple[bytes, bytes]:
    """The range on disk of a shard's records."""
    return record_place(stream.number, shard.number, start), record_place(stream.number, shard.number, end)
