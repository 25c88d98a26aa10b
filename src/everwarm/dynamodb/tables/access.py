"""The way that a Query or a Scan takes: the items of a table, or the entries of one of its indexes."""

from dataclasses import dataclass

from everwarm.dynamodb.storage.layout import INDEX, ITEM, number32
from everwarm.dynamodb.tables.index_keys import check_index_value, entry_place
from everwarm.dynamodb.tables.keys import Limit, check_key_value, encode
from everwarm.dynamodb.tables.schema import Index, IndexKind, IndexStatus, KeyPart, KeySchema, Table
from everwarm.dynamodb.values.types import AttributeValue, Item
from everwarm.errors import ValidationException


@dataclass(frozen=True, slots=True)
class AccessPath:
    """A table, or one of its indexes, as something to be read in the order of its key.

    Attributes:
        index: None for the table itself.
        prefix: what all of its keys on disk begin with.
    """

    table: Table
    index: Index | None
    prefix: bytes

    @property
    def key_schema(self) -> KeySchema:
        return self.table.key_schema if self.index is None else self.index.key_schema

    @property
    def is_global(self) -> bool:
        return self.index is not None and self.index.kind is IndexKind.GLOBAL

    @property
    def key_names(self) -> tuple[str, ...]:
        """What names a place in it: the table's key, and the index's."""
        if self.index is None:
            return self.table.key_schema.names
        return tuple(dict.fromkeys((*self.table.key_schema.names, *self.index.key_schema.names)))

    def holds(self, name: str) -> bool:
        """Whether a top-level attribute can be read here."""
        if self.index is None or self.index.projection.kind == "ALL":
            return True
        return name in self.key_names or name in self.index.projection.attributes

    def place(self, key: Item) -> bytes:
        """Where the item, or the entry, of that key lies on disk.

        Args:
            key: has all of `key_names`.
        """
        if self.index is None:
            return self.prefix + encode(self.table.key_schema, key)
        return entry_place(self.table, self.index, key, encode(self.table.key_schema, key))

    def check_value(self, part: KeyPart, value: AttributeValue, limit: Limit) -> None:
        """Check a value that is sought, of the type of a key attribute.

        Raises:
            ValidationException: it is empty or too long.
        """
        if self.index is None:
            check_key_value(part, value, limit)
        else:
            check_index_value(self.index, part, value, limit)


def access_path(table: Table, index_name: str | None, consistent: bool = False) -> AccessPath:
    """The way to a table or to the index of that name.

    Raises:
        ValidationException: there is no such index, or it cannot be read yet, or never consistently.
    """
    if index_name is None:
        return AccessPath(table, None, ITEM + number32(table.number))
    index = table.index(index_name)
    if index is None:
        raise ValidationException(f"The table does not have the specified index: {index_name}")
    if index.status is not IndexStatus.ACTIVE:
        raise ValidationException(f"Cannot read from backfilling global secondary index: {index_name}")
    if consistent and index.kind is IndexKind.GLOBAL:
        raise ValidationException("Consistent reads are not supported on global secondary indexes")
    return AccessPath(table, index, INDEX + number32(index.number))
