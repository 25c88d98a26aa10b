"""A transaction: writes that are gathered, and reads that see them. Also `Reader`, what there is to read from.

Not here: when a transaction runs and when it is committed (`store.py`).
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from everwarm.dynamodb.storage.changes import MISSING, Changes, Pair


class Reader(Protocol):
    """What can be read from: the store, a snapshot of it, a transaction."""

    def get(self, key: bytes) -> bytes | None:
        """The value of one key."""
        ...

    def scan(self, start: bytes, end: bytes, *, reverse: bool = False) -> Iterator[Pair]:
        """The pairs of `start <= key < end`, in order of their keys; backwards if `reverse`."""
        ...


class Tx:
    """A transaction: reads see its own writes and those of the group before it; nothing is visible outside yet."""

    __slots__ = ("_group", "_store", "after_commit", "changes")

    def __init__(self, store: Reader, group: Changes) -> None:
        self._store = store
        self._group = group
        self.changes = Changes()
        self.after_commit: list[Callable[[], object]] = []

    def get(self, key: bytes) -> bytes | None:
        found = self.changes.lookup(key)
        if found is MISSING:
            found = self._group.lookup(key)
        if found is MISSING:
            return self._store.get(key)
        assert found is None or isinstance(found, bytes)
        return found

    def scan(self, start: bytes, end: bytes, *, reverse: bool = False) -> Iterator[Pair]:
        committed = self._store.scan(start, end, reverse=reverse)
        grouped = self._group.over(committed, start, end, reverse)
        return self.changes.over(grouped, start, end, reverse)

    def put(self, key: bytes, value: bytes) -> None:
        self.changes.writes[key] = value

    def delete(self, key: bytes) -> None:
        self.changes.writes[key] = None

    def delete_range(self, start: bytes, end: bytes) -> None:
        """Delete every key of `start <= key < end`, at the cost of one write."""
        self.changes.clear(start, end)

    def part(self) -> "Tx":
        """A part that can fail by itself: it is forgotten unless it is given to `take` when it is done."""
        if self.changes:
            return Tx(self, Changes())
        return Tx(self._store, self._group)  # what is below is the same, by a shorter way

    def take(self, part: "Tx") -> None:
        """Take over the writes and the callbacks of a part; nothing may have been written here since it began."""
        self.changes.absorb(part.changes)
        self.after_commit += part.after_commit

    def add(self, key: bytes, *amounts: int) -> None:
        """Add to the numbers of a counter (see `changes.py`). It is not read here; who reads it sees it committed."""
        self.changes.add(key, amounts)

    def on_commit(self, callback: Callable[[], object]) -> None:
        """Have something called once the bytes are safe, on the writer's thread: short, and it must not raise."""
        self.after_commit.append(callback)
