"""The expiry index: for every item with a due time an entry, written in the item's own transaction.

Entries sort by the moment of deletion, which is the due time or, if deletions are to be late, somewhat after it. So the
next deletion is one look away, and a sweep costs what it deletes, not what the table holds.

All of this runs on the writer's thread, in transactions and their commit callbacks, and needs no locks.
Not here: items that are older than TTL is on (backfill.py).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from everwarm.dynamodb.storage.layout import EXPIRY, after, number32, number64
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.change import Cause, ItemChange
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.ttl.eligibility import due_ms, earliest_ms, whole_ms
from everwarm.dynamodb.ttl.options import NO_DELAY, Delay
from everwarm.dynamodb.values.types import Item

NEVER_MS = 2**62
"""Behind every moment there can be."""

_END = b"\xff"

MAX_LOOSE = 4096
"""So many entries that were overdue when they were put are kept in mind; more have to be looked for."""


class Entry(NamedTuple):  # made for every deletion, and twice as quickly as a frozen dataclass
    """One entry: when to delete which item.

    Attributes:
        place: its key on disk, behind what all entries of its table begin with.
    """

    moment_ms: int
    encoded_key: bytes
    place: bytes


@dataclass(slots=True)
class _Gap:
    """A stretch without entries: it keeps a look at the next one from walking over the tombstones of all before it.

    Places are as in `Entry.place`.

    Attributes:
        start, end: the end is the place of the first entry behind it, or `_END`.
        swept: until there everything was due when the gap was made, so there the tombstones are.
        loose: where overdue entries were put before `swept` since, in order; some may be gone again.
    """

    start: bytes
    end: bytes
    swept: bytes
    loose: list[bytes]

    @property
    def first(self) -> bytes:
        """Where the next entry may be."""
        return self.loose[0] if self.loose else self.end

    def put(self, place: bytes) -> None:
        """Note an entry, if it is in here."""
        if not self.start <= place < self.end:
            return
        if place >= self.swept:
            self.end = place
            del self.loose[bisect_left(self.loose, place) :]  # there are some only where the clock was put back
            return
        at = bisect_left(self.loose, place)
        if self.loose[at : at + 1] != [place]:
            self.loose.insert(at, place)
        if len(self.loose) > MAX_LOOSE:
            self.end = self.loose[0]
            self.loose = []


class ExpiryIndex:
    """The entries of every table that has TTL switched on."""

    def __init__(self, delay: Delay = NO_DELAY) -> None:
        self._delay = delay
        self._gaps: dict[int, _Gap] = {}  # by the table's number
        self._planned_ms = NEVER_MS
        self._on_earlier: Callable[[], object] = lambda: None

    def plan(self, moment_ms: int) -> None:
        """Say when the sweeper looks next; an entry written for an earlier moment calls `when_earlier`'s callback."""
        self._planned_ms = moment_ms

    def when_earlier(self, callback: Callable[[], object]) -> None:
        """Have something called, on the writer's thread, when an entry is written that comes before the plan."""
        self._on_earlier = callback

    def observe(self, tx: Tx, changes: Sequence[ItemChange]) -> None:
        """Move the entries of changed items; an observer for `tables.write`."""
        table, attribute = changes[0].table, changes[0].table.time_to_live
        if attribute is None or changes[0].cause is Cause.TIME_TO_LIVE:  # the sweeper discards its entries itself
            return
        for change in changes:
            before = due_ms(change.old, attribute)
            now = due_ms(change.new, attribute)
            if before == now:
                continue
            if before is not None:
                self.discard(tx, table, [self._entry(table, before, change.key.encoded)])
            if now is not None:
                self._put(tx, table, self._entry(table, now, change.key.encoded))

    def add(self, tx: Tx, table: Table, item: Item, encoded_key: bytes) -> None:
        """Make the entry of an item that was there before."""
        due = None if table.time_to_live is None else due_ms(item, table.time_to_live)
        if due is not None:
            self._put(tx, table, self._entry(table, due, encoded_key))

    def due_ms(self, table: Table, item: Item, entry: Entry) -> int | None:
        """When an item is due; None if the entry is not the one that it should have, so that it must not be deleted.

        An entry is written with its item, so they fit. Whoever deletes asks all the same: a wrong deletion is the one
        mistake that cannot be mended.
        """
        due = None if table.time_to_live is None else due_ms(item, table.time_to_live)
        if due is None or self._delay.moment_ms(due, table.table_id, entry.encoded_key) != entry.moment_ms:
            return None
        return due

    def entries(self, tx: Tx, table: Table, now: float) -> Iterator[Entry]:
        """The entries of a table, in order, without those of items that expired more than five years ago."""
        start = number64(self._earliest_ms(now))
        gap = self._gaps.get(table.number)
        if gap is None:
            yield from self._scan(tx, table, start, _END)
            return
        # A clock that was put back makes items count again that were too old; they stand before the gap.
        yield from self._scan(tx, table, start, gap.start)
        for place in gap.loose[bisect_left(gap.loose, start) :]:
            yield _at(place)
        yield from self._scan(tx, table, max(start, gap.end), _END)

    def note_first(self, tx: Tx, table: Table, now: float, first: Entry | None) -> None:
        """Note which entry `entries`, with the same `now`, gave first of those that are left by this transaction."""
        place = _END if first is None else first.place
        gap = _Gap(number64(self._earliest_ms(now)), place, number64(whole_ms(now) + 1), [])
        old = self._gaps.get(table.number)
        if old is not None and old.start <= place < old.end:
            gap.end = old.end
            gap.loose = old.loose[bisect_left(old.loose, place) :]
        tx.on_commit(lambda: self._gaps.__setitem__(table.number, gap))

    def first_ms(self, table: Table, now: float) -> int:
        """No entry of a table comes before this moment, as far as is known; `NEVER_MS` if it has none."""
        gap = self._gaps.get(table.number)
        if gap is None or number64(self._earliest_ms(now)) < gap.start:
            return 0
        return NEVER_MS if gap.first is _END else _at(gap.first).moment_ms

    def discard(self, tx: Tx, table: Table, entries: Sequence[Entry]) -> None:
        """Drop some entries."""
        prefix = EXPIRY + number32(table.number)
        for entry in entries:
            tx.delete(prefix + entry.place)

    def drop(self, tx: Tx, table: Table) -> None:
        """Forget all entries of a table."""
        prefix = EXPIRY + number32(table.number)
        tx.delete_range(prefix, after(prefix))
        tx.on_commit(lambda: self._gaps.pop(table.number, None))

    def look_again(self) -> None:
        """Have the sweeper look at once; on the writer's thread."""
        self._planned_ms = 0
        self._on_earlier()

    def _earliest_ms(self, now: float) -> int:
        # Only the moment is known of an entry. Of the items whose late deletion was due about five years ago some
        # may have expired before that: rather than a wrong deletion, none.
        return earliest_ms(now) + self._delay.high_ms

    def _entry(self, table: Table, due: int, encoded_key: bytes) -> Entry:
        moment_ms = self._delay.moment_ms(due, table.table_id, encoded_key)
        return Entry(moment_ms, encoded_key, number64(moment_ms) + encoded_key)

    def _put(self, tx: Tx, table: Table, entry: Entry) -> None:
        place = entry.place
        tx.put(EXPIRY + number32(table.number) + place, b"")
        # Now, for a sweep that comes later in the same commit; and afterwards, for one that came before it.
        self._note(table.number, place)
        tx.on_commit(lambda: self._told(table.number, place, entry.moment_ms))

    def _note(self, number: int, place: bytes) -> None:
        gap = self._gaps.get(number)
        if gap is not None:
            gap.put(place)

    def _told(self, number: int, place: bytes, moment_ms: int) -> None:
        self._note(number, place)
        if moment_ms < self._planned_ms:
            self._planned_ms = moment_ms
            self._on_earlier()

    def _scan(self, tx: Tx, table: Table, first: bytes, last: bytes) -> Iterator[Entry]:
        if first < last:
            prefix = EXPIRY + number32(table.number)
            for key, _ in tx.scan(prefix + first, after(prefix) if last is _END else prefix + last):
                yield _at(key[len(prefix) :])


def _at(place: bytes) -> Entry:
    return Entry(int.from_bytes(place[:8], "big"), place[8:], place)
