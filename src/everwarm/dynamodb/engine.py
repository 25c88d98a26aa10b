"""The engine: the one place where storage, tables, TTL and streams are plugged together.

`tables` knows neither of the other two; they are its observers, called inside each write's transaction.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from everwarm.account import DEFAULT_REGION
from everwarm.clock import Clock, SystemClock
from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.streams.arrivals import Arrivals
from everwarm.dynamodb.streams.catalog import StreamCatalog
from everwarm.dynamodb.streams.settings import StreamSettings
from everwarm.dynamodb.streams.upkeep import Upkeep
from everwarm.dynamodb.streams.writer import StreamWriter
from everwarm.dynamodb.tables.build import IndexBuilder
from everwarm.dynamodb.tables.catalog import Catalog
from everwarm.dynamodb.tables.change import Cause, ItemChange
from everwarm.dynamodb.tables.keys import Key
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.tables.tokens import Tokens
from everwarm.dynamodb.tables.write import TOO_LARGE, Decide, Found, Observer, PlannedWrite, remove, write
from everwarm.dynamodb.ttl.backfill import Backfill
from everwarm.dynamodb.ttl.index import ExpiryIndex
from everwarm.dynamodb.ttl.options import PROMPT, TimeToLiveOptions
from everwarm.dynamodb.ttl.sweeper import Sweeper
from everwarm.errors import not_found

DEFAULT_STREAM_SETTINGS = StreamSettings()


class Engine:
    """An embedded DynamoDB.

    Attributes:
        store: the bytes.
        address: where clients reach it, as DescribeEndpoints tells them; set by whoever listens for them.
        tables: which tables there are.
        streams: which streams there are.
        arrivals: tells when a shard has new records.
        stream_writer: records changes; counts what it wrote.
        upkeep: trims streams and replaces old shards; whoever opened the engine runs it.
        tokens: the transactions that were done lately.
        time_to_live: how much of AWS's ways TTL has.
        expiry: the index of due times.
        backfill: takes old items into it.
        sweeper: deletes what is due; whoever opened the engine runs it.
        builder: builds new indexes over old items; whoever opened the engine runs it.
        requests: how many were answered, by operation and outcome: `OK`, or the error's name. For `/metrics`.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        region: str = DEFAULT_REGION,
        stream_settings: StreamSettings = DEFAULT_STREAM_SETTINGS,
        time_to_live: TimeToLiveOptions = PROMPT,
    ) -> None:
        self.store = store
        self.requests: dict[tuple[str, str], int] = defaultdict(int)
        self.clock = clock
        self.region = region
        self.address = f"dynamodb.{region}.amazonaws.com"
        self.tables = Catalog(store)
        self.builder = IndexBuilder(store, clock, self.tables)
        self.tokens = Tokens(clock)
        self.arrivals = Arrivals()
        self.streams = StreamCatalog(store, self.tables, clock, self.arrivals, stream_settings)
        self.stream_writer = StreamWriter(clock, self.streams, self.arrivals)
        self.upkeep = Upkeep(store, clock, self.streams)
        self.time_to_live = time_to_live
        self.expiry = ExpiryIndex(time_to_live.delay)
        self.backfill = Backfill(store, self.expiry)
        self.backfill.follow(self.tables, time_to_live.delay)
        self.sweeper = Sweeper(store, clock, self.expiry, self.backfill, lambda: self.tables, self._expire)
        self._observers: tuple[Observer, ...] = (self.expiry.observe, self.stream_writer.observe)

    @classmethod
    def open(
        cls,
        data: Path | None,
        clock: Clock | None = None,
        region: str = DEFAULT_REGION,
        stream_settings: StreamSettings = DEFAULT_STREAM_SETTINGS,
        time_to_live: TimeToLiveOptions = PROMPT,
    ) -> "Engine":
        """Open the engine on a data directory, made if it is missing; None keeps everything in memory.

        Raises:
            StorageLocked: another process has the directory open.
            StorageFormatError: it is in another format.
        """
        return cls(Store.open(data), clock or SystemClock(), region, stream_settings, time_to_live)

    def close(self) -> None:
        """Finish the writes under way and close the store."""
        self.store.close()

    def watch(self, observer: Observer) -> None:
        """Have every change of an item told, inside its transaction, on the writer's thread. From one thread at a time.

        Args:
            observer: be quick; what it raises breaks the write off. `tx.on_commit` is for what only counts if it holds.
        """
        self._observers = (*self._observers, observer)

    def unwatch(self, observer: Observer) -> None:
        """The end of `watch`."""
        self._observers = tuple(one for one in self._observers if one != observer)

    def write(
        self,
        tx: Tx,
        table: Table,
        key: Key,
        decide: Decide,
        *,
        cause: Cause = Cause.USER,
        too_large: str = TOO_LARGE,
        new_json: bytes | None = None,
    ) -> ItemChange:
        """Change one item of a table; see `tables.write`.

        Args:
            table: as it was when the request was read; what it has now, a new stream say, is what counts.

        Raises:
            ResourceNotFoundException: the table is gone, though another of its name may be there.
        """
        current = self._current(table)
        return write(tx, current, key, decide, self._observers, cause=cause, too_large=too_large, new_json=new_json)

    def carry_out(self, tx: Tx, planned: PlannedWrite) -> ItemChange:
        """Do a planned write; as `write`."""
        _, key, decide, too_large, new_json, _ = planned
        current = self._current(planned.table)
        return write(tx, current, key, decide, self._observers, too_large=too_large, new_json=new_json)

    def _current(self, table: Table) -> Table:
        current = self.tables.find(table.name)
        if current.number != table.number:
            raise not_found()
        return current

    def _expire(self, tx: Tx, table: Table, found: Sequence[Found]) -> None:
        remove(tx, table, found, self._observers, Cause.TIME_TO_LIVE)
