"""The limit of memory, in real processes."""

import asyncio
import json
import re
from collections.abc import Callable

import pytest

from everwarm.lambdas.runtime.pool import FunctionPool

MIB = 1024 * 1024

# Children inherit what the parent has, which is memory for both only where one of them writes to it.
GREEDY = """
    import os, time
    def handler(event, context):
        kind, megabytes = event
        if kind == "child":
            if os.fork() == 0:
                kept = bytearray(b"x") * megabytes * 1024 * 1024
                time.sleep(60)
        elif kind == "forks":
            kept = bytearray(b"x") * megabytes * 1024 * 1024
            children = [os.fork() for _ in range(4)]
            time.sleep(0.3 if 0 not in children else 60)
            return len(kept)
        elif kind == "own":
            kept = bytearray(b"x") * megabytes * 1024 * 1024
            time.sleep(60 if megabytes > 200 else 0)
            return len(kept)
        time.sleep(60)
"""


def used_mb(log_tail: bytes) -> int:
    found = re.search(rb"Max Memory Used: (\d+) MB", log_tail)
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("kind", ["own", "child"])
async def test_more_than_the_memory_size(pool_of: Callable[..., FunctionPool], kind: str) -> None:
    pool = pool_of(GREEDY, memory_mb=200, timeout_s=30)
    reply = await pool.invoke(json.dumps([kind, 400]).encode())
    assert reply.function_error == "Unhandled"
    assert json.loads(reply.payload) == {
        "errorType": "Runtime.OutOfMemory",
        "errorMessage": f"RequestId: {reply.request_id} Error: Runtime exited with error: signal: killed",
    }
    assert used_mb(reply.log_tail) == 200
    assert b"\tStatus: error\tError Type: Runtime.OutOfMemory" in reply.log_tail
    # The next call has a process of its own.
    assert (await pool.invoke(b'["own", 20]')).payload == str(20 * MIB).encode()


async def test_what_a_quick_call_has_used_is_reported(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(GREEDY, memory_mb=200)
    assert 100 <= used_mb((await pool.invoke(b'["own", 100]')).log_tail) < 150


# A process that forks has no second copy of its memory.
async def test_what_processes_share_counts_once(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(GREEDY, memory_mb=200, timeout_s=30)
    assert (await pool.invoke(b'["forks", 100]')).payload == str(100 * MIB).encode()


async def test_memory_that_is_taken_while_the_handler_is_loaded(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(
        """
        import time
        kept = bytearray(b"x") * 300 * 1024 * 1024
        time.sleep(60)
        """,
        memory_mb=128,
        timeout_s=30,
    )
    assert json.loads((await pool.invoke(b"{}")).payload)["errorType"] == "Runtime.OutOfMemory"


async def test_two_functions_have_their_own_limits(pool_of: Callable[..., FunctionPool]) -> None:
    greedy, modest = pool_of(GREEDY, memory_mb=150, timeout_s=30), pool_of(GREEDY, memory_mb=500, timeout_s=30)
    replies = await asyncio.gather(greedy.invoke(b'["own", 201]'), modest.invoke(b'["own", 180]'))
    assert [reply.function_error for reply in replies] == ["Unhandled", None]


# No call of it is long enough to be looked at by itself.
async def test_what_quick_calls_leave_behind_counts(pool_of: Callable[..., FunctionPool]) -> None:
    pool = pool_of(
        """
        kept = []
        def handler(event, context):
            if len(kept) < 40:
                kept.append(bytearray(b"x") * 10 * 1024 * 1024)
        """,
        memory_mb=200,
        timeout_s=30,
    )
    async with asyncio.timeout(20):
        while (reply := await pool.invoke(b"{}")).function_error is None:
            pass
    assert json.loads(reply.payload)["errorType"] == "Runtime.OutOfMemory"
