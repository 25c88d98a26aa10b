import asyncio

import pytest

from everwarm.clock import ManualClock
from everwarm.errors import InternalServerError, ResourceNotFoundException
from everwarm.lambdas.mappings.patience import until_done
from tests.unit.lambdas.mappings.fake_stream import JumpingClock, settle


class Action:
    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries = 0

    async def __call__(self) -> str:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


# 0.5 + 1 + 2 + 4 + 8 seconds, of which chance takes up to half.
async def test_pauses_grow_from_error_to_error() -> None:
    clock = JumpingClock()
    began = clock.now()
    action = Action(*[ConnectionError("down")] * 5)
    assert await until_done(action, "trying", clock, asyncio.Event()) == "done"
    assert action.tries == 6
    assert 7.75 <= clock.now() - began <= 15.5


# A store that is being closed fails for ever: the worker must still end.
async def test_stop_ends_the_trying() -> None:
    stop = asyncio.Event()
    action = Action(*[InternalServerError("oops")] * 5)
    trying = asyncio.create_task(until_done(action, "trying", ManualClock(), stop))
    await settle()
    stop.set()
    assert await trying is None
    assert action.tries == 1


# No waiting brings a deleted stream back.
async def test_not_found_is_an_answer() -> None:
    with pytest.raises(ResourceNotFoundException):
        await until_done(Action(ResourceNotFoundException("gone")), "trying", ManualClock(), asyncio.Event())


async def test_a_bug_is_not_retried() -> None:
    with pytest.raises(ZeroDivisionError):
        await until_done(Action(ZeroDivisionError()), "trying", ManualClock(), asyncio.Event())
