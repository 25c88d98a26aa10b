"""The loop of work beside the requests: it sleeps, is woken, ends, and goes on after failures without haste."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from everwarm.clock import ManualClock
from everwarm.dynamodb.storage.background import LONGEST_RETRY_S, RETRY_S, Background

NOW = 1_700_000_000.0


class Steps:
    """Steps that a test can wait for; each returns, or raises, the next of what is to come of them."""

    def __init__(self, *outcomes: float | Exception) -> None:
        self.outcomes = list(outcomes)
        self.done: asyncio.Queue[float] = asyncio.Queue()
        self.clock = ManualClock(NOW)
        self.background = Background(self.clock, "test")

    async def step(self) -> float:
        self.done.put_nowait(self.clock.now())
        outcome = self.outcomes.pop(0) if self.outcomes else math.inf
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def next_at(self) -> float:
        async with asyncio.timeout(10):
            return await self.done.get()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.background.run(self.step, stop))
        try:
            yield
        finally:
            stop.set()
            async with asyncio.timeout(10):
                await task


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_step_says_when_the_next_is_due() -> None:
    steps = Steps(NOW + 60, 0.0, math.inf)
    async with steps.running():
        assert await steps.next_at() == NOW
        await settled()
        assert steps.done.empty()
        steps.clock.advance(60)
        assert [await steps.next_at(), await steps.next_at()] == [NOW + 60, NOW + 60]


async def test_it_sleeps_until_it_is_woken() -> None:
    steps = Steps()
    async with steps.running():
        await steps.next_at()
        await settled()
        assert steps.done.empty()
        await asyncio.to_thread(steps.background.wake)
        await steps.next_at()


# Each pause is twice as long as the one before; after a step that went well the first is short again.
async def test_failures_are_tried_again_without_haste() -> None:
    failures = [OSError("no room on the disk") for _ in range(7)]
    steps = Steps(*failures, NOW, OSError("again"))
    expected = [RETRY_S * 2**n for n in range(4)] + [LONGEST_RETRY_S] * 3
    assert expected[-4:] == [LONGEST_RETRY_S] * 4
    async with steps.running():
        await steps.next_at()
        for pause_s in expected:
            await settled()
            steps.clock.advance(pause_s - 0.001)
            await settled()
            assert steps.done.empty()
            steps.clock.advance(0.001)
            await steps.next_at()
        await steps.next_at()
        await settled()
        steps.clock.advance(RETRY_S)
        await steps.next_at()


async def test_it_ends_in_the_middle_of_a_pause() -> None:
    steps = Steps(OSError("no room on the disk"))
    async with steps.running():
        await steps.next_at()
        await settled()


def test_nobody_is_woken_before_it_runs() -> None:
    Steps().background.wake()
