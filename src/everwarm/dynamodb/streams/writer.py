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
        tx.on_commit(partial(self._committed, line.shard_id, len(record)))

    def _committed(self, shard_id: str, size_bytes: int) -> None:
        self.records += 1
        self.record_bytes += size_bytes
        self._arrivals.arrived(shard_id)
