"""Which streams there are: those that tables write to, and those that were switched off or lost their table.

A stream that was switched off stays readable by its ARN. It has one shard, closed when the stream is.
"""

import dataclasses
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from everwarm.dynamodb.storage.layout import META, STREAM, after, number32
from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.streams.records import sequence_text
from everwarm.dynamodb.tables.catalog import Catalog, next_number
from everwarm.dynamodb.tables.schema import StreamLink, Table
from everwarm.errors import ValidationException, not_found

_LAST_SEQUENCE = META + b"last-sequence"


@dataclass(frozen=True, slots=True)
class Shard:
    """A line of records within a stream.

    Attributes:
        number: names it in keys on disk.
        first, last: the sequence numbers that it starts and, once it is closed, ends with.
    """

    number: int
    shard_id: str
    first: int
    last: int | None = None

    def to_wire(self) -> dict[str, Any]:
        numbers = {"StartingSequenceNumber": sequence_text(self.first)}
        if self.last is not None:
            numbers["EndingSequenceNumber"] = sequence_text(self.last)
        return {"ShardId": self.shard_id, "SequenceNumberRange": numbers}


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream. Times are epoch seconds."""

    number: int
    arn: str
    label: str
    table_name: str
    view_type: str
    key_schema: list[dict[str, str]]
    created_at: float
    shard: Shard
    enabled: bool = True

    def describe(self) -> dict[str, Any]:
        """The `StreamDescription` of the API, without its shards."""
        return {
            "StreamArn": self.arn,
            "StreamLabel": self.label,
            "StreamStatus": "ENABLED" if self.enabled else "DISABLED",
            "StreamViewType": self.view_type,
            "CreationRequestDateTime": round(self.created_at, 3),
            "TableName": self.table_name,
            "KeySchema": self.key_schema,
        }


class StreamCatalog:
    """The streams of one store. Changes commit alone, as those of tables do."""

    def __init__(self, store: Store, tables: Catalog) -> None:
        self._tables = tables
        self._streams: dict[str, Stream] = {}
        for _, value in store.scan(STREAM, after(STREAM)):
            record = orjson.loads(value)
            stream = Stream(shard=Shard(**record.pop("shard")), **record)
            self._streams[stream.arn] = stream

    def all(self) -> list[Stream]:
        """All streams, in the order of their ARNs."""
        return [self._streams[arn] for arn in sorted(self._streams)]

    def find(self, arn: str) -> Stream:
        """The stream of an ARN.

        Raises:
            ResourceNotFoundException: there is none.
        """
        stream = self._streams.get(arn)
        if stream is None:
            raise not_found(f"Stream: {arn} not found")
        return stream

    def enable(self, tx: Tx, table: Table, view_type: str, now: float) -> Table:
        """Give a table a new stream.

        Raises:
            ValidationException: it has one.
        """
        if table.stream is not None and table.stream.enabled:
            raise ValidationException(f"Table already has an enabled stream: TableName: {table.name}")
        label = self._label(table, now)
        arn = f"{table.arn}/stream/{label}"
        number = next_number(tx)
        shard_id = f"shardId-{int(now * 1000):020d}-{number & 0xFFFFFFFF:08x}"
        shard = Shard(0, shard_id, last_sequence(tx) + 1)
        self._store(tx, Stream(number, arn, label, table.name, view_type, table.key_schema.to_wire(), now, shard))
        return self._tables.replace(tx, table, stream=StreamLink(number, arn, label, view_type))

    def disable(self, tx: Tx, table: Table) -> Table:
        """Switch a table's stream off: its shard closes, its records stay.

        Raises:
            ValidationException: it has none.
        """
        if table.stream is None or not table.stream.enabled:
            raise ValidationException(f"Table has no stream to disable: TableName: {table.name}")
        stream = self._streams[table.stream.arn]
        # One that never had a record ends where it starts, not before.
        closed = dataclasses.replace(stream.shard, last=max(stream.shard.first, last_sequence(tx)))
        self._store(tx, dataclasses.replace(stream, enabled=False, shard=closed))
        return self._tables.replace(tx, table, stream=dataclasses.replace(table.stream, enabled=False))

    def _store(self, tx: Tx, stream: Stream) -> None:
        tx.put(STREAM + number32(stream.number), orjson.dumps(asdict(stream)))
        tx.on_commit(lambda: self._streams.__setitem__(stream.arn, stream))

    def _label(self, table: Table, now: float) -> str:
        """The time, as AWS writes it; a table's second stream within a millisecond gets the next one."""
        while True:
            label = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
            if f"{table.arn}/stream/{label}" not in self._streams:
                return label
            now += 0.001


def last_sequence(tx: Tx) -> int:
    """The last sequence number given to any record."""
    return int(tx.get(_LAST_SEQUENCE) or b"0")


def next_sequence(tx: Tx) -> int:
    """The next sequence number. Kept in the transaction, so one that is rolled back uses none up."""
    number = last_sequence(tx) + 1
    tx.put(_LAST_SEQUENCE, str(number).encode())
    return number
