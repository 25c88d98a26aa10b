"""The client: sends prepared bytes over kept-alive connections, one request under way on each, and times the answers.

A real HTTP client costs more than the server it would measure; this one finds the end of an answer and its status, and
that is all.
"""

import asyncio
import re
from dataclasses import dataclass, field
from typing import cast

from benchmarks.engine.workload import Workload
from everwarm.clock import monotonic

MAX_REQUESTS = 500_000
STALLED_S = 10.0

_OK = b"HTTP/1.1 200 "
_LENGTH = re.compile(rb"\r\ncontent-length: ([0-9]+)\r\n", re.IGNORECASE)


class BadAnswer(Exception):
    """The server answered something else than it was asked, or hung up."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run gave."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float


@dataclass(slots=True)
class _Run:
    """What the connections of a run share. Moments are of `monotonic()`."""

    workload: Workload
    counted_from: float
    until: float
    finished: asyncio.Future[None]
    open_connections: int
    latencies_s: list[float] = field(default_factory=list)
    last_answer: float = 0.0

    def fail(self, problem: str) -> None:
        if not self.finished.done():
            self.finished.set_exception(BadAnswer(problem))


async def measure(
    host: str, port: int, workload: Workload, connections: int, warm_up_s: float, for_s: float
) -> Figures:
    """Ask for `warm_up_s`, then count what is asked in the `for_s` after it, `MAX_REQUESTS` at the most.

    Raises:
        BadAnswer: any answer that is not as it should be, the warm-up's included.
    """
    loop = asyncio.get_running_loop()
    counted_from = monotonic() + warm_up_s
    run = _Run(workload, counted_from, counted_from + for_s, loop.create_future(), connections)
    opened = [await loop.create_connection(lambda: _Connection(run), host, port) for _ in range(connections)]
    try:
        async with asyncio.timeout(warm_up_s + for_s + STALLED_S):
            await run.finished
    finally:
        for transport, _ in opened:
            transport.close()
    latencies_s = sorted(run.latencies_s)
    return Figures(
        requests_per_s=len(latencies_s) / (run.last_answer - run.counted_from),
        p50_ms=latencies_s[len(latencies_s) // 2] * 1000,
        p99_ms=latencies_s[len(latencies_s) * 99 // 100] * 1000,
    )


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self._run = run
        self._received = b""
        self._asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are not derived from it
        self._ask(monotonic())

    def data_received(self, data: bytes) -> None:
        answer = self._received + data
        head_bytes = answer.find(b"\r\n\r\n") + 4
        length = _LENGTH.search(answer, 0, head_bytes) if head_bytes > 3 else None
        if length is None or len(answer) < head_bytes + int(length[1]):
            self._received = answer
            return
        self._received = b""
        run = self._run
        if not answer.startswith(_OK) or len(answer) < head_bytes + run.workload.least_body_bytes:
            run.fail(f"{run.workload.name} was answered by {answer[:400]!r}")
            return
        now = monotonic()
        if self._asked_at >= run.counted_from:
            run.latencies_s.append(now - self._asked_at)
            run.last_answer = now
        if now < run.until and len(run.latencies_s) < MAX_REQUESTS:
            self._ask(now)
            return
        run.open_connections -= 1
        if not run.open_connections and not run.finished.done():
            run.finished.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.fail(f"{self._run.workload.name}: the server hung up ({exc})")

    def _ask(self, now: float) -> None:
        self._asked_at = now
        self._transport.write(self._run.workload.next_request())
