"""The memory layer: decoded entries of this process, so that a read makes no call at all.

Here is what is kept, for how long, and what must not be put in; what changes in the table is told by `follow.py`, and
whether an entry is fresh is for the reader to see, by its times.
"""

import math
import threading
from collections import OrderedDict
from typing import Generic, Protocol, TypeVar

from everwarm.cache.stats import MemoryFigures
from everwarm.errors import SettingError

# Drops are counted by the hash of their key in so many places. Two keys in one place cost a put that is refused for
# nothing, and the next reader puts again.
PLACES = 1024


class Kept(Protocol):
    """What an entry has to say of itself."""

    @property
    def generation(self) -> int: ...

    @property
    def expires_at(self) -> float | None: ...


E = TypeVar("E", bound=Kept)


class Memory(Generic[E]):
    """The entries used last, by key. Any thread may call, and a hit takes no lock.

    A reader asks for a token before it reads the table, and puts with that token what it has found:

        entry = memory.get(key, now)
        if entry is None:
            token = memory.token(key)
            entry = ...  # from the table
            memory.put(key, entry, token, now)

    So what was read before a change, and comes to be put after it, is refused. What is put is shared by all readers.
    Who writes to the table drops the key after it, whether or not changes are told.

    Attributes:
        evictions: entries that went for want of room.
        drops: entries that went because they had changed, or may have.
    """

    def __init__(self, size: int, lives_s: float) -> None:
        """
        Args:
            size: entries at the most.
            lives_s: for how long an entry is believed while nobody tells of changes.

        Raises:
            SettingError: there is no room for a single one, or no time.
        """
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise SettingError(f"memory is a number of entries, 1 or more, not {size!r}")
        if not lives_s > 0:
            raise SettingError(f"memory_for is a length of time above zero, such as '1s', not {lives_s!r}")
        self._size = size
        self._lives_s = lives_s
        self._followed = False
        # Oldest use first. Its methods are single steps under the interpreter's lock as long as keys are plain text.
        self._held: OrderedDict[str, tuple[E, float, float]] = OrderedDict()
        self._drops = [0] * PLACES
        self._all_drops = 0
        self._lock = threading.Lock()
        self.evictions = 0
        self.drops = 0

    def __len__(self) -> int:
        return len(self._held)

    def figures(self) -> MemoryFigures:
        """What it comes to, for the counters of its cache."""
        return MemoryFigures(len(self._held), self.evictions, self.drops)

    @property
    def followed(self) -> bool:
        """Somebody tells of every change, so that entries are believed until their hard limit."""
        return self._followed

    def get(self, key: str, now: float) -> E | None:
        """The entry, if it is here and may still be believed; fresh or stale.

        Args:
            now: epoch seconds.
        """
        held = self._held.get(key)
        if held is None:
            return None
        entry, since, until = held
        # A clock that was set back would make it live longer; so what is of the future is not believed.
        if not since <= now < until:
            return None
        try:
            self._held.move_to_end(key)
        except KeyError:
            # Dropped just now: it is the value of a moment ago, as for any reader who was a little quicker.
            return entry
        return entry

    def token(self, key: str) -> int:
        """What to show to `put`; to be asked for before the table is read."""
        # Both only ever rise, so that equal sums are equal numbers.
        return self._drops[hash(key) % PLACES] + self._all_drops

    def put(self, key: str, entry: E, token: int, now: float) -> bool:
        """Keep an entry, unless its key was dropped since `token`, or a newer generation is here.

        Args:
            entry: as it was read. Nobody may change what is in it from now on.
            now: epoch seconds, when the table was read, not later.

        Returns:
            Whether it is kept.
        """
        expires_at = math.inf if entry.expires_at is None else entry.expires_at
        with self._lock:
            if self.token(key) != token:
                return False
            held = self._held.get(key)
            if held is not None and held[0].generation > entry.generation:
                return False
            until = expires_at if self._followed else min(expires_at, now + self._lives_s)
            self._held[key] = (entry, now, until)
            self._held.move_to_end(key)
            if len(self._held) > self._size:
                self._held.popitem(last=False)
                self.evictions += 1
        return True

    def drop(self, key: str) -> int:
        """Forget an entry: it has changed.

        Returns:
            How many were here: one or none.
        """
        with self._lock:
            self._drops[hash(key) % PLACES] += 1
            dropped = int(self._held.pop(key, None) is not None)
            self.drops += dropped
        return dropped

    def drop_all(self, *, followed: bool | None = None) -> int:
        """Forget all: any may have changed.

        Args:
            followed: from now on, changes are told, or are not; None leaves it as it is.

        Returns:
            How many were here.
        """
        with self._lock:
            self._all_drops += 1
            dropped = len(self._held)
            self.drops += dropped
            self._held.clear()
            if followed is not None:
                self._followed = followed
        return dropped
