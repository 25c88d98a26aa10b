"""Writes the record of a change, in the change's own transaction, and tells those who wait for it."""

from functools import partial

from everwarm.clock import Clock
from everwarm.dynamodb.storage.layout import number64
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.streams.arrivals import Arrivals
from everwarm.dynamodb.streams.catalog import StreamCatalog
from everwarm.dynamodb.streams.records import record_json
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
        self._under_way: Tx | None = None
        self._written: list[tuple[str, int]] = []  # by it, so far: the shard and the size of each record

    def observe(self, tx: Tx, change: ItemChange) -> None:
        """Record a change of a table that has a stream."""
        stream = change.table.stream
        if stream is None or not stream.enabled:
            return
        now = self._clock.now()
        sequence = self._catalog.sequences.next(now)
        record = record_json(change, stream.view_type, sequence, now)
        line = self._catalog.open_shards(stream.number).line(change.key.encoded)
        tx.put(line.prefix + number64(sequence), record)
        if tx is not self._under_way:  # once for all of its records
            self._under_way, self._written = tx, []
            tx.on_commit(partial(self._committed, self._written))
        self._written.append((line.shard_id, len(record)))

    def _committed(self, written: list[tuple[str, int]]) -> None:
        self._under_way = None
        self.records += len(written)
        self.record_bytes += sum(size_bytes for _, size_bytes in written)
        for shard_id in {shard_id for shard_id, _ in written}:
            self._arrivals.arrived(shard_id)
