"""What the demo knows of the running project: entries, counts, lateness. Fed by the stack and by reading the table."""

import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from everwarm.dynamodb.ttl.sweeper import Expired
from everwarm.lambdas.mappings.next_step import Outcome
from everwarm.stack import Observer
from everwarm.stream_record import Record

KEY = "content"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the cache as it was last read.

    Attributes:
        expires_at: epoch seconds; None while it is missing.
        latest: the newest rate and its date, for the eye.
    """

    name: str
    expires_at: float | None
    latest: str = ""


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late deletions came, in milliseconds; None before the first."""

    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None


def _set_event() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass(slots=True)
class DemoState(Observer):
    """Counts what happens. Written by the stack's thread, read by the view's.

    Attributes:
        entries: as they were last read.
        expirations, refreshes: of entries; each refresh answers an expiration.
        failures: calls that failed.
        events: the latest, for the eye.
        settled: set while every entry that has expired is back.
    """

    entries: list[Entry] = field(default_factory=list)
    expirations: int = 0
    refreshes: int = 0
    failures: int = 0
    events: deque[str] = field(default_factory=lambda: deque(maxlen=6))
    settled: threading.Event = field(default_factory=_set_event)
    _late_ms: list[float] = field(default_factory=list)
    _waiting: Counter[str] = field(default_factory=Counter)
    _unheard: list[str] = field(default_factory=list)
    _ended: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def expired(self, deletions: Sequence[Expired]) -> None:
        with self._lock:
            if self._ended:
                return
            for one in deletions:
                name = one.key[KEY]["S"]
                late_ms = (one.deleted_at - one.due_at) * 1000
                self._late_ms.append(late_ms)
                self.expirations += 1
                self._wait_for(name, +1)
                self._say(f"expired    {name}, {late_ms:.1f} ms after its second")

    def called(self, function_name: str, records: Sequence[Record], outcome: Outcome) -> None:
        with self._lock:
            if not outcome.ok:
                self.failures += 1
                self._say(f"failed     {outcome.error}")
                return
            for record in records:
                name = record["dynamodb"]["Keys"][KEY]["S"]
                if record["eventName"] == "REMOVE" and not (self._ended and name not in self._waiting):
                    self.refreshes += 1
                    self._wait_for(name, -1)
                    self._say(f"refreshed  {name}")

    def end(self) -> None:
        """Count no more expirations, only the refreshes of those that have been.

        Something expires all the time, so without an end there might be no moment at which everything is back.
        """
        with self._lock:
            self._ended = True

    def printed(self, function_name: str, request_id: str | None, line: str) -> None:
        """The view shows what it needs of a handler's output: failures, by `called`."""

    def read(self, entries: list[Entry]) -> None:
        """The table was read."""
        with self._lock:
            self.entries = entries

    @property
    def succeeded(self) -> bool:
        """Whether something expired and was refreshed, and nothing failed or is missing."""
        return self.refreshes > 0 and self.failures == 0 and self.settled.is_set()

    def lateness(self) -> Lateness:
        """Of all deletions so far."""
        with self._lock:
            ordered = sorted(self._late_ms)
        if not ordered:
            return Lateness(None, None, None)
        return Lateness(_percentile(ordered, 0.50), _percentile(ordered, 0.99), ordered[-1])

    def new_events(self) -> list[str]:
        """What was said since the last call."""
        with self._lock:
            unheard, self._unheard = self._unheard, []
        return unheard

    def _wait_for(self, name: str, more: int) -> None:
        self._waiting[name] += more
        if not self._waiting[name]:
            del self._waiting[name]
        if self._waiting:
            self.settled.clear()
        else:
            self.settled.set()

    def _say(self, text: str) -> None:
        self.events.append(text)
        self._unheard.append(text)


def _percentile(ordered: list[float], share: float) -> float:
    """The nearest-rank percentile of sorted values."""
    rank = max(1, -(-len(ordered) * share // 1))
    return ordered[int(rank) - 1]
