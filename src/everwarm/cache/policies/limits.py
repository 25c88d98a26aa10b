"""How many loads of a loader run at a time, and how many begin in a time. In this process; others have their own.

Whoever is over a limit waits, in the order of asking. Not here: one load per key (`flights.py`).
"""

import contextlib
import os
import re
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from everwarm.durations import seconds
from everwarm.errors import SettingError

_MOST_IN_A_PERIOD = 10_000
# What two floats may differ by and still be the same moment; a pause of less would not move a clock.
_NO_TIME_S = 1e-6


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in any stretch of `period_s` seconds."""

    count: int
    period_s: float


def concurrency_of(value: object) -> int | None:
    """How many at a time: a number, or one as text; None for no limit.

    Raises:
        SettingError: it is none, or less than one.
    """
    match value:
        case None:
            return None
        case int() if not isinstance(value, bool) and value >= 1:
            return value
        case str() if re.fullmatch(r"0*[1-9][0-9]*", value):
            return int(value)
    raise SettingError(f"concurrency={value!r} is not a number of loads at a time: write concurrency=4, or None")


def rate_of(value: object) -> Rate | None:
    """How many in a time: `10/s`, `100/m`, `5/10s`; None for no limit.

    Raises:
        SettingError: it is none.
    """
    if value is None:
        return None
    right = 'write rate="10/s", "100/m" or "5/10s", or None'
    form = re.fullmatch(r"([0-9]+) ?/ ?([0-9.]*[smhd])", value) if isinstance(value, str) else None
    if form is None or not (count := int(form[1])):
        raise SettingError(f"rate={value!r} is not a number of loads in a time: {right}")
    try:
        period_s = seconds(form[2] if form[2][0].isdigit() else f"1{form[2]}")
    except SettingError as error:
        raise SettingError(f"rate={value!r}: {error}") from None
    if not period_s:
        raise SettingError(f"rate={value!r} is a number of loads in no time: {right}")
    if count > _MOST_IN_A_PERIOD:
        raise SettingError(
            f"rate={value!r} is more than {_MOST_IN_A_PERIOD:,} in its time, too many to be counted one by one: "
            "say it of a shorter time, 10/s instead of 36000/h"
        )
    return Rate(count, period_s)


class _Waiting:
    """One who waits for a place.

    Attributes:
        over: the wait is.
        has_place: whether there was a place for him.
    """

    __slots__ = ("has_place", "over", "who")

    def __init__(self, who: object) -> None:
        self.who = who
        self.over = threading.Event()
        self.has_place = True


class Limits:
    """The limits of one loader.

    Args:
        concurrency: loads at a time; None for no limit.
        rate: loads that begin in a time; None for no limit. It holds for every stretch of that length, so those of a
            whole period may come at once.
        now: seconds on a clock that does not jump: `Clock.elapsed`.
        pause: blocks the calling thread for so many seconds of that clock.
    """

    def __init__(
        self,
        concurrency: int | None,
        rate: Rate | None,
        *,
        now: Callable[[], float],
        pause: Callable[[float], None],
    ) -> None:
        self._concurrency = concurrency
        self._rate = rate
        self._begun: deque[float] = deque(maxlen=rate.count if rate else 0)
        self._now = now
        self._pause = pause
        self._begin()
        _all_limits.add(self)

    def _begin(self) -> None:
        """With nobody at it: also in a process that a fork has made, where the threads that are at it are not."""
        self._free = self._concurrency
        self._holders: list[object] = []
        self._waiting: deque[_Waiting] = deque()
        self._lock = threading.Lock()

    @classmethod
    def of(
        cls,
        *,
        concurrency: int | str | None = None,
        rate: str | None = None,
        now: Callable[[], float],
        pause: Callable[[float], None],
    ) -> "Limits":
        """Limits as users write them.

        Raises:
            SettingError: one that cannot be understood.
        """
        return cls(concurrency_of(concurrency), rate_of(rate), now=now, pause=pause)

    @contextlib.contextmanager
    def admit(self, who: object = None, waits: Callable[[], None] | None = None) -> Iterator[None]:
        """Wait until one more load may run; it does until the block ends, in whatever way.

        Args:
            who: the load, for `holders` and `waive`.
            waits: told when it has to wait for a place.
        """
        if self._free is None and self._rate is None:
            yield
            return
        has_place = self._take(who, waits)
        try:
            if self._rate is not None:
                self._await_turn(self._rate)
            yield
        finally:
            if has_place:
                self._give_back(who)

    def holders(self, waiting: object) -> tuple[Any, ...]:
        """Who holds the places that somebody waits for; none if he does not, or not any more."""
        with self._lock:
            return tuple(self._holders) if any(one.who is waiting for one in self._waiting) else ()

    def waive(self, waiting: object) -> None:
        """Let somebody who waits go without a place: those who have one wait for him."""
        with self._lock:
            for one in self._waiting:
                if one.who is waiting:
                    self._waiting.remove(one)
                    one.has_place = False
                    one.over.set()
                    return

    def _take(self, who: object, waits: Callable[[], None] | None) -> bool:
        """Whether there is a place to be given back."""
        with self._lock:
            if self._free is None:
                return False
            if self._free:
                self._free -= 1
                self._holders.append(who)
                return True
            mine = _Waiting(who)
            self._waiting.append(mine)
        try:
            if waits is not None:
                waits()
            mine.over.wait()
        except BaseException:
            # Interrupted: either nobody has handed over to us and nobody will, or somebody just has.
            with self._lock:
                if not mine.over.is_set():
                    self._waiting.remove(mine)
                    raise
            if mine.has_place:
                self._give_back(who)
            raise
        return mine.has_place

    def _give_back(self, who: object) -> None:
        """Hand the place over to who has waited longest, so that nobody newer can take it in between."""
        with self._lock:
            if who not in self._holders:  # it was taken before a fork
                return
            self._holders.remove(who)
            if self._waiting:
                following = self._waiting.popleft()
                self._holders.append(following.who)
                following.over.set()
            elif self._free is not None:
                self._free += 1

    def _await_turn(self, rate: Rate) -> None:
        """Take the next moment that is free, and wait for it."""
        with self._lock:
            turn = self._now()
            if len(self._begun) == rate.count:
                turn = max(turn, self._begun[0] + rate.period_s)
            self._begun.append(turn)
        while (left_s := turn - self._now()) > _NO_TIME_S:
            self._pause(left_s)


_all_limits: "weakref.WeakSet[Limits]" = weakref.WeakSet()


def _forked() -> None:
    for limits in list(_all_limits):
        limits._begin()


os.register_at_fork(after_in_child=_forked)
