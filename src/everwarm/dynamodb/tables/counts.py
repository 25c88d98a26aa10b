"""How many items a table or an index has, and how many bytes: kept in each write's own transaction, so always right.

AWS works these figures out every six hours or so.
"""

from dataclasses import dataclass

from everwarm.dynamodb.storage.changes import unpack
from everwarm.dynamodb.storage.layout import COUNTS, number32
from everwarm.dynamodb.storage.transaction import Reader, Tx


@dataclass(frozen=True, slots=True)
class Counts:
    """The items and the bytes of a table or an index."""

    items: int = 0
    size_bytes: int = 0

    @classmethod
    def read(cls, reader: Reader, number: int) -> "Counts":
        """The counts of a table or an index by its number."""
        found = reader.get(COUNTS + number32(number))
        return cls() if found is None else cls(*unpack(found))


def count(tx: Tx, number: int, items: int, size_bytes: int) -> None:
    """Add to the counts of a table or an index; the additions may be negative."""
    if items or size_bytes:
        tx.add(COUNTS + number32(number), items, size_bytes)


def forget(tx: Tx, number: int) -> None:
    """Drop the counts of a table or an index that is dropped."""
    tx.delete(COUNTS + number32(number))
