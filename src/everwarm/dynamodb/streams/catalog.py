"""Which streams there are, and of which shards they consist.

A stream that was switched off, or whose table was deleted, stays readable by its ARN until its last record is too old.
Changes are made in transactions that commit alone, as those of tables are, so what a write finds here is committed.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import orjson

from everwarm.clock import Clock
from everwarm.dynamodb.storage.layout import META, SHARD, STREAM, after, number32
from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Reader, Tx
from everwarm.dynamodb.streams.arrivals import Arrivals
from everwarm.dynamodb.streams.sequence import SEQUENCE_END, Sequences, first_at
from everwarm.dynamodb.streams.settings import StreamSettings
from everwarm.dynamodb.streams.shards import HASHES, OpenShards, Shard, parts, record_place, sequence_of_place
from everwarm.dynamodb.tables.catalog import Catalog, next_number
from everwarm.dynamodb.tables.schema import StreamLink, Table
from everwarm.errors import ValidationException, not_found

_LAST_SEQUENCE = META + b"last-sequence"


@dataclass(frozen=True)  # without slots, for what is worked out once
class Stream:
    """One stream. Times are epoch seconds.

    Attributes:
        number: names it in keys on disk.
        shards: in the order in which they were made, which is the one of their ids.
        settings: a policy that was attached, to be shown.
    """

    number: int
    arn: str
    label: str
    table_name: str
    view_type: str
    key_schema: list[dict[str, str]]
    created_at: float
    shards: tuple[Shard, ...]
    enabled: bool = True
    settings: dict[str, Any] = field(default_factory=dict)

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

    def kept(self, horizon: int) -> bool:
        """Whether it is still there: switched on, or with a shard that is."""
        return self.enabled or any(shard.kept(horizon) for shard in self.shards)

    def shard(self, shard_id: str, horizon: int) -> Shard:
        """
        Raises:
            ResourceNotFoundException: the stream has no such shard, or none any more.
        """
        shard = self._by_id.get(shard_id)
        if shard is None or not shard.kept(horizon):
            raise not_found("Shard does not exist")
        return shard

    @cached_property
    def _by_id(self) -> dict[str, Shard]:
        return {shard.shard_id: shard for shard in self.shards}


class StreamCatalog:
    """The streams of one store.

    Attributes:
        settings: how streams are kept.
        sequences: gives the numbers of records.
    """

    def __init__(
        self, store: Store, tables: Catalog, clock: Clock, arrivals: Arrivals, settings: StreamSettings
    ) -> None:
        self.settings = settings
        self._tables = tables
        self._clock = clock
        self._arrivals = arrivals
        self._streams = {stream.arn: stream for stream in _stored(store)}
        self._open = {stream.number: OpenShards(stream.number, stream.shards) for stream in self._streams.values()}
        self.sequences = Sequences(_last_given(store, self._streams.values()))

    def horizon(self) -> int:
        """The sequence number below which everything is too old to be read, now."""
        return first_at(self._clock.now() - self.settings.retention_s)

    def all(self) -> list[Stream]:
        """All streams, in the order of their ARNs."""
        horizon = self.horizon()
        return sorted((stream for stream in self.stored() if stream.kept(horizon)), key=lambda stream: stream.arn)

    def stored(self) -> list[Stream]:
        """As `all`, with those that are too old and not forgotten yet."""
        return list(self._streams.values())

    def find(self, arn: str) -> Stream:
        """The stream of an ARN.

        Raises:
            ResourceNotFoundException: there is none, or none any more.
        """
        stream = self._streams.get(arn)
        if stream is None or not (stream.enabled or stream.kept(self.horizon())):
            raise not_found(f"Stream: {arn} not found")
        return stream

    def open_shards(self, stream_number: int) -> OpenShards:
        """Where a stream is written to."""
        return self._open[stream_number]

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
        first = self.sequences.next(now)
        shards = tuple(Shard(next_number(tx), *part, first) for part in parts(0, HASHES, self.settings.shards))
        stream = Stream(number, arn, label, table.name, view_type, table.key_schema.to_wire(), now, shards)
        self.replace(tx, stream, shards)
        return self._tables.replace(tx, table, stream=StreamLink(number, arn, label, view_type))

    def disable(self, tx: Tx, table: Table) -> Table:
        """Switch a table's stream off: its shards close, its records stay.

        Raises:
            ValidationException: it has none.
        """
        if table.stream is None or not table.stream.enabled:
            raise ValidationException(f"Table has no stream to disable: TableName: {table.name}")
        stream = self._streams[table.stream.arn]
        end = self.sequences.next(self._clock.now())
        closed = [shard.closed(end) for shard in stream.shards if shard.open]
        self.replace(tx, dataclasses.replace(stream, enabled=False), closed)
        return self._tables.replace(tx, table, stream=dataclasses.replace(table.stream, enabled=False))

    def split(self, tx: Tx, arn: str, shard_id: str | None = None) -> Stream:
        """Close a shard and let two children continue it, with half of its keys each.

        Args:
            shard_id: which; without it, every open shard.

        Returns:
            The stream as it is then.

        Raises:
            ResourceNotFoundException: there is no such stream or shard.
            ValidationException: the stream is switched off, the shard closed, or too narrow to be split.
        """
        return self._continue(tx, arn, shard_id, 2)

    def rotate(self, tx: Tx, arn: str, shard_id: str | None = None) -> Stream:
        """Close a shard and let one child continue it; otherwise as `split`."""
        return self._continue(tx, arn, shard_id, 1)

    def _continue(self, tx: Tx, arn: str, shard_id: str | None, children: int) -> Stream:
        stream = self.find(arn)
        if not stream.enabled:
            raise ValidationException(f"Stream is disabled: {arn}. Its shards are closed and have no children")
        shards = [shard for shard in stream.shards if shard.open]
        if shard_id is not None:
            shards = [stream.shard(shard_id, self.horizon())]
        for shard in shards:
            if not shard.open:
                raise ValidationException(f"Shard is closed: {shard.shard_id}. Name an open one")
            if shard.high - shard.low < children:
                raise ValidationException(f"Shard has the keys of one hash and cannot be split: {shard.shard_id}")
        return self.continue_shards(tx, stream, shards, children)

    def continue_shards(self, tx: Tx, stream: Stream, shards: Iterable[Shard], children: int = 1) -> Stream:
        """Close open shards of a stream and let each be continued by so many children."""
        changed: list[Shard] = []
        end = self.sequences.next(self._clock.now())
        for shard in shards:
            changed.append(shard.closed(end))
            changed += shard.children([next_number(tx) for _ in range(children)], end + 1)
        self.sequences.last = end + 1
        return self.replace(tx, stream, changed)

    def replace(self, tx: Tx, stream: Stream, changed: Sequence[Shard] = (), gone: Sequence[Shard] = ()) -> Stream:
        """Store a stream, with some of its shards new or changed, and some gone."""
        shards = {shard.number: shard for shard in (*stream.shards, *changed)}
        for shard in changed:
            tx.put(_shard_place(stream, shard), orjson.dumps(asdict(shard)))
        for shard in gone:
            del shards[shard.number]
            tx.delete(_shard_place(stream, shard))
        stream = dataclasses.replace(stream, shards=tuple(shards[number] for number in sorted(shards)))
        record = asdict(stream)
        del record["shards"]
        tx.put(STREAM + number32(stream.number), orjson.dumps(record))
        tx.on_commit(lambda: self._replaced(stream, changed, gone))
        return stream

    def forget(self, tx: Tx, stream: Stream) -> None:
        """Remove a stream that has no shards any more."""
        tx.delete(STREAM + number32(stream.number))
        tx.on_commit(lambda: self._forgotten(stream))

    def remember_sequence(self, tx: Tx) -> None:
        """Keep the last number given, before the record that has it may be trimmed."""
        tx.put(_LAST_SEQUENCE, str(self.sequences.last).encode())

    def _replaced(self, stream: Stream, changed: Sequence[Shard], gone: Sequence[Shard]) -> None:
        self._open[stream.number] = OpenShards(stream.number, stream.shards)
        self._streams[stream.arn] = stream
        # Who waits at the end of a shard that is closed now has waited long enough.
        for shard in changed:
            self._arrivals.arrived(shard.shard_id)
        for shard in gone:
            self._arrivals.forget(shard.shard_id)

    def _forgotten(self, stream: Stream) -> None:
        self._streams.pop(stream.arn, None)
        self._open.pop(stream.number, None)

    def _label(self, table: Table, now: float) -> str:
        """The time, as AWS writes it; a table's second stream within a millisecond gets the next one."""
        while True:
            label = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
            if f"{table.arn}/stream/{label}" not in self._streams:
                return label
            now += 0.001


def _stored(reader: Reader) -> list[Stream]:
    shards: dict[bytes, list[Shard]] = {}
    for key, value in reader.scan(SHARD, after(SHARD)):
        shards.setdefault(key[1:5], []).append(Shard(**orjson.loads(value)))
    return [
        Stream(shards=tuple(shards.get(key[1:], ())), **orjson.loads(value))
        for key, value in reader.scan(STREAM, after(STREAM))
    ]


def _shard_place(stream: Stream, shard: Shard) -> bytes:
    return SHARD + number32(stream.number) + number32(shard.number)


def _last_given(reader: Reader, streams: Iterable[Stream]) -> int:
    """The largest number that a record or a shard of these streams has, or had before it was trimmed."""
    last = int(reader.get(_LAST_SEQUENCE) or b"0")
    for stream in streams:
        for shard in stream.shards:
            last = max(last, shard.first, shard.last or 0)
            if shard.open:
                last = max(last, newest(reader, stream, shard))
    return last


def newest(reader: Reader, stream: Stream, shard: Shard, below: int = SEQUENCE_END) -> int:
    """The number of a shard's newest record below a number; 0 if there is none."""
    start = record_place(stream.number, shard.number, max(shard.first, shard.trimmed + 1))
    for key, _ in reader.scan(start, record_place(stream.number, shard.number, below), reverse=True):
        return sequence_of_place(key)
    return 0
