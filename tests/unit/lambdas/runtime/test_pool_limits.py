"""How many calls and processes there may be at a time, and for how long."""

import asyncio
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from everwarm.clock import ManualClock, monotonic
from everwarm.errors import Throttled
from everwarm.lambdas.functions import Function
from everwarm.lambdas.runtime import pool as pools
from everwarm.lambdas.runtime.machine import Machine
from everwarm.lambdas.runtime.pool import FunctionPool

PoolOf = Callable[..., FunctionPool]

# Runs until the file is there that its event names.
WAITING = """
    import os, pathlib, time
    def handler(event, context):
        pathlib.Path(f"{event}.begun").touch()
        while not pathlib.Path(event).exists():
            time.sleep(0.005)
        return os.getpid()
"""

PID = "import os\ndef handler(event, context): return os.getpid()"


async def begun(path: Path, event: str) -> None:
    async with asyncio.timeout(10):
        while not (path / f"{event}.begun").exists():
            await asyncio.sleep(0.005)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_direct_call_past_the_reserved_concurrency_is_throttled(pool_of: PoolOf, tmp_path: Path) -> None:
    pool = pool_of(WAITING, reserved_concurrency=1, timeout_s=30)
    first = asyncio.create_task(pool.invoke(b'"a"', wait=False))
    await begun(tmp_path, "a")
    with pytest.raises(Throttled) as refused:
        await pool.invoke(b'"b"', wait=False)
    assert refused.value.reason == "ReservedFunctionConcurrentInvocationLimitExceeded"
    second = asyncio.create_task(pool.invoke(b'"a"'))  # as a mapping does
    await until(lambda: pool.calls_waiting == 1)
    (tmp_path / "a").touch()
    assert (await first).function_error is (await second).function_error is None
    assert (pool.counters.throttles, pool.counters.invocations) == (1, 2)


async def test_without_reserved_concurrency_a_direct_call_waits(
    pool_of: PoolOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "MOST_WAITING", 1)
    pool = pool_of(WAITING, concurrency=1, timeout_s=30)
    calls = [asyncio.create_task(pool.invoke(b'"a"', wait=False)) for _ in range(2)]
    await begun(tmp_path, "a")
    with pytest.raises(Throttled) as refused:
        await pool.invoke(b'"a"', wait=False)
    assert refused.value.reason == "ConcurrentInvocationLimitExceeded"
    (tmp_path / "a").touch()
    assert [reply.function_error for reply in await asyncio.gather(*calls)] == [None, None]


async def test_what_waits_is_bounded_in_bytes(pool_of: PoolOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "MOST_WAITING_BYTES", 100)
    pool = pool_of(WAITING, concurrency=1, timeout_s=30)
    calls = [asyncio.create_task(pool.invoke(b'"a"', wait=False))]
    await begun(tmp_path, "a")
    calls.append(asyncio.create_task(pool.invoke(b'"a"' + b" " * 80, wait=False)))
    await until(lambda: pool.calls_waiting == 1)
    with pytest.raises(Throttled):
        await pool.invoke(b'"a"' + b" " * 80, wait=False)
    (tmp_path / "a").touch()
    assert [reply.function_error for reply in await asyncio.gather(*calls)] == [None, None]


@pytest.mark.parametrize("wait", [True, False])
async def test_a_reserved_concurrency_of_0_throttles_everything(pool_of: PoolOf, wait: bool) -> None:
    pool = pool_of(PID, reserved_concurrency=0)
    with pytest.raises(Throttled, match="reserved concurrency"):
        await pool.invoke(b"1", wait=wait)


async def test_a_reserved_concurrency_that_becomes_0_throttles_those_who_wait(pool_of: PoolOf, tmp_path: Path) -> None:
    pool = pool_of(WAITING, reserved_concurrency=1, timeout_s=30)
    first = asyncio.create_task(pool.invoke(b'"a"'))
    await begun(tmp_path, "a")
    second = asyncio.create_task(pool.invoke(b'"a"'))
    await until(lambda: pool.calls_waiting == 1)
    await pool.replace(dataclasses.replace(pool.function, reserved_concurrency=0))
    with pytest.raises(Throttled):
        await second
    (tmp_path / "a").touch()
    assert (await first).function_error is None


async def test_another_reserved_concurrency_costs_no_worker(pool_of: PoolOf) -> None:
    pool = pool_of(PID)
    first = (await pool.invoke(b"1")).payload
    await pool.replace(dataclasses.replace(pool.function, reserved_concurrency=1))
    assert (await pool.invoke(b"1")).payload == first
    await pool.replace(pool.function)  # as after a change of code
    assert (await pool.invoke(b"1")).payload != first


async def test_an_idle_worker_is_retired_after_five_minutes(function_of: Callable[..., Function]) -> None:
    clock = ManualClock()
    machine = Machine(clock)
    pool = FunctionPool(function_of(PID), endpoint_url="http://127.0.0.1:1", log=lambda *_: None, machine=machine)
    first = (await pool.invoke(b"1")).payload
    clock.advance(290)
    assert (await pool.invoke(b"1")).payload == first
    clock.advance(290)
    assert (await pool.invoke(b"1")).payload == first
    clock.jump(-3600)  # somebody puts the clock back: no time passes by that
    clock.advance(300)
    await until(lambda: pool.workers_alive == 0)
    assert (await pool.invoke(b"1")).payload != first
    await pool.stop()
    await machine.stop()


async def test_processes_are_bounded_over_all_functions(function_of: Callable[..., Function]) -> None:
    machine = Machine(processes=2)
    function = function_of("import os, time\ndef handler(event, context): time.sleep(event)\n")
    those = [
        FunctionPool(function, endpoint_url="http://127.0.0.1:1", log=lambda *_: None, machine=machine)
        for _ in range(3)
    ]
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, sum(pool.workers_alive for pool in those))
            await asyncio.sleep(0.002)

    watching = asyncio.create_task(watch())
    replies = await asyncio.gather(*(pool.invoke(b"0.02") for pool in those for _ in range(3)))
    watching.cancel()
    assert [reply.function_error for reply in replies] == [None] * 9
    assert most == 2
    await asyncio.gather(*(pool.stop() for pool in those))
    assert machine.room.taken == 0
    await machine.stop()


# Whoever calls a broken function in a loop must not keep the machine busy with starting processes.
async def test_starts_that_fail_again_and_again_become_rare(pool_of: PoolOf, tmp_path: Path) -> None:
    pool = pool_of("open('starts', 'a').write('x')\nimport nowhere")
    until_s = monotonic() + 1.5
    while monotonic() < until_s:
        reply = await pool.invoke(b"1", wait=False)
        assert json.loads(reply.payload)["errorType"] == "Runtime.ImportModuleError"
    # At 0, 0, 50, 150, 350, 750 and 1,550 ms, were a start to take no time.
    assert 2 <= len((tmp_path / "starts").read_text()) <= 7


async def test_new_code_is_tried_at_once(pool_of: PoolOf, function_of: Callable[..., Function]) -> None:
    pool = pool_of("import nowhere")
    for _ in range(4):
        await pool.invoke(b"1")
    await pool.replace(function_of("def handler(event, context): return 1"))
    started = monotonic()
    assert (await pool.invoke(b"1")).payload == b"1"
    assert monotonic() - started < 5


async def test_a_pool_that_is_stopped_starts_nobody_who_waits(pool_of: PoolOf, tmp_path: Path) -> None:
    pool = pool_of(WAITING, concurrency=1, timeout_s=30)
    calls = [asyncio.create_task(pool.invoke(b'"a"')) for _ in range(3)]
    await begun(tmp_path, "a")
    await pool.stop()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(result).__name__ for result in results] == ["Reply", "FunctionError", "FunctionError"]
    assert pool.workers_alive == 0
