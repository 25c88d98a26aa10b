"""What a cache has done, as plain numbers: counted by whoever does it (`events.py`), read as a `Snapshot`.

Every count is exact, whatever threads count at the same time, but for the bytes that were read (`Sizes`). What a read
counts is an `itertools.count`: one step under the interpreter's lock, and a few tens of nanoseconds. The rest, which
comes with a call of the table or of a loader, is counted under a lock. A snapshot is not of one moment: a count may be
a moment older than the next one.
"""

import itertools
import math
import threading
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from everwarm.dynamodb.values.sizes import item_size
from everwarm.dynamodb.values.types import Item

LATENESS_BOUNDS_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400, 172800)
"""Upper bounds of the buckets; the last bucket has none. AWS promises a deletion within 48 hours or so."""

DURATION_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)
"""The same of how long loads take."""

SAMPLE = 32
"""One in so many items that are read is measured."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a length of time has come out.

    Attributes:
        count: of how many.
        sum_s, max_s: all together, and the longest.
        bounds_s: upper bounds of the buckets; there is one bucket more, without a bound.
        buckets: how many were at most as long as the bound of the same place, and longer than the one before.
    """

    count: int
    sum_s: float
    max_s: float
    bounds_s: tuple[float, ...]
    buckets: tuple[int, ...]

    @property
    def mean_s(self) -> float:
        """The mean; 0 of none."""
        return self.sum_s / self.count if self.count else 0.0

    def at_most(self, share: float) -> float:
        """A bound that so large a share has kept, 0.99 say; infinite if that is more than the last bound."""
        left = share * self.count
        for bound, count in zip(self.bounds_s, self.buckets, strict=False):
            left -= count
            if left <= 0:
                return bound
        return math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a cache of this process has done since it was made. Other processes count for themselves.

    Attributes:
        hits: reads that were given a fresh value.
        stale_hits: reads that were given a stale one, while a refresh was on its way or put off.
        negative_hits: reads that were told at once that there is no such thing.
        misses: reads that found nothing to give, and waited for a load or went without.
        memory_hits: those of the hits that the memory layer answered, without a call.
        memory_entries: entries in the memory layer now.
        evictions: entries of the memory layer that went for want of room.
        drops: entries of the memory layer that went because they had changed.
        loads: calls of a loader that have ended, however they did.
        load_errors: those that failed.
        refreshes: loads that put a newer value in an older one's place.
        skipped: timers that had nothing to refresh: delivered twice, or late.
        discarded: results that were not stored: the entry was invalidated, or somebody was quicker.
        let_go: entries that nobody had read for so long that they are refreshed no more.
        invalidated: entries that were invalidated.
        bytes_read: sizes of items that were read; an estimate, of which one item in 32 is measured.
        bytes_written: sizes of items that were written.
        load_time: how long loads took.
        lateness: how long after their time refreshes began.
    """

    hits: int
    stale_hits: int
    negative_hits: int
    misses: int
    memory_hits: int
    memory_entries: int
    evictions: int
    drops: int
    loads: int
    load_errors: int
    refreshes: int
    skipped: int
    discarded: int
    let_go: int
    invalidated: int
    bytes_read: int
    bytes_written: int
    load_time: Distribution
    lateness: Distribution

    @property
    def reads(self) -> int:
        """All of them."""
        return self.hits + self.stale_hits + self.negative_hits + self.misses

    @property
    def hit_ratio(self) -> float:
        """The share of reads that were answered at once, 0 to 1; 0 before the first one."""
        return 1 - self.misses / self.reads if self.reads else 0.0


class Counter:
    """Counts by ones, exactly, from any thread.

    Attributes:
        add: one more. It is the C function itself, so that nothing of ours runs.
    """

    __slots__ = ("_lock", "_looks", "add")

    def __init__(self) -> None:
        self.add: Callable[[], int] = itertools.count().__next__
        self._looks = 0
        self._lock = threading.Lock()

    @property
    def value(self) -> int:
        """How many there are. There is no way to look but to count one; so looks are taken off again."""
        with self._lock:
            counted = self.add() - self._looks
            self._looks += 1
        return counted


class Sizes:
    """Adds up the sizes of many items; the sum never falls.

    To measure an item takes half as long as to decode it. So one in 32 is measured, and stands for those that come
    before the next.
    """

    __slots__ = ("_lock", "_next", "_number", "_since", "_size_bytes", "_sum_bytes", "_told_bytes")

    def __init__(self) -> None:
        self._number = itertools.count().__next__
        self._lock = threading.Lock()
        self._next = self._since = self._size_bytes = self._sum_bytes = self._told_bytes = 0

    def add(self, item: Item | bytes) -> None:
        """One more, from any thread; an item, or the JSON that it lies there in."""
        number = self._number()
        if number >= self._next:
            with self._lock:
                if number >= self._next:
                    self._sum_bytes += self._size_bytes * (number - self._since)
                    self._size_bytes = item_size(orjson.loads(item) if isinstance(item, bytes) else item)
                    self._since, self._next = number, number + SAMPLE

    @property
    def sum_bytes(self) -> int:
        """All together. As with a `Counter`, a look is a number, too, which is taken off again."""
        with self._lock:
            number = self._number()
            self._since += 1
            self._next += 1
            sum_bytes = self._sum_bytes + self._size_bytes * (number + 1 - self._since)
            # One that is just being measured may have been told as large as those before it.
            self._told_bytes = max(self._told_bytes, sum_bytes)
            return self._told_bytes


class Times:
    """Counts lengths of time. Under the lock of its owner."""

    __slots__ = ("_bounds_s", "_buckets", "_max_s", "_sum_s")

    def __init__(self, bounds_s: tuple[float, ...]) -> None:
        self._bounds_s = bounds_s
        self._buckets = [0] * (len(bounds_s) + 1)
        self._sum_s = 0.0
        self._max_s = 0.0

    def add(self, seconds: float) -> None:
        """One more. A clock that was set back makes none below zero."""
        seconds = max(0.0, seconds)
        self._buckets[bisect_left(self._bounds_s, seconds)] += 1
        self._sum_s += seconds
        self._max_s = max(self._max_s, seconds)

    def distribution(self) -> Distribution:
        """As it is now."""
        buckets = tuple(self._buckets)
        return Distribution(sum(buckets), self._sum_s, self._max_s, self._bounds_s, buckets)


@dataclass(frozen=True, slots=True)
class MemoryFigures:
    """What the memory layer tells of itself."""

    entries: int = 0
    evictions: int = 0
    drops: int = 0


@dataclass(slots=True, eq=False, weakref_slot=True)
class Stats:
    """Counters of one cache. Hits are counted apart by where they were answered.

    Attributes:
        read: told of items that are read.
        memory: asks the memory layer, where there is one.
    """

    hits: Counter = field(default_factory=Counter)
    stale_hits: Counter = field(default_factory=Counter)
    negative_hits: Counter = field(default_factory=Counter)
    misses: Counter = field(default_factory=Counter)
    memory_hits: Counter = field(default_factory=Counter)
    read: Sizes = field(default_factory=Sizes)
    memory: Callable[[], MemoryFigures] = MemoryFigures
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _loads: Times = field(default_factory=lambda: Times(DURATION_BOUNDS_S))
    _lateness: Times = field(default_factory=lambda: Times(LATENESS_BOUNDS_S))
    _load_errors: int = 0
    _refreshes: int = 0
    _skipped: int = 0
    _discarded: int = 0
    _let_go: int = 0
    _invalidated: int = 0
    _bytes_written: int = 0

    def load(self, duration_s: float, *, failed: bool = False) -> None:
        """A call of a loader has ended."""
        with self._lock:
            self._loads.add(duration_s)
            self._load_errors += failed

    def refresh(self) -> None:
        """A newer value has come in an older one's place."""
        with self._lock:
            self._refreshes += 1

    def late(self, lateness_s: float) -> None:
        """A refresh has begun so long after its time."""
        with self._lock:
            self._lateness.add(lateness_s)

    def skip(self) -> None:
        """A timer had nothing to refresh."""
        with self._lock:
            self._skipped += 1

    def discard(self) -> None:
        """A result was not stored."""
        with self._lock:
            self._discarded += 1

    def leave(self) -> None:
        """An entry was let go."""
        with self._lock:
            self._let_go += 1

    def invalidate(self, entries: int) -> None:
        """So many were invalidated."""
        with self._lock:
            self._invalidated += entries

    def wrote(self, size_bytes: int) -> None:
        """An item, or several, were written."""
        with self._lock:
            self._bytes_written += size_bytes

    def snapshot(self) -> Snapshot:
        """The numbers as they are now."""
        memory = self.memory()
        memory_hits = self.memory_hits.value
        with self._lock:
            load_time = self._loads.distribution()
            return Snapshot(
                hits=self.hits.value + memory_hits,
                stale_hits=self.stale_hits.value,
                negative_hits=self.negative_hits.value,
                misses=self.misses.value,
                memory_hits=memory_hits,
                memory_entries=memory.entries,
                evictions=memory.evictions,
                drops=memory.drops,
                loads=load_time.count,
                load_errors=self._load_errors,
                refreshes=self._refreshes,
                skipped=self._skipped,
                discarded=self._discarded,
                let_go=self._let_go,
                invalidated=self._invalidated,
                bytes_read=self.read.sum_bytes,
                bytes_written=self._bytes_written,
                load_time=load_time,
                lateness=self._lateness.distribution(),
            )
