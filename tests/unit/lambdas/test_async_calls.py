"""When a call that nobody waits for is tried again, and when it is given up."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.storage.layout import INVOCATION
from everwarm.dynamodb.storage.store import Store
from everwarm.lambdas.async_calls import AsyncCall, AsyncCalls
from everwarm.lambdas.async_outcomes import Outcomes
from everwarm.lambdas.failures.endpoints import Endpoints
from everwarm.lambdas.functions import Function
from everwarm.lambdas.registry.deployed import Deployed
from everwarm.lambdas.registry.functions import Functions
from everwarm.lambdas.registry.records import Records
from everwarm.lambdas.runtime.replies import UNHANDLED, Reply

CALL = AsyncCall("f", b"{}", "id", taken_s=1000.0, due_s=1000.0)


def test_retries_come_after_one_and_two_minutes() -> None:
    once = CALL.after_function_error(2000.0)
    assert (once.attempts, once.due_s) == (1, 2060.0)
    twice = once.after_function_error(3000.0)
    assert (twice.attempts, twice.due_s) == (2, 3120.0)


@pytest.mark.parametrize(
    ("attempts", "settings", "over"),
    [
        (2, {}, None),
        (3, {}, "RetriesExhausted"),
        (1, {"MaximumRetryAttempts": 0}, "RetriesExhausted"),
        (1, {"MaximumRetryAttempts": 1}, None),
    ],
)
def test_retries_come_to_an_end(attempts: int, settings: dict[str, int], over: str | None) -> None:
    call = CALL
    for _ in range(attempts):
        call = call.after_function_error(1000.0)
    assert call.over(settings, 1000.0) == over


def test_what_did_not_reach_the_function_is_tried_ever_more_rarely_and_uses_up_no_retry() -> None:
    call, pauses = CALL, []
    for _ in range(12):
        call = call.after_no_start(0.0)
        pauses.append(call.due_s)
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert call.attempts == 0
    assert call.after_function_error(0.0).after_no_start(0.0).due_s == 1


@pytest.mark.parametrize(
    ("settings", "age_s", "over"),
    [
        ({}, 21_600, None),
        ({}, 21_601, "EventAgeExceeded"),
        ({"MaximumEventAgeInSeconds": 60}, 60, None),
        ({"MaximumEventAgeInSeconds": 60}, 61, "EventAgeExceeded"),
    ],
)
def test_an_event_gets_too_old(settings: dict[str, int], age_s: float, over: str | None) -> None:
    assert CALL.over(settings, 1000.0 + age_s) == over


def test_it_survives_the_disk() -> None:
    call = AsyncCall("f", b'"\xc3\xa9"', "id", 1.5, 2.5, attempts=1, not_started=2, client_context="{}", depth=3)
    assert AsyncCall.from_record(call.to_record()) == call


class Failing(Functions):
    """One function, all of whose calls fail."""

    def __init__(self) -> None:
        self.calls = 0

    def find(self, name: str) -> Deployed:
        return Deployed.from_project(Function(name, "main.handler", Path()), 0.0)

    async def invoke(self, name: str, event: bytes, **_: Any) -> Reply:
        self.calls += 1
        return Reply(b"{}", UNHANDLED, "id")


async def test_a_clock_that_is_put_back_does_not_hold_up_a_retry() -> None:
    clock, store, functions = ManualClock(), Store.open(None), Failing()
    calls = AsyncCalls(
        Records(store, INVOCATION), functions, Outcomes(Endpoints.of(None, {}), clock, "us-east-1"), clock
    )

    async def until_called(times: int) -> None:
        async with asyncio.timeout(10):
            while functions.calls < times:
                await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)  # what is known of the call is on the disk

    await calls.take("f", b"{}", "id")
    await until_called(1)
    clock.jump(-24 * 3600)
    clock.advance(60)
    await until_called(2)
    clock.advance(120)
    await until_called(3)
    await calls.stop()
    store.close()
