"""The sweeper: sleeps until the next item is due, and deletes what is.

A step is one short transaction, so that writers never wait long behind a burst; `run` repeats it until it is stopped.
All tables that have due items share a step, so none waits for the burst of another.
"""

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from everwarm.clock import Clock
from everwarm.dynamodb.storage.background import Background
from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.keys import Key, items_prefix
from everwarm.dynamodb.tables.read import decode
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.tables.write import Found
from everwarm.dynamodb.ttl.backfill import Backfill
from everwarm.dynamodb.ttl.eligibility import whole_ms
from everwarm.dynamodb.ttl.index import NEVER_MS, Entry, ExpiryIndex
from everwarm.dynamodb.ttl.stats import SweepStats
from everwarm.dynamodb.values.types import Item
from everwarm.errors import EverwarmError
from everwarm.log import get_logger

BATCH = 250
BATCH_BYTES = 1024 * 1024
"""A step ends at either: deletions, those of index entries included, and bytes of items. Writers wait for it."""

STEPS_AHEAD = 2
"""Steps that wait in the writer's queue while there is more to do."""

TABLES = 16
"""Tables that share a step; if more have due items, they take turns."""

REST_S = 1.0
LONGEST_REST_S = 60.0
"""For how long a table is left alone whose step failed: after the first time, and what it doubles up to."""

_log = get_logger(__name__)

Remove = Callable[[Tx, Table, Sequence[Found]], None]


class Expired(NamedTuple):
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


@dataclass(frozen=True, slots=True)
class _Rest:
    """A table is left alone for a time, because its part of a step failed.

    Attributes:
        until: on the clock that never jumps.
    """

    until: float
    length_s: float


class Sweeper:
    """Removes due items from every table that has TTL switched on.

    Attributes:
        stats: what it has done so far.
        watchers: told of deletions, on the event loop of `run`, once they are on the disk.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        index: ExpiryIndex,
        backfill: Backfill,
        tables: Callable[[], Iterable[Table]],
        remove: Remove,
    ) -> None:
        """
        Args:
            tables: gives all tables as they are at the moment.
            remove: deletes items that were just read, in the name of the service.
        """
        self._store = store
        self._clock = clock
        self._index = index
        self._backfill = backfill
        self._tables = tables
        self._remove = remove
        self._last_table = 0
        self._rests: dict[int, _Rest] = {}  # by the table's number
        self._background = Background(clock, "TTL sweep")
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
        under_way: deque[asyncio.Future[Sweep]] = deque()

        def begin() -> None:
            under_way.append(self._store.submit_from_loop(self.step))

        async def step() -> float:
            if not under_way:
                begin()
            while True:
                done = await under_way.popleft()
                self._tell(done)
                if done.next_due <= self._clock.now() and not stop.is_set():
                    # A burst. The writer has the next step at hand, and need not wait until this loop has its turn.
                    while len(under_way) < STEPS_AHEAD:
                        begin()
                if not under_way:
                    return done.next_due

        self._index.when_earlier(self._background.wake)
        try:
            await self._background.run(step, stop)
        finally:
            self._index.when_earlier(lambda: None)
            for sweep in under_way:
                with contextlib.suppress(EverwarmError):
                    self._tell(await sweep)

    def _tell(self, done: Sweep) -> None:
        if done.expired:
            for watch in self.watchers:
                watch(done.expired)

    def step(self, tx: Tx) -> Sweep:
        """Delete the first of what is due, in a transaction of the store."""
        now = self._clock.now()
        tables = {table.number: table for table in self._tables() if table.time_to_live is not None}
        next_ms = {number: self._next_ms(table, now) for number, table in tables.items()}
        turns = self._turns([number for number, moment_ms in next_ms.items() if moment_ms <= whole_ms(now)])
        expired: list[Expired] = []
        looks_back = next((number for number in turns if self._backfill.needs(tables[number])), None)
        for number in turns:
            part = tx.part()
            try:
                more = self._backfill.needs(tables[number])
                if number == looks_back:
                    more = self._backfill.step(part, tables[number])
                some, first_ms = self._delete_due(part, tables[number], now, share=len(turns))
            except Exception:
                rest_s = self._let_rest(number)
                next_ms[number] = whole_ms(now + rest_s)
                _log.exception("TTL sweep of a table failed", table=tables[number].name, retry_s=rest_s)
                continue
            self._rests.pop(number, None)
            tx.take(part)
            expired += some
            next_ms[number] = 0 if more else first_ms
        if expired:
            tx.on_commit(lambda: self.stats.count([one.due_at for one in expired], self._clock.now()))
        soonest_ms = min(next_ms.values(), default=NEVER_MS)
        self._index.plan(soonest_ms)
        return Sweep(expired, math.inf if soonest_ms == NEVER_MS else soonest_ms / 1000)

    def _next_ms(self, table: Table, now: float) -> int:
        rest = self._rests.get(table.number)
        if rest is not None and (left_s := rest.until - self._clock.elapsed()) > 0:
            return whole_ms(now + left_s)
        return 0 if self._backfill.needs(table) else self._index.first_ms(table, now)

    def _let_rest(self, number: int) -> float:
        last = self._rests.get(number)
        length_s = REST_S if last is None else min(2 * last.length_s, LONGEST_REST_S)
        self._rests[number] = _Rest(self._clock.elapsed() + length_s, length_s)
        return length_s

    def _turns(self, numbers: list[int]) -> list[int]:
        """Whose turn it is in this step, of the tables that have something to do."""
        numbers.sort(key=lambda number: (number <= self._last_table, number))
        turns = numbers[:TABLES]
        if turns:
            self._last_table = turns[-1]
        return turns

    def _delete_due(self, tx: Tx, table: Table, now: float, share: int) -> tuple[list[Expired], int]:
        """Delete what is due in one table; and the moment of the first that is left.

        Args:
            share: how many tables share the step.
        """
        most = max(1, BATCH // share // (1 + len(table.indexes)))
        room_bytes = BATCH_BYTES // share
        now_ms = whole_ms(now)
        prefix, names = items_prefix(table), table.key_schema.names
        entries: list[Entry] = []
        found: list[Found] = []
        expired: list[Expired] = []
        first: Entry | None = None
        for entry in self._index.entries(tx, table, now):
            if entry.moment_ms > now_ms or len(entries) == most or room_bytes <= 0:
                first = entry
                break
            entries.append(entry)
            item_json = tx.get(prefix + entry.encoded_key)
            if item_json is None:
                continue  # no road leads here, but such an entry would be due for ever
            item = decode(item_json)
            due_ms = self._index.due_ms(table, item, entry)
            if due_ms is None:
                continue  # nor here
            key = Key({name: item[name] for name in names}, entry.encoded_key)
            found.append((key, item, item_json))
            room_bytes -= len(item_json)
            expired.append(Expired(table.name, key.attributes, due_ms / 1000, now))
        self._index.discard(tx, table, entries)
        self._remove(tx, table, found)
        self._index.note_first(tx, table, now, first)
        return expired, NEVER_MS if first is None else first.moment_ms
