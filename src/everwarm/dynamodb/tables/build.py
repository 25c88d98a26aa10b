"""Builds indexes over items that are older than they are, while the table is in use.

A new index is in its table's record from the first moment, so every write keeps it (indexes.py). What is left is to
walk over the old items, step by step, each step a short transaction. How far it has come is on disk, so a build goes on
after a restart. An item that lacks a key attribute, or has one that no key can be, is left out.
"""

import asyncio
import dataclasses
import math

from everwarm.clock import Clock
from everwarm.dynamodb.storage.background import Background
from everwarm.dynamodb.storage.layout import BUILDING, number32
from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables import indexes
from everwarm.dynamodb.tables.catalog import Catalog, numbered
from everwarm.dynamodb.tables.index_definitions import UNNUMBERED
from everwarm.dynamodb.tables.index_keys import entry_place, fits
from everwarm.dynamodb.tables.keys import all_items
from everwarm.dynamodb.tables.read import decode
from everwarm.dynamodb.tables.schema import Index, IndexStatus, Table

STEP_ITEMS = 1000
STEP_BYTES = 4 * 1024 * 1024
"""One step ends at either: it is held in memory, and writers wait for it."""


class IndexBuilder:
    """Builds the indexes of one store, one after the other; whoever opened the engine runs it."""

    def __init__(self, store: Store, clock: Clock, tables: Catalog) -> None:
        self._store = store
        self._tables = tables
        self._background = Background(clock, "building an index")

    def replace(self, tx: Tx, before: Table, after: Table) -> Table:
        """Store a changed table: begin its new indexes, and drop the entries of those that are gone.

        Args:
            after: its new indexes have no number.

        Returns:
            The table as it is stored.
        """
        kept = []
        for index in after.indexes:
            if index.number == UNNUMBERED:
                index = numbered(tx, index)
                tx.put(BUILDING + number32(index.number), b"")
                tx.on_commit(self._background.wake)
            kept.append(index)
        numbers = {index.number for index in kept}
        for index in before.indexes:
            if index.number not in numbers:
                indexes.drop(tx, index)
        return self._tables.replace(tx, after, indexes=tuple(kept))

    def build(self) -> None:
        """Build all there is to build."""
        while self._store.update(self.step, alone=True):
            pass

    async def run(self, stop: asyncio.Event) -> None:
        """Build whatever is to be built, until `stop` is set."""

        async def step() -> float:
            more = await self._store.submit_from_loop(self.step, alone=True)
            return 0.0 if more else math.inf

        await self._background.run(step, stop)

    def step(self, tx: Tx) -> bool:
        """Take the next old items into an index, in a transaction that commits alone; whether there may be more."""
        for table in self._tables:
            for index in table.indexes:
                if index.status is IndexStatus.CREATING:
                    if not self._step(tx, table, index):
                        self._finish(tx, table, index)
                    return True
        return False

    def _step(self, tx: Tx, table: Table, index: Index) -> bool:
        place = BUILDING + number32(index.number)
        start, end = all_items(table)
        begin = max(start, tx.get(place) or b"")
        size_bytes = 0
        for looked_at, (key, value) in enumerate(tx.scan(begin, end)):
            if looked_at == STEP_ITEMS or size_bytes > STEP_BYTES:
                tx.put(place, key)
                return True
            size_bytes += len(value)
            self._take(tx, table, index, key[len(start) :], value)
        return False

    def _take(self, tx: Tx, table: Table, index: Index, encoded_key: bytes, item_json: bytes) -> None:
        item = decode(item_json)
        entry = indexes.entry(table, index, item)
        if entry is None or not fits(index, item):
            return
        # An item that was written since the index began is in it already.
        if tx.get(entry_place(table, index, entry, encoded_key)) is None:
            indexes.put(tx, table, index, entry, encoded_key, item_json if entry is item else None)

    def _finish(self, tx: Tx, table: Table, index: Index) -> None:
        tx.delete(BUILDING + number32(index.number))
        done = dataclasses.replace(index, status=IndexStatus.ACTIVE)
        self._tables.replace(tx, table, indexes=tuple(done if one is index else one for one in table.indexes))
