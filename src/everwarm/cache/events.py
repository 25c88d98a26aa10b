"""What happens in a cache, and who is told: the counters, the log, OpenTelemetry, and a hook of the user's.

Not here: the counters themselves (`stats.py`), and where log lines go (`everwarm/log.py`). Reads are counted and told
to the hook, but not logged: there are too many of them.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from everwarm.cache.stats import Stats
from everwarm.clock import Clock
from everwarm.log import get_logger

if TYPE_CHECKING:
    from everwarm.cache.otel import Telemetry

_log = get_logger("everwarm.cache")


class EventKind(StrEnum):
    """What has happened."""

    HIT = "hit"
    STALE_HIT = "stale_hit"
    NEGATIVE_HIT = "negative_hit"
    MISS = "miss"
    LOADED = "loaded"
    REFRESHED = "refreshed"
    LOAD_FAILED = "load_failed"
    DISCARDED = "discarded"
    SKIPPED = "skipped"
    LET_GO = "let_go"
    STORED = "stored"
    INVALIDATED = "invalidated"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that has happened. What does not belong to its kind is None.

    Attributes:
        kind: what it was.
        cache: the cache's name.
        key: of the entry; None if it was about more than one.
        at: when it happened, in epoch seconds.
        memory: the memory layer answered (`hit`).
        generation: of the value that was stored.
        duration_s: how long the loader took (`loaded`, `refreshed`, `load_failed`, `discarded`).
        lateness_s: how long after its time the refresh began, if a timer began it.
        absent: the loader said that there is no such thing (`loaded`, `refreshed`).
        error: what the loader raised (`load_failed`).
        failures: tries that have failed, one after the other (`load_failed`).
        retry_at: when the next one is due; None if there is none (`load_failed`).
        entries: how many there were (`invalidated`, `dropped`).
        reason: why, in a few words (`discarded`, `skipped`).
    """

    kind: EventKind
    cache: str
    key: str | None
    at: float
    memory: bool = False
    generation: int | None = None
    duration_s: float | None = None
    lateness_s: float | None = None
    absent: bool = False
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

    def hit(self, key: str) -> None:
        """A fresh value from the table."""
        self.stats.hits.add()
        if self._hook is not None:
            self._tell(EventKind.HIT, key)

    def memory_hit(self, key: str) -> None:
        """A fresh value from the memory layer."""
        self.stats.memory_hits.add()
        if self._hook is not None:
            self._tell(EventKind.HIT, key, memory=True)

    def stale_hit(self, key: str) -> None:
        """A stale value."""
        self.stats.stale_hits.add()
        if self._hook is not None:
            self._tell(EventKind.STALE_HIT, key)

    def negative_hit(self, key: str) -> None:
        """It was known that there is no such thing."""
        self.stats.negative_hits.add()
        if self._hook is not None:
            self._tell(EventKind.NEGATIVE_HIT, key)

    def miss(self, key: str) -> None:
        """Nothing to give at once."""
        self.stats.misses.add()
        if self._hook is not None:
            self._tell(EventKind.MISS, key)

    # Loads.

    def span(self, key: str) -> AbstractContextManager[object]:
        """What a loader's call is to run in: a span of OpenTelemetry, where that is installed."""
        if self._telemetry is None:
            return contextlib.nullcontext()
        return self._telemetry.span(self._cache, key)

    def loaded(
        self,
        key: str,
        *,
        generation: int,
        duration_s: float,
        replaced: bool,
        lateness_s: float | None = None,
        absent: bool = False,
    ) -> None:
        """A loader's result is stored.

        Args:
            replaced: there was an older value.
            lateness_s: given if a timer began it.
        """
        self._count_load(duration_s, lateness_s, failed=False)
        if replaced:
            self.stats.refresh()
        kind = EventKind.REFRESHED if replaced else EventKind.LOADED
        _log.log(
            logging.DEBUG,
            kind.value,
            cache=self._cache,
            key=key,
            generation=generation,
            duration_s=round(duration_s, 6),
        )
        self._tell(kind, key, generation=generation, duration_s=duration_s, lateness_s=lateness_s, absent=absent)

    def load_failed(
        self,
        key: str,
        error: BaseException,
        *,
        duration_s: float,
        failures: int = 1,
        retry_at: float | None = None,
        lateness_s: float | None = None,
    ) -> None:
        """A loader has raised.

        Args:
            failures: with this one, since a load last went well.
            retry_at: when a timer tries again; None if none does.
        """
        self._count_load(duration_s, lateness_s, failed=True)
        retry_in_s = None if retry_at is None else round(retry_at - self._clock.now(), 3)
        _log.log(
            logging.WARNING,
            "load failed",
            cache=self._cache,
            key=key,
            error=f"{type(error).__name__}: {error}",
            failures=failures,
            retry_in_s=retry_in_s,
        )
        self._tell(
            EventKind.LOAD_FAILED,
            key,
            error=error,
            duration_s=duration_s,
            failures=failures,
            retry_at=retry_at,
            lateness_s=lateness_s,
        )

    def discarded(self, key: str, *, duration_s: float, reason: str, lateness_s: float | None = None) -> None:
        """A loader's result is given to who waits, and not stored."""
        self._count_load(duration_s, lateness_s, failed=False)
        self.stats.discard()
        _log.log(logging.DEBUG, "discarded", cache=self._cache, key=key, reason=reason)
        self._tell(EventKind.DISCARDED, key, duration_s=duration_s, reason=reason, lateness_s=lateness_s)

    # What comes without a load.

    def skipped(self, key: str, *, reason: str) -> None:
        """A timer has nothing to refresh."""
        self.stats.skip()
        _log.log(logging.DEBUG, "skipped", cache=self._cache, key=key, reason=reason)
        self._tell(EventKind.SKIPPED, key, reason=reason)

    def let_go(self, key: str) -> None:
        """Nobody reads it: it is refreshed no more."""
        self.stats.leave()
        _log.log(logging.INFO, "let go", cache=self._cache, key=key)
        self._tell(EventKind.LET_GO, key)

    def stored(self, key: str, *, generation: int) -> None:
        """A value was set by hand."""
        _log.log(logging.DEBUG, "stored", cache=self._cache, key=key, generation=generation)
        self._tell(EventKind.STORED, key, generation=generation)

    def invalidated(self, key: str | None, entries: int = 1) -> None:
        """Entries were invalidated.

        Args:
            key: None if there were several, or none in particular.
        """
        self.stats.invalidate(entries)
        _log.log(logging.INFO, "invalidated", cache=self._cache, key=key, entries=entries)
        self._tell(EventKind.INVALIDATED, key, entries=entries)

    def dropped(self, key: str | None, entries: int = 1) -> None:
        """Entries went from the memory layer, for they have changed.

        Args:
            key: None if all went.
        """
        if key is None:
            _log.log(logging.INFO, "all dropped from memory", cache=self._cache, entries=entries)
        if self._hook is not None:
            self._tell(EventKind.DROPPED, key, entries=entries)

    def _count_load(self, duration_s: float, lateness_s: float | None, *, failed: bool) -> None:
        self.stats.load(duration_s, failed=failed)
        if lateness_s is not None:
            self.stats.late(lateness_s)
        if self._telemetry is not None:
            self._telemetry.load(self._cache, duration_s, lateness_s)

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
                _log.log(
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
