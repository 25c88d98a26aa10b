"""The time: `now()`, and sleeping until a moment. Nobody else asks the system for the time.

A `SystemClock` follows the machine's clock. A `ManualClock` stands still until it is moved, so that a test can let
an hour pass in no time: whoever sleeps until a moment that has come is woken, in the order of those moments.
"""

import asyncio
import contextlib
import threading
import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """What the rest of everwarm knows about time."""

    def now(self) -> float:
        """Seconds since 1970-01-01T00:00:00Z."""
        ...

    async def sleep_until(self, moment: float, wake: asyncio.Event | None = None) -> None:
        """Return when `now()` has reached `moment`, or as soon as `wake` is set.

        Args:
            moment: epoch seconds; one in the past returns at once. `math.inf` waits for `wake` alone.
            wake: ends the sleep early. It is not cleared here.
        """
        ...


def monotonic() -> float:
    """Seconds on a clock that never jumps: for measuring how long real work took, never for deciding what is due."""
    return time.monotonic()


class SystemClock:
    """The machine's clock."""

    # A wall clock can be set while we sleep, and a suspended machine wakes up late: look again this often.
    LONGEST_SLEEP_S = 30.0

    def now(self) -> float:
        return time.time()

    async def sleep_until(self, moment: float, wake: asyncio.Event | None = None) -> None:
        wake = wake or asyncio.Event()
        while not wake.is_set() and (left_s := moment - self.now()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), min(left_s, self.LONGEST_SLEEP_S))


@dataclass(eq=False, slots=True)  # two who sleep until the same moment are still two
class _Sleeper:
    moment: float
    loop: asyncio.AbstractEventLoop
    due: asyncio.Event


class ManualClock:
    """A clock that a test moves. Safe to move from another thread than the sleepers'."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._sleepers: list[_Sleeper] = []

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the time forward and wake every sleeper whose moment has come.

        Args:
            seconds: how far; never backwards (`ValueError`).
        """
        if seconds < 0:
            raise ValueError(f"a clock is moved forward only, not by {seconds} s")
        with self._lock:
            self._now += seconds
            due = [sleeper for sleeper in self._sleepers if sleeper.moment <= self._now]
            self._sleepers = [sleeper for sleeper in self._sleepers if sleeper.moment > self._now]
        for sleeper in sorted(due, key=lambda sleeper: sleeper.moment):
            sleeper.loop.call_soon_threadsafe(sleeper.due.set)

    async def sleep_until(self, moment: float, wake: asyncio.Event | None = None) -> None:
        sleeper = _Sleeper(moment, asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            if moment <= self._now or (wake is not None and wake.is_set()):
                return
            self._sleepers.append(sleeper)
        waits = [asyncio.ensure_future(event.wait()) for event in (sleeper.due, wake) if event is not None]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            with self._lock, contextlib.suppress(ValueError):
                self._sleepers.remove(sleeper)
