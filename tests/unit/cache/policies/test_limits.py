"""Limits of a loader: how many at a time, how many in a time."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.cache.policies.limits import Limits, Rate, concurrency_of, rate_of
from everwarm.clock import ManualClock
from everwarm.errors import SettingError

PATIENCE_S = 10


def limits(clock: ManualClock, *, concurrency: int | str | None = None, rate: str | None = None) -> Limits:
    return Limits.of(concurrency=concurrency, rate=rate, now=clock.elapsed, pause=clock.advance)


class Loads:
    """Loads in threads of their own, each of which runs until it is told to end."""

    def __init__(self, of: Limits) -> None:
        self._limits = of
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._ends: list[threading.Event] = []
        self.running: list[int] = []
        self.begun: list[int] = []

    def start(self) -> int:
        number = len(self._threads)
        self._ends.append(threading.Event())
        thread = threading.Thread(target=self._run, args=(number,))
        self._threads.append(thread)
        thread.start()
        return number

    def _run(self, number: int) -> None:
        with self._limits.admit():
            with self._changed:
                self.running.append(number)
                self.begun.append(number)
                self._changed.notify_all()
            assert self._ends[number].wait(PATIENCE_S)
            with self._changed:
                self.running.remove(number)

    def end(self, number: int) -> None:
        self._ends[number].set()
        self._threads[number].join(PATIENCE_S)

    def wait_until(self, so: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(so, PATIENCE_S)

    def queued(self, count: int) -> None:
        """Wait until so many have lined up; only then is the order of the next one sure."""
        while len(self._limits._waiting) < count:
            threading.Event().wait(0.001)


def test_no_limits_at_all() -> None:
    free = limits(ManualClock())
    with free.admit(), free.admit(), free.admit():
        pass


def test_one_over_the_limit_waits_until_another_ends() -> None:
    loads = Loads(limits(ManualClock(), concurrency=2))
    first, second = loads.start(), loads.start()
    loads.wait_until(lambda: len(loads.running) == 2)
    third = loads.start()
    loads.queued(1)
    assert set(loads.running) == {first, second}
    loads.end(first)
    loads.wait_until(lambda: third in loads.running)
    loads.end(second)
    loads.end(third)
    assert loads.running == []


def test_who_has_waited_longest_is_next() -> None:
    loads = Loads(limits(ManualClock(), concurrency=1))
    numbers = [loads.start()]
    loads.wait_until(lambda: loads.running == [0])
    for waiting in range(1, 5):
        numbers.append(loads.start())
        loads.queued(waiting)
    for number in numbers:
        loads.wait_until(lambda number=number: loads.running == [number])  # type: ignore[misc]
        loads.end(number)
    assert loads.begun == numbers


def test_a_load_that_fails_gives_its_place_back() -> None:
    one = limits(ManualClock(), concurrency=1)
    for _ in range(3):
        with pytest.raises(OSError, match="no answer"), one.admit():
            raise OSError("no answer")
    with one.admit():
        pass


def test_one_that_is_interrupted_in_its_pause_gives_its_place_back() -> None:
    clock = ManualClock()

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    both = Limits(1, Rate(1, 60.0), now=clock.elapsed, pause=interrupted)
    with both.admit():
        pass
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt), both.admit():
            pytest.fail("let in before its time")
    clock.advance(3600)
    with both.admit():
        pass


def test_a_rate_lets_a_period_s_loads_in_at_once_and_the_next_one_a_period_later() -> None:
    clock = ManualClock()
    three = limits(clock, rate="3/m")
    begun = []
    for _ in range(7):
        with three.admit():
            begun.append(clock.elapsed())
    assert begun == [0, 0, 0, 60, 60, 60, 120]


def test_time_that_passes_between_loads_counts() -> None:
    clock = ManualClock()
    two = limits(clock, rate="2/10s")
    begun = []
    for idle_s in (0, 6, 3, 0):
        clock.advance(idle_s)
        with two.admit():
            begun.append(clock.elapsed())
    assert begun == [0, 6, 10, 16]


@given(
    st.integers(1, 5),
    st.floats(0.1, 100),
    st.lists(st.floats(0, 50), min_size=1, max_size=40),
)
def test_no_stretch_of_a_period_has_more_than_the_rate(count: int, period_s: float, idle: list[float]) -> None:
    clock = ManualClock()
    some = Limits(None, Rate(count, period_s), now=clock.elapsed, pause=clock.advance)
    begun = []
    for idle_s in idle:
        clock.advance(idle_s)
        with some.admit():
            begun.append(clock.elapsed())
    for at in range(len(begun) - count):
        assert begun[at + count] - begun[at] >= period_s - 1e-5


def test_many_threads_share_a_rate() -> None:
    clock = ManualClock()
    lock = threading.Lock()
    turns: list[float] = []

    def pause(seconds: float) -> None:
        with lock:
            turns.append(round(clock.elapsed() + seconds, 6))
        ready.wait(PATIENCE_S)

    ready = threading.Event()
    some = Limits(None, Rate(2, 10.0), now=clock.elapsed, pause=pause)

    def load() -> None:
        with some.admit():
            pass

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    while len(turns) < 6:
        threading.Event().wait(0.001)
    clock.advance(30)
    ready.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert sorted(turns) == [10, 10, 20, 20, 30, 30]


@pytest.mark.parametrize(("value", "found"), [(4, 4), ("4", 4), (1, 1), (None, None)])
def test_a_concurrency(value: object, found: int | None) -> None:
    assert concurrency_of(value) == found


@pytest.mark.parametrize("value", [0, -1, "0", "", "four", 2.5, True])
def test_what_is_no_concurrency(value: object) -> None:
    with pytest.raises(SettingError, match=r"concurrency=.*write concurrency=4"):
        concurrency_of(value)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("10/s", Rate(10, 1)),
        ("100/m", Rate(100, 60)),
        ("100 / m", Rate(100, 60)),
        ("5/10s", Rate(5, 10)),
        ("1/1.5h", Rate(1, 5400)),
        ("7/d", Rate(7, 86_400)),
        (None, None),
    ],
)
def test_a_rate(value: object, found: Rate | None) -> None:
    assert rate_of(value) == found


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("10", "write rate="),
        (10, "write rate="),
        ("0/s", "write rate="),
        ("/s", "write rate="),
        ("10/", "write rate="),
        ("10/w", "write rate="),
        ("-1/s", "write rate="),
        ("1/0s", "in no time"),
        ("1/1.2.3s", "not a length of time"),
        ("36000/h", "10/s instead of 36000/h"),
    ],
)
def test_what_is_no_rate(value: object, problem: str) -> None:
    with pytest.raises(SettingError, match=problem):
        rate_of(value)
