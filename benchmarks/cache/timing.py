"""The clock that is held to everybody's calls. Only the standard library, for it runs in the peers' environment, too.

A call may take less than reading the clock twice. So how long one takes is worked out from blocks of calls; percentiles
come from calls that were timed one by one, and are too high by what the clock costs, some 0.1 µs, for everybody alike.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import median
from time import perf_counter_ns
from typing import Any

BLOCK = 100


@dataclass(frozen=True, slots=True)
class Calls:
    """What many calls took, in microseconds each.

    Attributes:
        per_call_us: the median of blocks.
        p50_us, p99_us: of single calls.
    """

    per_call_us: float
    p50_us: float
    p99_us: float


def time_calls(call: Callable[[str], Any], keys: Sequence[str], seconds: float) -> Calls:
    """Call with one key after the other: half of the time in blocks, half one by one."""
    turns = cycle([keys[first : first + BLOCK] for first in range(0, len(keys), BLOCK)])
    blocks: list[int] = []
    until = perf_counter_ns() + int(seconds / 2 * 1e9)
    while perf_counter_ns() < until:
        block = next(turns)
        began = perf_counter_ns()
        for key in block:
            call(key)
        blocks.append(perf_counter_ns() - began)
    single: list[int] = []
    until = perf_counter_ns() + int(seconds / 2 * 1e9)
    while perf_counter_ns() < until:
        for key in next(turns):
            began = perf_counter_ns()
            call(key)
            single.append(perf_counter_ns() - began)
    return _calls(blocks, single)


async def time_awaited(call: Callable[[str], Awaitable[Any]], keys: Sequence[str], seconds: float) -> Calls:
    """As `time_calls`, on an event loop, one call after the other."""
    turns = cycle([keys[first : first + BLOCK] for first in range(0, len(keys), BLOCK)])
    blocks: list[int] = []
    until = perf_counter_ns() + int(seconds / 2 * 1e9)
    while perf_counter_ns() < until:
        block = next(turns)
        began = perf_counter_ns()
        for key in block:
            await call(key)
        blocks.append(perf_counter_ns() - began)
    single: list[int] = []
    until = perf_counter_ns() + int(seconds / 2 * 1e9)
    while perf_counter_ns() < until:
        for key in next(turns):
            began = perf_counter_ns()
            await call(key)
            single.append(perf_counter_ns() - began)
    return _calls(blocks, single)


def percentile(ordered: Sequence[float], share: float) -> float:
    """Of sorted figures: the one that so large a share of them does not exceed."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _calls(blocks: list[int], single: list[int]) -> Calls:
    single.sort()
    return Calls(
        per_call_us=median(blocks) / BLOCK / 1000,
        p50_us=percentile(single, 0.5) / 1000,
        p99_us=percentile(single, 0.99) / 1000,
    )
