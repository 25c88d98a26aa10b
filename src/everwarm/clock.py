"""The time: `now()`, sleeping until a moment, and pausing for a while. Nobody else asks the system for the time.

Two kinds, since a machine's clock may jump: set right by hand or over the network, forward or back, or left behind by
a machine that was suspended. A *moment* is on the wall clock: when an item is due, how old a record is. A *while* is
not: a pause before the next try, how long a batch has been open. Whoever waits for a while waits for just that,
whatever the wall clock does.

A `SystemClock` follows the machine's clock. A `ManualClock` stands still until it is moved, so that a test can let
an hour pass in no time: whoever sleeps until a moment that has come is woken, in the order of those moments.
"""

import asyncio
import contextlib
import math
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

    def elapsed(self) -> float:
        """Seconds since some moment, on a clock that never jumps: for how long something has been so."""
        ...

    async def pause(self, seconds: float, wake: asyncio.Event | None = None) -> None:
        """Return when `elapsed()` has grown by so many seconds, or as soon as `wake` is set.

        Args:
            seconds: none or fewer return at once. `math.inf` waits for `wake` alone.
            wake: as in `sleep_until`.
        """
        ...


def monotonic() -> float:
    """Seconds on a clock that never jumps: for measuring how long real work took, never for deciding what is due."""
    return time.monotonic()


class SystemClock:
    """The machine's clock."""

    # A wall clock can be set while we sleep, and a machine that was suspended has slept longer than it knows: look
    # again this often. So what falls due by a jump of the clock is late by so much at the most.
    LONGEST_SLEEP_S = 1.0

    def now(self) -> float:
        return time.time()

    def elapsed(self) -> float:
        return time.monotonic()

    async def sleep_until(self, moment: float, wake: asyncio.Event | None = None) -> None:
        wake = wake or asyncio.Event()
        if moment == math.inf:
            await wake.wait()
            return
        while not wake.is_set() and (left_s := moment - self.now()) > 0:
            await _wait(wake, min(left_s, self.LONGEST_SLEEP_S))

    async def pause(self, seconds: float, wake: asyncio.Event | None = None) -> None:
        wake = wake or asyncio.Event()
        until = self.elapsed() + seconds
        # The loop's timers may ring a little early by another clock's count.
        while not wake.is_set() and (left_s := until - self.elapsed()) > 0:
            await _wait(wake, left_s)


def block(clock: Clock, seconds: float) -> None:
    """Pause in a thread that has no event loop to do it on."""
    if isinstance(clock, SystemClock):
        time.sleep(max(0.0, seconds))
        return
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(clock.pause(seconds))
    finally:
        loop.close()


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    if timeout_s == math.inf:
        await event.wait()
        return
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), timeout_s)


@dataclass(eq=False, slots=True)  # two who sleep until the same moment are still two
class _Sleeper:
    moment: float
    loop: asyncio.AbstractEventLoop
    due: asyncio.Event
    for_a_while: bool  # its moment is one of `elapsed()`, not of `now()`


class ManualClock:
    """A clock that a test moves. Safe to move from another thread than the sleepers'."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = now
        self._elapsed = 0.0
        self._lock = threading.Lock()
        self._sleepers: list[_Sleeper] = []

    def now(self) -> float:
        return self._now

    def elapsed(self) -> float:
        return self._elapsed

    def advance(self, seconds: float) -> None:
        """Move the time forward and wake every sleeper whose moment has come.

        Args:
            seconds: how far; never backwards (`ValueError`).
        """
        if seconds < 0:
            raise ValueError(f"time passes forward only, not by {seconds} s; a clock that is set jumps")
        with self._lock:
            self._now += seconds
            self._elapsed += seconds
        self._ring()

    def jump(self, seconds: float) -> None:
        """Set the clock to another time, as somebody might who found it wrong. No time passes by that.

        Args:
            seconds: how far; backwards if negative.
        """
        with self._lock:
            self._now += seconds
        self._ring()

    async def sleep_until(self, moment: float, wake: asyncio.Event | None = None) -> None:
        await self._sleep(moment, wake, for_a_while=False)

    async def pause(self, seconds: float, wake: asyncio.Event | None = None) -> None:
        await self._sleep(self._elapsed + seconds, wake, for_a_while=True)

    def _has_come(self, sleeper: _Sleeper) -> bool:
        return sleeper.moment <= (self._elapsed if sleeper.for_a_while else self._now)

    def _ring(self) -> None:
        with self._lock:
            due = [sleeper for sleeper in self._sleepers if self._has_come(sleeper)]
            self._sleepers = [sleeper for sleeper in self._sleepers if not self._has_come(sleeper)]
        for sleeper in sorted(due, key=lambda sleeper: sleeper.moment):
            sleeper.loop.call_soon_threadsafe(sleeper.due.set)

    async def _sleep(self, moment: float, wake: asyncio.Event | None, *, for_a_while: bool) -> None:
        sleeper = _Sleeper(moment, asyncio.get_running_loop(), asyncio.Event(), for_a_while)
        with self._lock:
            if self._has_come(sleeper) or (wake is not None and wake.is_set()):
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
