"""Writes the record of a change, in the change's own transaction, and tells those who wait for it."""

from collections.abc import Sequence
from functools import partial

from everwarm.clock import Clock
from everwarm.dynamodb.storage.layout import number64
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.streams.arrivals import Arrivals
from everwarm.dynamodb.streams.catalog import StreamCatalog
from everwarm.dynamodb.streams.records import RecordForm
from everwarm.dynamodb.tables.change import ItemChange


class StreamWriter:
    """The observer of `tables.write` that keeps the streams.

    Attributes:
        records, record_bytes: what was written since the start.
    """

    def __init__(self, clock: Clock, catalog: StreamCatalog, arrivals: Arrivals) -> None:
        self.records = 0
        self.record_bytes = 0
        self._clock = clock
        self._catalog = catalog
        self._arrivals = arrivals
        self._forms: dict[int, RecordForm] = {}  # by the stream's number, which no other stream gets
        self._under_way: Tx | None = None
        self._written: list[tuple[str, int]] = []  # by it, so far: the shard and the size of each record

    def observe(self, tx: Tx, changes: Sequence[ItemChange]) -> None:
        """Record changes of a table that has a stream."""
        stream = changes[0].table.stream
        if stream is None or not stream.enabled:
            return
        if tx is not self._under_way:  # once for all of its records
            self._under_way, self._written = tx, []
            tx.on_commit(partial(self._committed, self._written))
        form = self._forms.get(stream.number)
        if form is None:
            form = self._forms[stream.number] = RecordForm(changes[0].table, stream.view_type)
        now, sequences = self._clock.now(), self._catalog.sequences
        open_shards = self._catalog.open_shards(stream.number)
        for change in changes:
            sequence = sequences.next(now)
            record = form.record(change, sequence, int(now))
            line = open_shards.line(change.key.encoded)
            tx.put(line.prefix + number64(sequence), record)
            self._written.append((line.shard_id, len(record)))

    def _committed(self, written: list[tuple[str, int]]) -> None:
        self._under_way = None
        self.records += len(written)
        self.record_bytes += sum(size_bytes for _, size_bytes in written)
        for shard_id in {shard_id for shard_id, _ in written}:
            self._arrivals.arrived(shard_id)
