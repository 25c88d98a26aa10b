"""What one write did to one item, as the observers of a table are told."""

from enum import Enum, auto
from typing import NamedTuple

from everwarm.dynamodb.tables.keys import Key
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.values.types import Item


class Cause(Enum):
    """Who wrote."""

    USER = auto()
    TIME_TO_LIVE = auto()


class ItemChange(NamedTuple):  # made for every write, and several times as quickly as a frozen dataclass
    """One item before and after a write.

    Attributes:
        old, new: the item; None where there was, or is, none.
        old_json, new_json: the same as bytes, as they lie on disk.
        old_bytes, new_bytes: their sizes as AWS counts them; 0 where there was, or is, none.
        changed: False where the write left everything as it was.
    """

    table: Table
    key: Key
    old: Item | None
    new: Item | None
    old_json: bytes | None
    new_json: bytes | None
    old_bytes: int
    new_bytes: int
    cause: Cause
    changed: bool
