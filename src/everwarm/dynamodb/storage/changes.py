"""Writes that are not in the database yet, and reads that see them.

A transaction keeps its writes here until its body returns; a commit group gathers those of its transactions.
"""

from collections.abc import Callable, Iterable, Iterator
from operator import add

Pair = tuple[bytes, bytes]

MISSING = object()
"""Says of a key: nothing is known here, look below."""


class Changes:
    """Puts and deletes by key, over ranges that were deleted before them, and what is added to counters.

    A counter is a key whose value is a few numbers. Additions become writes once for a whole commit group (`settle`):
    every write of a table adds to the same ones.
    """

    __slots__ = ("additions", "cleared", "writes")

    def __init__(self) -> None:
        self.writes: dict[bytes, bytes | None] = {}
        self.cleared: list[tuple[bytes, bytes]] = []
        self.additions: dict[bytes, tuple[int, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self.writes or self.cleared or self.additions)

    def add(self, key: bytes, amounts: tuple[int, ...]) -> None:
        """Add to the numbers of a counter."""
        before = self.additions.get(key)
        self.additions[key] = amounts if before is None else tuple(map(add, before, amounts))

    def settle(self, below: Callable[[bytes], bytes | None]) -> None:
        """Make the additions writes. A counter that is not there begins at zero.

        Args:
            below: gives the value that a key has under these changes.
        """
        for key, amounts in self.additions.items():
            found = self.lookup(key)
            value = below(key) if found is MISSING else found
            assert value is None or isinstance(value, bytes)
            self.writes[key] = pack(amounts if value is None else tuple(map(add, unpack(value), amounts)))
        self.additions.clear()

    def clear(self, start: bytes, end: bytes) -> None:
        """Delete every key of `start <= key < end`, here and below."""
        for key in [key for key in self.writes if start <= key < end]:
            del self.writes[key]
        self.cleared.append((start, end))

    def lookup(self, key: bytes) -> bytes | object | None:
        """The value, None for a deleted key, or `MISSING`."""
        found: bytes | object | None = self.writes.get(key, MISSING)
        if found is MISSING and self.cleared and self.is_cleared(key):
            return None
        return found

    def is_cleared(self, key: bytes) -> bool:
        return any(start <= key < end for start, end in self.cleared)

    def absorb(self, later: "Changes") -> None:
        """Put the changes of a later transaction on top of these."""
        for start, end in later.cleared:
            self.clear(start, end)
        self.writes.update(later.writes)
        for key, amounts in later.additions.items():
            self.add(key, amounts)

    def over(self, below: Iterable[Pair], start: bytes, end: bytes, reverse: bool) -> Iterator[Pair]:
        """The pairs of `start <= key < end`: those of `below`, in the same order, with these changes applied."""
        mine = sorted([pair for pair in self.writes.items() if start <= pair[0] < end], reverse=reverse)
        return self._merged(iter(below), mine, reverse) if mine or self.cleared else iter(below)

    def _merged(self, below: Iterator[Pair], mine: list[tuple[bytes, bytes | None]], reverse: bool) -> Iterator[Pair]:
        at = 0
        for key, value in below:
            while at < len(mine) and (mine[at][0] > key if reverse else mine[at][0] < key):
                yield from _present(mine[at])
                at += 1
            if at < len(mine) and mine[at][0] == key:
                yield from _present(mine[at])
                at += 1
            elif not self.is_cleared(key):
                yield key, value
        for pair in mine[at:]:
            yield from _present(pair)


def pack(numbers: tuple[int, ...]) -> bytes:
    """A counter's value: 8 bytes for each of its numbers."""
    return b"".join([number.to_bytes(8, "big", signed=True) for number in numbers])


def unpack(value: bytes) -> tuple[int, ...]:
    """The numbers of a counter's value."""
    return tuple([int.from_bytes(value[at : at + 8], "big", signed=True) for at in range(0, len(value), 8)])


def _present(pair: tuple[bytes, bytes | None]) -> Iterator[Pair]:
    key, value = pair
    if value is not None:
        yield key, value
