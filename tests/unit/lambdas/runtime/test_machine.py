"""Who gets a place for a process, and who gives one up."""

import asyncio

import pytest

from everwarm.lambdas.runtime.machine import Room


class Pool:
    """A tenant whose processes end at once."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.idle: list[float] = []
        self.ended = 0

    @property
    def idle_since(self) -> float | None:
        return self.idle[0] if self.idle else None

    def end_idle(self) -> None:
        self.idle.pop(0)
        self.ended += 1
        asyncio.get_running_loop().call_soon(self.room.leave, self)


async def entering(room: Room, pool: Pool) -> "asyncio.Task[bool]":
    task = asyncio.create_task(room.enter(pool))
    for _ in range(4):
        await asyncio.sleep(0)
    return task


async def test_places_are_counted() -> None:
    room = Room(2)
    pool = Pool(room)
    assert await room.enter(pool)
    assert await room.enter(pool)
    third = await entering(room, pool)
    assert (room.taken, third.done()) == (2, False)
    room.leave(pool)
    assert await third
    assert room.taken == 2


async def test_the_longest_idle_process_of_all_gives_way() -> None:
    room = Room(2)
    old, young, new = Pool(room), Pool(room), Pool(room)
    for pool, since in ((young, 20.0), (old, 10.0)):
        await room.enter(pool)
        pool.idle = [since]
    assert (await entering(room, new)).result()
    assert (old.ended, young.ended) == (1, 0)


async def test_a_process_of_ones_own_that_becomes_idle_is_as_good_as_a_place() -> None:
    room = Room(1)
    pool = Pool(room)
    await room.enter(pool)
    second = await entering(room, pool)
    assert not room.must_go(pool)
    assert await second is False


async def test_who_has_many_gives_up_one_for_who_has_none() -> None:
    room = Room(3)
    many, none = Pool(room), Pool(room)
    for _ in range(3):
        await room.enter(many)
    waiting = await entering(room, none)
    more = await entering(room, many)
    assert room.must_go(many)
    room.leave(many)
    assert await waiting
    # Two to one is as fair as it gets: now its own calls come first.
    assert not room.must_go(many)
    assert await more is False


async def test_a_process_that_nobody_of_its_own_needs_goes() -> None:
    room = Room(1)
    idle, other = Pool(room), Pool(room)
    await room.enter(idle)
    assert not room.must_go(idle)
    await entering(room, other)
    assert room.must_go(idle)


async def test_who_gives_up_waiting_takes_no_place() -> None:
    room = Room(1)
    pool = Pool(room)
    await room.enter(pool)
    second, third = await entering(room, pool), await entering(room, pool)
    room.leave(pool)
    second.cancel()  # it had just come
    assert await third
    assert room.taken == 1


async def test_who_gives_up_in_the_moment_before_a_place_is_passed_over() -> None:
    room = Room(1)
    pool = Pool(room)
    await room.enter(pool)
    second, third = await entering(room, pool), await entering(room, pool)
    second.cancel()
    room.leave(pool)
    with pytest.raises(asyncio.CancelledError):
        await second
    assert await third
    assert room.taken == 1
