"""How many loads of a loader run at a time, and how many begin in a time. In this process; others have their own.

Whoever is over a limit waits, in the order of asking. Not here: one load per key (`flights.py`).
"""

import contextlib
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

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
        self._free = concurrency
        self._waiting: deque[threading.Event] = deque()
        self._rate = rate
        self._begun: deque[float] = deque(maxlen=rate.count if rate else 0)
        self._lock = threading.Lock()
        self._now = now
        self._pause = pause

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
    def admit(self) -> Iterator[None]:
        """Wait until one more load may run; it does until the block ends, in whatever way."""
        if self._free is None and self._rate is None:
            yield
            return
        self._take()
        try:
            if self._rate is not None:
                self._await_turn(self._rate)
            yield
        finally:
            self._give_back()

    def _take(self) -> None:
        with self._lock:
            if self._free is None:
                return
            if self._free:
                self._free -= 1
                return
            mine = threading.Event()
            self._waiting.append(mine)
        try:
            mine.wait()
        except BaseException:
            # Interrupted: either nobody has handed over to us and nobody will, or somebody just has.
            with self._lock:
                if not mine.is_set():
                    self._waiting.remove(mine)
                    raise
            self._give_back()
            raise

    def _give_back(self) -> None:
        """Hand the place over to who has waited longest, so that nobody newer can take it in between."""
        with self._lock:
            if self._free is None:
                return
            if self._waiting:
                self._waiting.popleft().set()
            else:
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
