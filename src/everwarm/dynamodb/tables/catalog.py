"""Which tables there are.

The records lie on disk; a copy of them all is kept in memory, since every request looks one up. Changes are made in
transactions that commit alone (`Store.submit(..., alone=True)`), so what a write finds here is what is committed.
"""

import dataclasses
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from everwarm.dynamodb.storage.layout import META, TABLE, after
from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables import collections, counts, indexes
from everwarm.dynamodb.tables.arn import is_stream, table_name, table_of_arn
from everwarm.dynamodb.tables.keys import all_items
from everwarm.dynamodb.tables.schema import Index, KeySchema, Table
from everwarm.errors import ResourceInUseException, TableNotFoundException, not_found

_LAST_NUMBER = META + b"last-number"


class Catalog:
    """The tables of one store."""

    def __init__(self, store: Store) -> None:
        self._tables: dict[str, Table] = {}
        for _, value in store.scan(TABLE, after(TABLE)):
            table = Table.from_record(orjson.loads(value))
            self._tables[table.name] = table

    def __iter__(self) -> Iterator[Table]:
        return iter(list(self._tables.values()))

    def names(self) -> list[str]:
        """The names of all tables, sorted."""
        return sorted(self._tables)

    def find(self, name_or_arn: str) -> Table:
        """The table that a data operation names.

        Raises:
            ResourceNotFoundException: there is none.
            ValidationException: it is an ARN, and no table's.
        """
        table = self._tables.get(name_or_arn) or self._tables.get(table_name(name_or_arn))
        if table is None:
            raise not_found()
        return table

    def describe(self, name_or_arn: str) -> Table:
        """The table that a table operation names; as `find`, with AWS's longer text.

        Raises:
            ResourceNotFoundException: there is none.
            ValidationException: it is an ARN, and no table's.
        """
        name = table_name(name_or_arn)
        table = self._tables.get(name)
        if table is None:
            raise not_found(f"Table: {name} not found")
        return table

    def of_arn(self, arn: str) -> Table:
        """The table that an operation names by its ARN alone.

        Raises:
            ResourceNotFoundException: there is none.
            ValidationException: it is no table's ARN.
        """
        table = None if is_stream(arn) else self._tables.get(table_of_arn(arn))
        if table is None:
            raise not_found(f"ResourceArn: {arn} not found")
        return table

    def backed_up(self, name_or_arn: str) -> Table:
        """The table that an operation on backups names.

        Raises:
            TableNotFoundException: there is none.
            ValidationException: it is an ARN, and no table's.
        """
        name = table_name(name_or_arn)
        table = self._tables.get(name)
        if table is None:
            raise TableNotFoundException(f"Table not found: {name}")
        return table

    def create(
        self,
        tx: Tx,
        name: str,
        region: str,
        created_at: float,
        key_schema: KeySchema,
        *,
        indexes: Sequence[Index] = (),
        **more: Any,
    ) -> Table:
        """Add a table.

        Args:
            indexes: they are given their numbers here.
            more: further fields of `Table`.

        Raises:
            ResourceInUseException: there is one of that name.
        """
        if name in self._tables:
            raise ResourceInUseException(f"Table already exists: {name}")
        table = Table(next_number(tx), name, str(uuid.uuid4()), region, created_at, key_schema, **more)
        table = dataclasses.replace(table, indexes=tuple(numbered(tx, index) for index in indexes))
        self.replace(tx, table)
        return table

    def replace(self, tx: Tx, table: Table, **changes: Any) -> Table:
        """Store a table's record, with some of its fields changed."""
        table = dataclasses.replace(table, **changes)
        tx.put(TABLE + table.name.encode(), orjson.dumps(table.to_record()))
        tx.on_commit(lambda: self._tables.__setitem__(table.name, table))
        return table

    def remove(self, tx: Tx, table: Table) -> None:
        """Forget a table and drop all its items and indexes."""
        tx.delete(TABLE + table.name.encode())
        tx.delete_range(*all_items(table))
        counts.forget(tx, table.number)
        collections.drop(tx, table)
        for index in table.indexes:
            indexes.drop(tx, index)
        tx.on_commit(lambda: self._tables.pop(table.name, None))


def numbered(tx: Tx, index: Index) -> Index:
    """An index that was read from a request, with its number."""
    return dataclasses.replace(index, number=next_number(tx))


def next_number(tx: Tx) -> int:
    """A number that no table, no index and no stream of this store has had."""
    number = int(tx.get(_LAST_NUMBER) or b"0") + 1
    tx.put(_LAST_NUMBER, str(number).encode())
    return number
