"""Items that are older than their entries should be: those that a table had when TTL was switched on, and all, when
deletions are to be late in another way than before.

They are looked at step by step, each step a short part of a sweep. How far it has come is on disk, so it goes on after
a restart. Items written meanwhile have their entries already.
"""

from everwarm.dynamodb.storage.layout import BACKFILL, META, after, number32
from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.catalog import Catalog
from everwarm.dynamodb.tables.keys import all_items
from everwarm.dynamodb.tables.read import decode
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.ttl.index import ExpiryIndex
from everwarm.dynamodb.ttl.options import NO_DELAY, Delay

STEP_ITEMS = 1000
STEP_BYTES = 4 * 1024 * 1024
"""One step ends at either: it is held in memory, and writers wait for it."""

_DELAY = META + b"ttl-delay"


class Backfill:
    """Makes the missing entries of an expiry index."""

    def __init__(self, store: Store, index: ExpiryIndex) -> None:
        self._store = store
        self._index = index
        self._under_way = {int.from_bytes(key[1:5], "big") for key, _ in store.scan(BACKFILL, after(BACKFILL))}

    def needs(self, table: Table) -> bool:
        """Whether there are old items of a table to be looked at."""
        return table.number in self._under_way

    def start(self, tx: Tx, table: Table) -> None:
        """Begin with a table whose TTL was switched on."""
        tx.put(BACKFILL + number32(table.number), b"")
        tx.on_commit(lambda: self._under_way.add(table.number))
        tx.on_commit(self._index.look_again)

    def drop(self, tx: Tx, table: Table) -> None:
        """Forget a table, its entries as well."""
        tx.delete(BACKFILL + number32(table.number))
        tx.on_commit(lambda: self._under_way.discard(table.number))
        self._index.drop(tx, table)

    def step(self, tx: Tx, table: Table) -> bool:
        """Look at the next old items of a table; whether any are left after that."""
        place = BACKFILL + number32(table.number)
        start, end = all_items(table)
        size_bytes = 0
        for looked_at, (key, value) in enumerate(tx.scan(max(start, tx.get(place) or b""), end)):
            if looked_at == STEP_ITEMS or size_bytes > STEP_BYTES:
                tx.put(place, key)
                return True
            size_bytes += len(value)
            self._index.add(tx, table, decode(value), key[len(start) :])
        tx.delete(place)
        tx.on_commit(lambda: self._under_way.discard(table.number))
        return False

    def follow(self, tables: Catalog, delay: Delay) -> None:
        """Begin again with every table if the entries on disk were made for another delay."""
        if (self._store.get(_DELAY) or str(NO_DELAY).encode()) == str(delay).encode():
            return

        def begin(tx: Tx) -> None:
            tx.put(_DELAY, str(delay).encode())
            for table in tables:
                if table.time_to_live is not None:
                    self.drop(tx, table)
                    self.start(tx, table)

        self._store.update(begin, frees=True)
