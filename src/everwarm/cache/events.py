"""What happens in a cache, and who is told: the counters, the log, OpenTelemetry, and a hook of the user's.

Not here: the counters themselves (`stats.py`), and where log lines go (`log.py`). Reads are counted and told to the
hook, but not logged: there are too many of them.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from everwarm.cache.log import say
from everwarm.cache.stats import Stats
from everwarm.clock import Clock

if TYPE_CHECKING:
    from everwarm.cache.otel import Telemetry


class EventKind(StrEnum):
    """What has happened. Each call of a loader ends in exactly one of the five in the second group."""

    HIT = "hit"
    STALE_HIT = "stale_hit"
    NEGATIVE_HIT = "negative_hit"
    MISS = "miss"

    LOADED = "loaded"
    REFRESHED = "refreshed"
    NOT_FOUND = "not_found"
    LOAD_FAILED = "load_failed"
    DISCARDED = "discarded"

    SKIPPED = "skipped"
    LET_GO = "let_go"
    STORED = "stored"
    INVALIDATED = "invalidated"
    DROPPED = "dropped"


LOADS = frozenset(
    {EventKind.LOADED, EventKind.REFRESHED, EventKind.NOT_FOUND, EventKind.LOAD_FAILED, EventKind.DISCARDED}
)

_LEVELS = {
    EventKind.LOAD_FAILED: logging.WARNING,
    EventKind.LET_GO: logging.INFO,
    EventKind.INVALIDATED: logging.INFO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that has happened. What does not belong to its kind is None.

    Attributes:
        kind: what it was.
        cache: the cache's name.
        key: of the entry; None if it was about more than one.
        at: when it happened, in epoch seconds.
        from_memory: the memory layer answered, without a call (reads).
        generation: of the value that it is about.
        duration_s: how long the loader took.
        lateness_s: how long after its time the load began, if a timer began it.
        error: what the loader raised (`load_failed`).
        failures: tries that have failed, one after the other (`load_failed`).
        retry_at: when a timer tries again; None if none does (`load_failed`).
        entries: how many there were (`invalidated`, `dropped`).
        reason: why, in a few words (`discarded`, `skipped`).
    """

    kind: EventKind
    cache: str
    key: str | None
    at: float
    from_memory: bool = False
    generation: int | None = None
    duration_s: float | None = None
    lateness_s: float | None = None
    error: BaseException | None = None
    failures: int | None = None
    retry_at: float | None = None
    entries: int | None = None
    reason: str | None = None


OnEvent = Callable[[Event], object]
"""A hook. It is called on the thread on which things happen, so it has to be quick. What it raises is logged once."""


class Events:
    """Tells of one cache. Any thread may call.

    Attributes:
        stats: the counters.
    """

    __slots__ = ("_cache", "_clock", "_hook", "_hook_failed", "_lock", "_telemetry", "stats")

    def __init__(
        self,
        cache: str,
        clock: Clock,
        stats: Stats,
        on_event: OnEvent | None = None,
        telemetry: "Telemetry | None" = None,
    ) -> None:
        """
        Args:
            cache: its name.
            telemetry: where OpenTelemetry is installed (`find_telemetry`).
        """
        self.stats = stats
        self._cache = cache
        self._clock = clock
        self._hook = on_event
        self._hook_failed = False
        self._lock = threading.Lock()
        self._telemetry = telemetry
        if telemetry is not None:
            telemetry.watch(cache, stats)

    # Reads: a count, and nothing else where there is no hook.

    def hit(self, key: str, *, fresh: bool = True, from_memory: bool = False) -> None:
        """A value was given at once."""
        stats = self.stats
        if fresh:
            (stats.memory_hits if from_memory else stats.hits).add()
        else:
            (stats.memory_stale_hits if from_memory else stats.stale_hits).add()
        if self._hook is not None:
            self._tell(EventKind.HIT if fresh else EventKind.STALE_HIT, key, from_memory=from_memory)

    def negative_hit(self, key: str, *, from_memory: bool = False) -> None:
        """It was known that there is no such thing."""
        (self.stats.memory_negative_hits if from_memory else self.stats.negative_hits).add()
        if self._hook is not None:
            self._tell(EventKind.NEGATIVE_HIT, key, from_memory=from_memory)

    def miss(self, key: str) -> None:
        """There was nothing to give at once."""
        self.stats.misses.add()
        if self._hook is not None:
            self._tell(EventKind.MISS, key)

    # The rest.

    def span(self, key: str) -> AbstractContextManager[object]:
        """What a loader's call is to run in: a span of OpenTelemetry, where that is installed."""
        if self._telemetry is None:
            return contextlib.nullcontext()
        return self._telemetry.span(self._cache, key)

    def emit(
        self,
        kind: EventKind,
        key: str | None,
        *,
        generation: int | None = None,
        duration_s: float | None = None,
        lateness_s: float | None = None,
        error: BaseException | None = None,
        failures: int | None = None,
        retry_at: float | None = None,
        entries: int | None = None,
        reason: str | None = None,
    ) -> None:
        """Count, log and tell anything but a read. The members are those of an `Event`."""
        self._count(kind, duration_s or 0.0, lateness_s, 1 if entries is None else entries)
        if kind is not EventKind.DROPPED:
            say(
                _LEVELS.get(kind, logging.DEBUG),
                kind.value,
                cache=self._cache,
                key=key,
                generation=generation,
                duration_s=None if duration_s is None else round(duration_s, 6),
                lateness_s=None if lateness_s is None else round(lateness_s, 3),
                error=None if error is None else f"{type(error).__name__}: {error}",
                failures=failures,
                retry_in_s=None if retry_at is None else round(retry_at - self._clock.now(), 3),
                entries=entries,
                reason=reason,
            )
        if self._hook is not None:
            self._tell(
                kind,
                key,
                generation=generation,
                duration_s=duration_s,
                lateness_s=lateness_s,
                error=error,
                failures=failures,
                retry_at=retry_at,
                entries=entries,
                reason=reason,
            )

    def invalidated(self, keys: Sequence[str], entries: int) -> None:
        """Keys were invalidated.

        Args:
            entries: how many of them were there.
        """
        self.emit(EventKind.INVALIDATED, keys[0] if len(keys) == 1 else None, entries=entries)

    def dropped(self, key: str | None, entries: int = 1) -> None:
        """Entries went from the memory layer, for they have changed.

        Args:
            key: None if all went.
        """
        self.emit(EventKind.DROPPED, key, entries=entries)

    def _count(self, kind: EventKind, duration_s: float, lateness_s: float | None, entries: int) -> None:
        stats = self.stats
        if kind in LOADS:
            stats.load(duration_s, failed=kind is EventKind.LOAD_FAILED)
            if lateness_s is not None:
                stats.late(lateness_s)
            if self._telemetry is not None:
                self._telemetry.load(self._cache, duration_s, lateness_s)
        if kind is EventKind.REFRESHED:
            stats.refresh()
        elif kind is EventKind.DISCARDED:
            stats.discard()
        elif kind is EventKind.SKIPPED:
            stats.skip()
        elif kind is EventKind.LET_GO:
            stats.leave()
        elif kind is EventKind.INVALIDATED:
            stats.invalidate(entries)

    def _tell(self, kind: EventKind, key: str | None, **members: Any) -> None:
        hook = self._hook
        if hook is None:
            return
        try:
            hook(Event(kind=kind, cache=self._cache, key=key, at=self._clock.now(), **members))
        except Exception:
            with self._lock:
                first, self._hook_failed = not self._hook_failed, True
            if first:
                say(
                    logging.ERROR,
                    "on_event failed; it is called again, and this is said once",
                    exc_info=True,
                    cache=self._cache,
                )


def find_telemetry() -> "Telemetry | None":
    """OpenTelemetry's part, if it is installed; nothing of it is imported otherwise."""
    try:
        from everwarm.cache.otel import Telemetry
    except ImportError:
        return None
    return Telemetry.shared()
