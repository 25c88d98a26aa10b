"""What items were decoded to, beside the bytes they lie there in: while these are the same, nothing is decoded anew.

For a backend whose bytes are at hand. To find them takes it a microsecond or two, and to take apart the attributes of a
few dozen values thirty times as long. This is no memory layer: the table is asked each time, and each reader gets a
value of his own.

Not here: entries that are served without asking (`memory.py`).
"""

import pickle
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from everwarm.cache.values.codec import Codec

MOST_BYTES = 32 * 1024 * 1024
"""Of all that is kept, as far as it is counted: the bytes of items, and those of their copies."""

_SHARED = frozenset({str, int, float, bool, type(None), bytes, Decimal, date, datetime, time, timedelta, UUID})
"""Types whose values never change: they need no copy."""

MISSING: Any = object()
"""Nothing was decoded of these bytes, or it cannot be copied."""


@dataclass(frozen=True, slots=True, eq=False)
class _Decoded:
    """Of one key.

    Attributes:
        item_json: the item's bytes.
        codec: what its value was decoded with.
        until: when it is no longer fresh, in epoch seconds.
        value: itself, if it never changes.
        pickled: from which each reader has a copy made; None where `value` will do.
    """

    item_json: bytes
    codec: Codec
    until: float
    value: Any
    pickled: bytes | None

    @property
    def size_bytes(self) -> int:
        return len(self.item_json) + (0 if self.pickled is None else len(self.pickled))


class DecodedItems:
    """The items decoded last, by key. Any thread may call; a hit takes no lock."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        # Oldest use first.
        self._held: OrderedDict[str, _Decoded] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, key: str) -> bool:
        return key in self._held

    def fresh(self, key: str, item_json: bytes | None, codec: Codec, now: float) -> Any:
        """The value of an item whose bytes these are, if it is fresh and was decoded before; else `MISSING`.

        Args:
            now: epoch seconds.
        """
        held = self._held.get(key)
        if held is None or held.item_json != item_json or held.codec is not codec or now >= held.until:
            return MISSING
        try:
            self._held.move_to_end(key)
        except KeyError:  # it went for want of room just now
            return MISSING
        return held.value if held.pickled is None else pickle.loads(held.pickled)  # noqa: S301 - our own

    def put(self, key: str, item_json: bytes, codec: Codec, until: float, value: Any) -> None:
        """Keep what an item was decoded to, if a copy of it is sure to be the same."""
        if value.__class__ in _SHARED:
            made = _Decoded(item_json, codec, until, value, None)
        elif _copies(value):
            made = _Decoded(item_json, codec, until, None, pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
        else:
            return
        if made.size_bytes > self._most_bytes:
            return
        with self._lock:
            before = self._held.pop(key, None)
            self._bytes += made.size_bytes - (0 if before is None else before.size_bytes)
            self._held[key] = made
            while self._bytes > self._most_bytes:
                _, oldest = self._held.popitem(last=False)
                self._bytes -= oldest.size_bytes


def _copies(value: Any) -> bool:
    """Whether it is made of Python's own types alone: others may say themselves how they are copied."""
    kind = value.__class__
    if kind in _SHARED:
        return True
    if kind is dict:
        return all(_copies(name) and _copies(member) for name, member in value.items())
    return kind in (list, tuple, set, frozenset) and all(map(_copies, value))
