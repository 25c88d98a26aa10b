"""OpenTelemetry, where it is installed (`pip install everwarm[otel]`): a span around each load, and the figures.

Only `events.py` and `Cache` come here, and only when they have found it installed. What is done with spans and figures
is set up by the program, as for every library: without a provider, OpenTelemetry does nothing.
"""

import contextlib
import functools
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from opentelemetry import metrics, trace
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.trace import Span, Status, StatusCode

from everwarm.cache.entry import NotFound
from everwarm.cache.stats import Snapshot
from everwarm.version import __version__

SCOPE = "everwarm.cache"

_CACHE = "everwarm.cache"
_KEY = "everwarm.key"

# What an observable counter shows: its attributes beside the cache's name, and the member of a snapshot.
_Parts = tuple[tuple[dict[str, str], str], ...]

_COUNTERS: tuple[tuple[str, str, str, _Parts], ...] = (
    (
        "everwarm.cache.reads",
        "{read}",
        "Reads, by what they were given",
        (
            ({"outcome": "hit"}, "hits"),
            ({"outcome": "stale"}, "stale_hits"),
            ({"outcome": "negative"}, "negative_hits"),
            ({"outcome": "miss"}, "misses"),
        ),
    ),
    ("everwarm.cache.memory.hits", "{read}", "Reads that the memory layer answered", (({}, "memory_hits"),)),
    ("everwarm.cache.memory.evictions", "{entry}", "Entries that went for want of room", (({}, "evictions"),)),
    ("everwarm.cache.load.errors", "{load}", "Loads that failed", (({}, "load_errors"),)),
    ("everwarm.cache.refreshes", "{load}", "Loads that replaced a value", (({}, "refreshes"),)),
    ("everwarm.cache.skipped", "{timer}", "Timers that had nothing to refresh", (({}, "skipped"),)),
    ("everwarm.cache.discarded", "{load}", "Results that were not stored", (({}, "discarded"),)),
    ("everwarm.cache.let_go", "{entry}", "Entries that are refreshed no more", (({}, "let_go"),)),
    ("everwarm.cache.invalidated", "{entry}", "Entries that were invalidated", (({}, "invalidated"),)),
    (
        "everwarm.cache.io",
        "By",
        "Sizes of items that were read and written",
        (({"direction": "read"}, "bytes_read"), ({"direction": "write"}, "bytes_written")),
    ),
)


class _Source(Protocol):
    """What can tell the figures of a cache."""

    def snapshot(self) -> Snapshot: ...


class Telemetry:
    """The instruments. Caches come and go; the instruments stay, for OpenTelemetry has no way to give one back."""

    def __init__(
        self,
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
    ) -> None:
        """
        Args:
            tracer_provider, meter_provider: the program's global ones, unless given.
        """
        self._tracer = trace.get_tracer(SCOPE, __version__, tracer_provider)
        meter = metrics.get_meter(SCOPE, __version__, meter_provider)
        self._watched: weakref.WeakKeyDictionary[_Source, str] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()
        self._load_time = meter.create_histogram("everwarm.cache.load.duration", "s", "How long loads took")
        self._lateness = meter.create_histogram(
            "everwarm.cache.refresh.lateness", "s", "How long after their time refreshes began"
        )
        for name, unit, text, parts in _COUNTERS:
            meter.create_observable_counter(name, [self._observing(parts)], unit, text)

    @staticmethod
    @functools.cache
    def shared() -> "Telemetry":
        """The one of this process."""
        return Telemetry()

    def watch(self, cache: str, stats: _Source) -> None:
        """Show a cache's figures for as long as somebody else holds its counters."""
        with self._lock:
            self._watched[stats] = cache

    def load(self, cache: str, duration_s: float, lateness_s: float | None) -> None:
        """A loader's call has ended."""
        attributes = {_CACHE: cache}
        self._load_time.record(duration_s, attributes)
        if lateness_s is not None:
            self._lateness.record(max(0.0, lateness_s), attributes)

    @contextlib.contextmanager
    def span(self, cache: str, key: str) -> Iterator[Span]:
        """A span for as long as this lasts. That there is no such thing is an answer, not an error."""
        with self._tracer.start_as_current_span(
            "everwarm.load",
            attributes={_CACHE: cache, _KEY: key},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except NotFound:
                span.set_attribute("everwarm.absent", True)
                raise
            except BaseException as error:
                span.record_exception(error)
                span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))
                raise

    def _observing(self, parts: _Parts) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(options: CallbackOptions) -> Iterable[Observation]:
            with self._lock:
                watched = list(self._watched.items())
            # Two caches of one name are one in the figures.
            sums: dict[tuple[str, int], int] = {}
            for stats, cache in watched:
                snapshot = stats.snapshot()
                for number, (_, member) in enumerate(parts):
                    sums[cache, number] = sums.get((cache, number), 0) + getattr(snapshot, member)
            return [Observation(value, {_CACHE: cache, **parts[number][0]}) for (cache, number), value in sums.items()]

        return observe
