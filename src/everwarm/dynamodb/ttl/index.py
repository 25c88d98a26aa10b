"""The expiry index: for every item with a due time an entry that sorts by it, written in the item's own transaction.

So the next due time is one look away, and a sweep costs what is due, not what the table holds.

All of this runs on the writer's thread, in transactions and their commit callbacks, and needs no locks.
"""

from collections.abc import Callable, Iterator

from everwarm.dynamodb.storage.layout import BACKFILL, EXPIRY, after, number32, number64
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.change import ItemChange
from everwarm.dynamodb.tables.keys import all_items
from everwarm.dynamodb.tables.read import decode
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.ttl.eligibility import due_ms

# Old items looked at in one transaction, while TTL is being switched on.
BACKFILL_STEP = 1000

_NEVER_MS = 2**62


class ExpiryIndex:
    """The entries of every table that has TTL switched on."""

    def __init__(self) -> None:
        # Per table number, a moment before which there are no entries. It keeps a look at the first entry from
        # walking over the tombstones of all that were deleted before it.
        self._floors_ms: dict[int, int] = {}
        self._planned_ms = _NEVER_MS
        self._on_earlier: Callable[[], object] = lambda: None

    def plan(self, moment_ms: int | None) -> None:
        """Say when the sweeper looks next; an entry written for an earlier moment calls `when_earlier`'s callback."""
        self._planned_ms = _NEVER_MS if moment_ms is None else moment_ms

    def when_earlier(self, callback: Callable[[], object]) -> None:
        """Have something called, on the writer's thread, when an entry is written that is due before the plan."""
        self._on_earlier = callback

    def observe(self, tx: Tx, change: ItemChange) -> None:
        """Move the entry of a changed item; an observer for `tables.write`."""
        attribute = change.table.time_to_live
        if attribute is None:
            return
        before = due_ms(change.old, attribute)
        now = due_ms(change.new, attribute)
        if before == now:
            return
        if before is not None:
            tx.delete(_entry(change.table, before, change.key.encoded))
        if now is not None:
            self._put(tx, change.table, now, change.key.encoded)

    def entries(self, tx: Tx, table: Table, from_ms: int, to_ms: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Due times and encoded item keys, in order, for `from_ms <= due <= to_ms`; to the last if `to_ms` is None."""
        prefix = EXPIRY + number32(table.number)
        start = prefix + number64(max(from_ms, self._floors_ms.get(table.number, 0)))
        end = after(prefix) if to_ms is None else prefix + number64(to_ms + 1)
        for key, _ in tx.scan(start, end):
            yield int.from_bytes(key[5:13], "big"), key[13:]

    def raise_floor(self, table: Table, moment_ms: int | None) -> None:
        """Note, after a commit, that there are no entries before this moment any more; None for none at all."""
        self._floors_ms[table.number] = _NEVER_MS if moment_ms is None else moment_ms

    def discard(self, tx: Tx, table: Table, moment_ms: int, encoded_key: bytes) -> None:
        """Drop one entry."""
        tx.delete(_entry(table, moment_ms, encoded_key))

    def start(self, tx: Tx, table: Table) -> None:
        """Begin to index a table whose TTL was switched on: the items that it has are looked at step by step."""
        tx.put(BACKFILL + number32(table.number), b"")
        tx.on_commit(lambda: self._note(table, 0))

    def drop(self, tx: Tx, table: Table) -> None:
        """Forget all entries of a table."""
        prefix = EXPIRY + number32(table.number)
        tx.delete(BACKFILL + number32(table.number))
        tx.delete_range(prefix, after(prefix))

    def backfill(self, tx: Tx, table: Table) -> bool:
        """Index the next old items of a table; whether any are left after that."""
        place = BACKFILL + number32(table.number)
        cursor = tx.get(place)
        if cursor is None or table.time_to_live is None:
            return False
        start, end = all_items(table)
        for looked_at, (key, value) in enumerate(tx.scan(max(start, cursor), end)):
            if looked_at == BACKFILL_STEP:
                tx.put(place, key)
                return True
            due = due_ms(decode(value), table.time_to_live)
            if due is not None:
                self._put(tx, table, due, key[len(start) :])
        tx.delete(place)
        return False

    def _put(self, tx: Tx, table: Table, moment_ms: int, encoded_key: bytes) -> None:
        tx.put(_entry(table, moment_ms, encoded_key), b"")
        tx.on_commit(lambda: self._note(table, moment_ms))

    def _note(self, table: Table, moment_ms: int) -> None:
        if moment_ms < self._floors_ms.get(table.number, 0):
            self._floors_ms[table.number] = moment_ms
        if moment_ms < self._planned_ms:
            self._planned_ms = moment_ms
            self._on_earlier()


def _entry(table: Table, moment_ms: int, encoded_key: bytes) -> bytes:
    return EXPIRY + number32(table.number) + number64(moment_ms) + encoded_key
