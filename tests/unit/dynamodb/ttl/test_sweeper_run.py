"""The sweeper's loop: it sleeps until something is due, is woken, and goes on whatever the clock and the disk do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.background import RETRY_S
from everwarm.dynamodb.ttl.sweeper import BATCH, Expired
from everwarm.errors import StorageClosed

Call = Callable[..., dict[str, Any]]

NOW = 1_700_000_000


class WatchedClock(ManualClock):
    """Tells until when somebody sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self.sleeps: asyncio.Queue[float] = asyncio.Queue()

    async def sleep_until(self, moment: float, wake: asyncio.Event | None = None) -> None:
        self.sleeps.put_nowait(moment)
        await super().sleep_until(moment, wake)

    async def pause(self, seconds: float, wake: asyncio.Event | None = None) -> None:
        self.sleeps.put_nowait(self.now() + seconds)
        await super().pause(seconds, wake)

    async def asleep_until(self, moment: float) -> None:
        """Return when somebody sleeps until then."""
        async with asyncio.timeout(10):
            while await self.sleeps.get() != moment:
                pass


@pytest.fixture
def clock() -> WatchedClock:
    return WatchedClock()


def switch(call: Call, table: str, enabled: bool) -> None:
    call("UpdateTimeToLive", TableName=table, TimeToLiveSpecification={"Enabled": enabled, "AttributeName": "ttl"})


def exists(call: Call, key: str, table: str = "rates") -> bool:
    return "Item" in call("GetItem", TableName=table, Key={"pk": {"S": key}})


@asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(engine.sweeper.run(stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(10):
            await task


async def test_run_deletes_at_the_second_and_tells_who_watches(
    create: Call, engine: Engine, clock: WatchedClock, put: Callable[..., None]
) -> None:
    told: asyncio.Queue[list[Expired]] = asyncio.Queue()
    engine.sweeper.watchers.append(told.put_nowait)
    create("rates", ttl="ttl")
    put("a", 10)
    async with running(engine):
        await clock.asleep_until(NOW + 10)
        clock.advance(10)
        async with asyncio.timeout(10):
            assert await told.get() == [Expired("rates", {"pk": {"S": "a"}}, NOW + 10, NOW + 10)]


# Steps are under way while others are told of; each deletion is told once, and in order.
async def test_a_burst_is_told_of_whole(
    create: Call, engine: Engine, clock: WatchedClock, put: Callable[..., None]
) -> None:
    told: list[Expired] = []
    engine.sweeper.watchers.append(told.extend)
    create("rates", ttl="ttl")
    count = 5 * BATCH + 7
    for n in range(count):
        put(f"{n:04}", 10)
    async with running(engine):
        await clock.asleep_until(NOW + 10)
        clock.advance(10)
        put("later", 1000)
        await clock.asleep_until(NOW + 1000)
    assert sorted(one.key["pk"]["S"] for one in told) == [f"{n:04}" for n in range(count)]


# It sleeps until the first due time that it knows of; an earlier one wakes it, without the clock's help.
async def test_run_wakes_for_an_earlier_item(
    call: Call, create: Call, engine: Engine, clock: WatchedClock, put: Callable[..., None]
) -> None:
    create("rates", ttl="ttl")
    async with running(engine):
        await clock.asleep_until(float("inf"))
        put("late", 1000)
        await clock.asleep_until(NOW + 1000)
        put("early", 10)
        await clock.asleep_until(NOW + 10)
        clock.advance(10)
        await clock.asleep_until(NOW + 1000)
    assert (exists(call, "early"), exists(call, "late")) == (False, True)


# One that is due at once when it is written does not wait for anything.
async def test_run_deletes_what_was_due_when_written(
    call: Call, create: Call, engine: Engine, clock: WatchedClock, put: Callable[..., None]
) -> None:
    told: asyncio.Queue[list[Expired]] = asyncio.Queue()
    engine.sweeper.watchers.append(told.put_nowait)
    create("rates", ttl="ttl")
    async with running(engine):
        await clock.asleep_until(float("inf"))
        put("a", -5)
        async with asyncio.timeout(10):
            [expired] = await told.get()
    assert (expired.due_at, expired.deleted_at) == (NOW - 5, NOW)


async def test_run_wakes_when_ttl_is_switched_on(
    call: Call, create: Call, engine: Engine, clock: WatchedClock, put: Callable[..., None]
) -> None:
    create("rates")
    put("a", 10)
    async with running(engine):
        await clock.asleep_until(float("inf"))
        switch(call, "rates", enabled=True)
        await clock.asleep_until(NOW + 10)


# A step that fails is a bug or a full disk; the loop says so in the log and tries again.
async def test_run_survives_a_failing_step(
    create: Call, engine: Engine, clock: WatchedClock, put: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    create("rates", ttl="ttl")
    put("a", 10)

    def fail(*_: object, **__: object) -> None:
        raise StorageClosed("not now")

    with monkeypatch.context() as patched:
        patched.setattr(engine.store, "submit_from_loop", fail)
        async with running(engine):
            await clock.asleep_until(NOW + RETRY_S)
            patched.undo()
            clock.advance(RETRY_S)
            await clock.asleep_until(NOW + 10)


# The clock was wrong for a moment: what counts is the time at which the sweep looks.
async def test_a_jump_that_was_undone_deletes_nothing(
    call: Call, create: Call, engine: Engine, clock: WatchedClock, put: Callable[..., None]
) -> None:
    create("rates", ttl="ttl")
    put("a", 10)
    async with running(engine):
        await clock.asleep_until(NOW + 10)
        clock.jump(3600)
        clock.jump(-3600)
        await clock.asleep_until(NOW + 10)
        assert exists(call, "a")


async def test_a_clock_that_is_put_back_stops_nothing(
    call: Call, create: Call, engine: Engine, clock: WatchedClock, put: Callable[..., None]
) -> None:
    told: asyncio.Queue[list[Expired]] = asyncio.Queue()
    engine.sweeper.watchers.append(told.put_nowait)
    create("rates", ttl="ttl")
    put("a", 10)
    async with running(engine):
        await clock.asleep_until(NOW + 10)
        clock.jump(-1000)
        put("b", -900)  # due 100 s from now, by the clock as it is
        await clock.asleep_until(NOW - 900)
        for key, seconds in (("b", 100), ("a", 910)):
            clock.advance(seconds)
            async with asyncio.timeout(10):
                assert [one.key for one in await told.get()] == [{"pk": {"S": key}}]


# The disk is full for a while: the deletion is tried again, after longer and longer pauses.
async def test_a_full_disk_is_waited_for(
    call: Call, create: Call, engine: Engine, clock: WatchedClock, put: Callable[..., None], monkeypatch: Any
) -> None:
    create("rates", ttl="ttl")
    put("a", 10)
    async with running(engine):
        await clock.asleep_until(NOW + 10)
        with monkeypatch.context() as full:
            tries = []

            def refuse(*_: object) -> None:
                tries.append(clock.now())
                raise OSError("No space left on device")

            full.setattr(engine.store, "_write", refuse)
            clock.advance(10)
            for pause_s in (1, 2, 4, 8, 8):
                await clock.asleep_until(clock.now() + pause_s)
                clock.advance(pause_s)
            await clock.asleep_until(clock.now() + 8)
        assert [round(moment - NOW) for moment in tries] == [10, 11, 13, 17, 25, 33]
        assert exists(call, "a")
        clock.advance(8)
        await clock.asleep_until(float("inf"))
        assert not exists(call, "a")
        assert engine.sweeper.stats.deleted == 1
