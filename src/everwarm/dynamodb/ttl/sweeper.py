"""The sweeper: sleeps until the next item is due, and deletes what is.

A step is one short transaction, so that writers never wait long behind a burst; `run` repeats it until it is stopped.
"""

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from everwarm.clock import Clock
from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.change import ItemChange
from everwarm.dynamodb.tables.keys import Key, item_place, known_key
from everwarm.dynamodb.tables.read import decode
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.tables.write import Decide
from everwarm.dynamodb.ttl.eligibility import due_ms, earliest_ms, whole_ms
from everwarm.dynamodb.ttl.index import ExpiryIndex
from everwarm.dynamodb.ttl.stats import SweepStats
from everwarm.dynamodb.values.types import Item
from everwarm.errors import StorageFailed

BATCH = 200
"""Deletions in one step, for each table."""

RETRY_S = 1.0
"""The pause after a step that failed."""

_log = structlog.get_logger(__name__)

Delete = Callable[[Tx, Table, Key, Decide], ItemChange]


@dataclass(frozen=True, slots=True)
class Expired:
    """One deletion, for those who watch: it came `deleted_at - due_at` late, epoch seconds both."""

    table: str
    key: Item
    due_at: float
    deleted_at: float


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one step did, and when there is more to do: epoch seconds, infinity for never."""

    expired: list[Expired]
    next_due: float


class Sweeper:
    """Removes due items from every table that has TTL switched on.

    Attributes:
        stats: what it has done so far.
        watchers: told of deletions, on the event loop of `run`, once they are on the disk.
    """

    def __init__(
        self, store: Store, clock: Clock, index: ExpiryIndex, tables: Callable[[], Iterable[Table]], delete: Delete
    ) -> None:
        """
        Args:
            tables: gives all tables as they are at the moment.
            delete: the write road, in the name of the service.
        """
        self._store = store
        self._clock = clock
        self._index = index
        self._tables = tables
        self._delete = delete
        self.stats = SweepStats()
        self.watchers: list[Callable[[list[Expired]], None]] = []

    def sweep(self) -> int:
        """Delete everything that is due now; how many items that was."""
        deleted = 0
        while True:
            step = self._store.update(self.step)
            deleted += len(step.expired)
            if step.next_due > self._clock.now():
                return deleted

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep whenever something is due, until `stop` is set."""
        loop = asyncio.get_running_loop()
        wake = asyncio.Event()
        self._index.when_earlier(lambda: loop.call_soon_threadsafe(wake.set))
        stopping = asyncio.ensure_future(stop.wait())
        stopping.add_done_callback(lambda _: wake.set())
        try:
            while not stop.is_set():
                wake.clear()
                try:
                    step = await asyncio.wrap_future(self._store.submit(self.step))
                except Exception as err:
                    if not isinstance(err, StorageFailed):  # of that the store tells, once
                        _log.exception("TTL sweep failed", retry_s=RETRY_S)
                    await self._clock.pause(RETRY_S, stop)
                    continue
                if step.expired:
                    for watch in self.watchers:
                        watch(step.expired)
                await self._clock.sleep_until(step.next_due, wake)
        finally:
            self._index.when_earlier(lambda: None)
            stopping.cancel()

    def step(self, tx: Tx) -> Sweep:
        """Delete the first of what is due, in a transaction of the store."""
        now = self._clock.now()
        expired: list[Expired] = []
        next_ms: int | None = None
        for table in self._tables():
            if table.time_to_live is None:
                continue
            if self._index.backfill(tx, table):
                first_ms: int | None = 0
            else:
                expired += self._delete_due(tx, table, now)
                first_ms = self._first(tx, table, now)
            if first_ms is not None:
                next_ms = first_ms if next_ms is None else min(next_ms, first_ms)
        self._index.plan(next_ms)
        if expired:
            tx.on_commit(lambda: self.stats.count([one.due_at for one in expired], self._clock.now()))
        return Sweep(expired, math.inf if next_ms is None else next_ms / 1000)

    def _delete_due(self, tx: Tx, table: Table, now: float) -> list[Expired]:
        assert table.time_to_live is not None
        attribute = table.time_to_live
        now_ms = whole_ms(now)

        def decide(old: Item | None) -> Item | None:
            # The entry was written with the item, so this holds; it is checked because a wrong deletion is the
            # one mistake that cannot be mended.
            due = due_ms(old, attribute)
            return None if due is not None and due <= now_ms else old

        due_now: list[tuple[int, bytes]] = []
        for entry in self._index.entries(tx, table, earliest_ms(now), now_ms):
            due_now.append(entry)
            if len(due_now) == BATCH:
                break
        expired: list[Expired] = []
        for moment_ms, encoded in due_now:
            # The item's deletion takes the entry with it. One without its item, which no road leads to, has to go as
            # well: it would be due for ever.
            self._index.discard(tx, table, moment_ms, encoded)
            found = tx.get(item_place(table, encoded))
            if found is None:
                continue
            key = known_key(table, decode(found))
            if self._delete(tx, table, key, decide).new is None:
                expired.append(Expired(table.name, key.attributes, moment_ms / 1000, now))
        return expired

    def _first(self, tx: Tx, table: Table, now: float) -> int | None:
        first_ms, _ = next(self._index.entries(tx, table, earliest_ms(now)), (None, b""))
        tx.on_commit(lambda: self._index.raise_floor(table, first_ms))
        return first_ms
