"""Many who wait for one value that is not there: how often it is loaded, and how long they wait beyond its loading.

Only the standard library, for it runs in the peers' environment, too.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter, sleep
from typing import Any

from benchmarks.cache.values import load


@dataclass(frozen=True, slots=True)
class Waited:
    """One miss.

    Attributes:
        loads: how often the loader ran.
        beyond_ms: from the moment at which all may go until the last one has the value, less the loader's own time.
    """

    loads: int
    beyond_ms: float


class SlowLoader:
    """Loads a key after a while, and counts; for threads and for tasks."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.loads = 0
        self._lock = threading.Lock()

    def __call__(self, key: str) -> Any:
        with self._lock:
            self.loads += 1
        sleep(self.seconds)
        return load(key)

    async def aload(self, key: str) -> Any:
        """The same on an event loop."""
        self.loads += 1
        await asyncio.sleep(self.seconds)
        return load(key)


def wait_in_threads(call: Callable[[str], Any], key: str, loader: SlowLoader, count: int) -> Waited:
    """So many threads call at once.

    Raises:
        RuntimeError: one of them got something else than the value.
    """
    gate = threading.Barrier(count + 1)
    got: list[tuple[float, Any]] = []

    def ask() -> None:
        gate.wait()
        value = call(key)
        got.append((perf_counter(), value))

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    before = loader.loads
    gate.wait()
    began = perf_counter()
    for thread in threads:
        thread.join()
    return _waited(began, got, key, loader, before, count)


async def wait_in_tasks(call: Callable[[str], Awaitable[Any]], key: str, loader: SlowLoader, count: int) -> Waited:
    """So many tasks of one event loop call at once.

    Raises:
        RuntimeError: one of them got something else than the value.
    """
    got: list[tuple[float, Any]] = []

    async def ask() -> None:
        value = await call(key)
        got.append((perf_counter(), value))

    before = loader.loads
    began = perf_counter()
    await asyncio.gather(*(ask() for _ in range(count)))
    return _waited(began, got, key, loader, before, count)


def _waited(
    began: float, got: list[tuple[float, Any]], key: str, loader: SlowLoader, before: int, count: int
) -> Waited:
    expected = load(key)
    if len(got) != count or any(value != expected for _, value in got):
        raise RuntimeError(f"of {count} who waited for {key}, {len(got)} got something, and not all the value")
    last = max(moment for moment, _ in got)
    return Waited(loader.loads - before, (last - began - loader.seconds) * 1000)
