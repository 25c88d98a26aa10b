"""What one write did to one item, as the observers of a table are told."""

from enum import Enum, auto
from typing import NamedTuple

from everwarm.dynamodb.tables.keys import Key
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.values.sizes import item_size
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
        grown_bytes: how much larger it has become, as AWS counts sizes; negative if it is smaller or gone.
        changed: False where the write left everything as it was.
    """

    table: Table
    key: Key
    old: Item | None
    new: Item | None
    old_json: bytes | None
    new_json: bytes | None
    grown_bytes: int
    cause: Cause
    changed: bool

    @property
    def old_bytes(self) -> int:
        """The item's size before; 0 where there was none. Measured when it is asked for, since few ask."""
        if self.old is None:
            return 0
        return -self.grown_bytes if self.new is None else item_size(self.old)

    @property
    def new_bytes(self) -> int:
        """The item's size now; 0 where there is none."""
        return self.old_bytes + self.grown_bytes
