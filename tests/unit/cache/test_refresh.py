"""Loads at their limits: longer than their lease, than `keep`, across a crash, with a clock that is put back."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from everwarm.cache.policies.policy import Policy
from tests.cache.world import Crash, Down, Plan, Process, World


@pytest.fixture
def make() -> Iterator[Callable[..., World]]:
    worlds: list[World] = []

    def make(**settings: Any) -> World:
        given = {"refresh": 100, "keep": 1000, "lease": 60, "backoff": "2s..30s", "jitter": 0, **settings}
        worlds.append(World(Policy.of(**given), keys=("a",), processes=2))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


def expire(world: World) -> None:
    for place in world.due():
        world.delete(place)


def deliver(world: World, process: Process) -> None:
    assert world.deliver(process, world.waiting()) == []


def test_the_first_of_several_that_outlive_their_leases_is_stored(make: Callable[..., World]) -> None:
    """Were each one's lease its own, nothing would ever be stored while others keep taking it over."""
    world = make()
    one, other = world.processes
    taken: list[object] = []

    def takes_over() -> None:
        world.plan = Plan(lasts_s=200)
        taken.append(world.reads(other, "a", stale_ok=True))

    world.plan = Plan(lasts_s=150, meddle=takes_over)
    assert world.reads(one, "a", stale_ok=True) is not None
    stored = world.stored("a")
    assert stored is not None
    assert [load.lasts_s for load in world.loads] == [150, 200]
    assert world.timer("a") is not None
    assert len(taken) == 1


def test_a_load_that_takes_longer_than_its_value_is_kept_is_served_and_not_stored(make: Callable[..., World]) -> None:
    """Its timer would be due at once, and so on."""
    world = make()
    world.plan = Plan(lasts_s=1200)
    assert world.reads(world.processes[0], "a", stale_ok=True) is not None
    assert world.stored("a") is None
    assert world.timer("a") is None
    assert world.reads(world.processes[1], "a", stale_ok=True) is not None  # the lease was given back
    assert world.stored("a") is not None


def test_a_value_that_expires_while_it_is_refreshed_is_replaced(make: Callable[..., World]) -> None:
    world = make()
    one = world.processes[0]
    world.reads(one, "a", stale_ok=True)
    world.clock.advance(990)
    expire(world)
    world.plan = Plan(lasts_s=30, meddle=lambda: expire(world))
    world.clock.advance(0)
    deliver(world, one)
    stored = world.stored("a")
    assert stored is not None
    assert stored.usable(world.clock.now())
    assert world.timer("a") is not None


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("write", [1, 2])
def test_a_process_that_dies_while_it_refreshes(make: Callable[..., World], write: int, before: bool) -> None:
    """Its record was not taken, so it comes again; whatever it had done, the entry is refreshed, and once only."""
    world = make()
    one, other = world.processes
    world.reads(one, "a", stale_ok=True)
    world.clock.advance(101)
    expire(world)
    one.crash_in, one.crash_before = write, before
    with contextlib.suppress(Crash):
        deliver(world, one)
    assert one.dead
    world.lives["a"].excuses += 1
    for _ in range(3):
        deliver(world, other)
        world.clock.advance(30)
        expire(world)
    stored, timer = world.stored("a"), world.timer("a")
    assert stored is not None
    assert timer is not None
    assert stored.fresh_until > world.clock.now()
    assert timer["generation"]["N"] == str(stored.generation)
    # Dead before its result was stored, it had called the loader for nothing.
    assert len(world.loads) == (3 if (write, before) == (2, True) else 2)


def test_a_reader_that_dies_while_it_refreshes_what_has_just_expired(make: Callable[..., World]) -> None:
    """The timer was told that somebody else is at it, and comes again when his lease has ended."""
    world = make()
    one, other = world.processes
    world.reads(one, "a", stale_ok=True)
    world.clock.advance(101)
    world.reads(one, "a", stale_ok=True)  # stale: a refresh is begun
    one.crash_in, one.crash_before = 2, True

    def the_timer_comes() -> None:
        expire(world)
        deliver(world, other)

    world.plan = Plan(meddle=the_timer_comes)
    one.pool.run()
    assert one.dead
    world.lives["a"].excuses += 1
    assert len(world.loads) == 2
    world.clock.advance(61)
    expire(world)
    deliver(world, other)
    assert len(world.loads) == 3
    stored = world.stored("a")
    assert stored is not None
    assert stored.fresh_until > world.clock.now()


def test_one_that_fails_after_its_lease_leaves_the_timer_to_whoever_has_it_now(make: Callable[..., World]) -> None:
    world = make()
    one, other = world.processes
    world.reads(one, "a", stale_ok=True)
    world.clock.advance(101)
    expire(world)

    def dies() -> None:
        world.reads(other, "a", stale_ok=True)
        other.crash_in, other.crash_before = 2, True
        other.pool.run()  # takes the lease over, and dies

    world.plan = Plan("down", lasts_s=150, meddle=dies)
    deliver(world, one)
    assert other.dead
    world.lives["a"].excuses += 1
    assert world.timer("a") is not None
    world.clock.advance(61)
    expire(world)
    deliver(world, one)
    stored = world.stored("a")
    assert stored is not None
    assert stored.fresh_until > world.clock.now()


def test_after_the_clock_was_put_back_nobody_waits_for_a_lease_of_the_future(make: Callable[..., World]) -> None:
    world = make()
    one, other = world.processes
    one.crash_in, one.crash_before = 2, True
    with contextlib.suppress(Crash):
        world.reads(one, "a", stale_ok=True)
    world.lives["a"].excuses += 1
    world.clock.jump(-3600)
    since = world.clock.elapsed()
    assert world.reads(other, "a", stale_ok=True) is not None
    assert world.clock.elapsed() - since < 70


def test_after_the_clock_was_put_back_values_are_replaced_all_the_same(make: Callable[..., World]) -> None:
    world = make()
    one = world.processes[0]
    world.reads(one, "a", stale_ok=True)
    before = world.stored("a")
    world.clock.jump(-3600)
    one.core.refresh("a", one.source("a"))
    after = world.stored("a")
    assert before is not None
    assert after is not None
    assert (after.generation or 0) > (before.generation or 0)
    timer = world.timer("a")
    assert timer is not None
    assert float(timer["ttl"]["N"]) == pytest.approx(world.clock.now() + 100, abs=1)


def test_a_value_that_is_kept_for_ever(make: Callable[..., World]) -> None:
    world = make(keep=None)
    one = world.processes[0]
    one.core.entry("a", one.source("a"), stale_ok=True)
    world.clock.advance(101)
    expire(world)
    world.down = True
    deliver(world, one)
    world.clock.advance(400 * 86400)
    entry = one.core.entry("a", one.source("a"), stale_ok=True)
    assert (entry.expires_at, entry.failures, entry.value["number"]) == (None, 1, 1)
    one.pool.run()  # what the stale read has begun
    assert len(world.loads) == 3
    one.core.entry("a", one.source("a"), stale_ok=True)
    one.pool.run()
    assert len(world.loads) == 3  # not before its time


def test_a_lease_that_is_longer_than_keep(make: Callable[..., World]) -> None:
    world = make(lease=5000)
    one, other = world.processes
    one.crash_in, one.crash_before = 2, True
    with contextlib.suppress(Crash):
        world.reads(one, "a", stale_ok=True)
    world.lives["a"].excuses += 1
    since = world.clock.elapsed()
    assert world.reads(other, "a", stale_ok=True) is not None
    assert world.clock.elapsed() - since <= 5002


def test_a_refresh_that_is_shorter_than_a_load(make: Callable[..., World]) -> None:
    """The time counts from the end of a load, so that it is not begun again at once."""
    world = make(refresh=5)
    one = world.processes[0]
    for _ in range(5):
        world.plan = Plan(lasts_s=20)
        expire(world)
        deliver(world, one) if world.loads else world.reads(one, "a", stale_ok=True)
        world.clock.advance(5.1)
    assert len(world.loads) == 5


def test_a_miss_that_fails_leaves_nothing(make: Callable[..., World]) -> None:
    world = make()
    one = world.processes[0]
    world.plan = Plan("down")
    with pytest.raises(Down) as caught:
        one.core.entry("a", one.source("a"), stale_ok=True)
    assert caught.value.__cause__ is not caught.value
    assert world.item("lease#a") is None
