"""The clocks: sleepers wake when their moment has come, and a ManualClock's moments come when a test says so."""

import asyncio
import math
import threading
import time

import pytest

from everwarm.clock import Clock, ManualClock, SystemClock, block


async def settled() -> None:
    """Let every task run as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)


def sleeper(clock: Clock, moment: float, wake: asyncio.Event | None = None) -> "asyncio.Task[None]":
    return asyncio.create_task(clock.sleep_until(moment, wake))


async def done(*tasks: "asyncio.Task[None]") -> None:
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks)


def test_a_manual_clock_stands_still_until_it_is_moved() -> None:
    clock = ManualClock(1000.0)
    assert clock.now() == 1000.0
    clock.advance(2.5)
    assert clock.now() == 1002.5


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="forward only"):
        ManualClock().advance(-1)


async def test_sleepers_wake_at_their_moment_and_not_before() -> None:
    clock = ManualClock(1000.0)
    task = sleeper(clock, 1010.0)
    await settled()
    clock.advance(9.999)
    await settled()
    assert not task.done()
    clock.advance(0.001)
    await done(task)


async def test_sleepers_wake_in_the_order_of_their_moments() -> None:
    clock, woken = ManualClock(0.0), []

    async def sleep(moment: float) -> None:
        await clock.sleep_until(moment)
        woken.append(moment)

    tasks = [asyncio.create_task(sleep(moment)) for moment in (30.0, 10.0, 20.0)]
    await settled()
    clock.advance(100)
    await done(*tasks)
    assert woken == [10.0, 20.0, 30.0]


@pytest.mark.parametrize("moment", [999.0, 1000.0, -math.inf])
async def test_a_moment_that_has_come_is_not_waited_for(moment: float) -> None:
    await done(sleeper(ManualClock(1000.0), moment))


@pytest.mark.parametrize("clock", [ManualClock(1000.0), SystemClock()])
async def test_wake_ends_a_sleep_that_has_no_end(clock: Clock) -> None:
    wake = asyncio.Event()
    task = sleeper(clock, math.inf, wake)
    await settled()
    assert not task.done()
    wake.set()
    await done(task)
    assert wake.is_set()  # clearing it is the caller's business


@pytest.mark.parametrize("clock", [ManualClock(1000.0), SystemClock()])
async def test_wake_that_is_set_already_ends_it_at_once(clock: Clock) -> None:
    wake = asyncio.Event()
    wake.set()
    await done(sleeper(clock, math.inf, wake))


# Two who sleep until the same moment are two, whichever leaves first.
async def test_one_that_is_woken_early_leaves_the_others_asleep() -> None:
    clock, wake = ManualClock(1000.0), asyncio.Event()
    stays = sleeper(clock, 1010.0)
    await settled()
    leaves = sleeper(clock, 1010.0, wake)
    await settled()
    wake.set()
    await done(leaves)
    assert not stays.done()
    clock.advance(10)
    await done(stays)


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = ManualClock(1000.0)
    cancelled, stays = sleeper(clock, 1010.0), sleeper(clock, 1010.0)
    await settled()
    cancelled.cancel()
    await settled()
    clock.advance(10)
    await done(stays)
    assert cancelled.cancelled()


# A stack runs on a loop in a thread of its own, and the test moves the clock in another.
async def test_it_can_be_moved_from_another_thread() -> None:
    clock = ManualClock(1000.0)
    task = sleeper(clock, 1010.0)
    await settled()
    threading.Thread(target=clock.advance, args=(10,)).start()
    await done(task)


async def test_the_system_clock_sleeps_until_its_moment() -> None:
    clock = SystemClock()
    moment = clock.now() + 0.02
    await done(sleeper(clock, moment))
    assert moment <= clock.now() <= time.time()


# Set right by hand, or over the network.
@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
def test_a_jump_is_seen_on_the_wall_clock_only(seconds: float) -> None:
    clock = ManualClock(10_000.0)
    clock.advance(5)
    clock.jump(seconds)
    assert clock.now() == 10_005.0 + seconds
    assert clock.elapsed() == 5.0


async def test_a_jump_forward_brings_the_moments_that_it_passes() -> None:
    clock = ManualClock(1000.0)
    near, far = sleeper(clock, 1010.0), sleeper(clock, 9000.0)
    await settled()
    clock.jump(3600)
    await done(near)
    assert not far.done()
    clock.jump(-3600)  # and one back puts off those that have not come
    clock.advance(3600)
    await settled()
    assert not far.done()
    clock.advance(4400)
    await done(far)


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
async def test_a_pause_takes_its_time_whatever_the_clock_does(seconds: float) -> None:
    clock = ManualClock(10_000.0)
    task = asyncio.create_task(clock.pause(10))
    await settled()
    clock.jump(seconds)
    clock.advance(9.999)
    await settled()
    assert not task.done()
    clock.advance(0.002)
    await done(task)


async def test_the_system_clock_pauses_for_a_while() -> None:
    clock = SystemClock()
    began = clock.elapsed()
    await clock.pause(0.02)
    assert 0.02 <= clock.elapsed() - began < 5


@pytest.mark.parametrize("clock", [SystemClock(), ManualClock()], ids=["system", "manual"])
@pytest.mark.parametrize("seconds", [10.0, math.inf])
async def test_wake_ends_a_pause(clock: Clock, seconds: float) -> None:
    wake = asyncio.Event()
    task = asyncio.create_task(clock.pause(seconds, wake))
    await settled()
    wake.set()
    await done(task)


# A suspended machine wakes up, or somebody sets the clock: what has come due meanwhile does not wait for a timer that
# was set before.
async def test_the_system_clock_notices_that_it_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    monkeypatch.setattr(SystemClock, "LONGEST_SLEEP_S", 0.01)
    task = sleeper(clock, clock.now() + 3600)
    await settled()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 7200)
    await done(task)


def test_a_thread_without_a_loop_can_pause() -> None:
    clock = ManualClock()
    over = threading.Event()

    def pause() -> None:
        block(clock, 10)
        over.set()

    thread = threading.Thread(target=pause)
    thread.start()
    clock.advance(4)
    while not over.is_set():
        clock.advance(3)
    thread.join()
    assert clock.elapsed() >= 10


def test_on_the_machines_clock_it_takes_that_long() -> None:
    clock = SystemClock()
    before = clock.elapsed()
    block(clock, 0.02)
    block(clock, -1)
    assert clock.elapsed() - before >= 0.02
