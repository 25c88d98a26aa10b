"""What runs in a contestant's process: it sets the contestant up, and then measures what it is told to.

Told on standard input and answered on standard output, a line of JSON each; it ends when its standard input does. Only
the standard library, for it runs in the peers' environment, too.
"""

import asyncio
import importlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.cache.contestants.base import Contestant, Surroundings
from benchmarks.cache.timing import time_awaited, time_calls
from benchmarks.cache.values import Kind, keys_to_ask, load
from benchmarks.cache.waiting import SlowLoader, wait_in_tasks, wait_in_threads


class Worker:
    """One contestant and its calls."""

    def __init__(self, contestant: Contestant, runner: asyncio.Runner) -> None:
        self._contestant = contestant
        self._runner = runner
        self._ready: dict[tuple[str, Kind], Callable[[str], Any]] = {}
        self._misses = 0
        self._loader: SlowLoader | None = None
        self._loading: Callable[[str], Any] | None = None

    def get(self, kind: Kind, seconds: float) -> dict[str, Any]:
        """Time `get`."""
        return self._time("get", kind, self._contestant.reader, seconds)

    def decorated(self, kind: Kind, seconds: float) -> dict[str, Any]:
        """Time a decorated function that has been called with every key before."""
        return self._time("decorated", kind, self._contestant.decorated, seconds)

    def waiters(self, count: int, load_s: float) -> dict[str, Any]:
        """Have many call for one key that nobody has asked for."""
        if self._loader is None or self._loading is None:
            self._loader = SlowLoader(load_s)
            self._loading = self._contestant.loading(self._loader)
        key = f"{Kind.RATES}/{self._misses:04d}"
        self._misses += 1
        if self._contestant.awaits:
            waited = self._runner.run(wait_in_tasks(self._loading, key, self._loader, count))
        else:
            waited = wait_in_threads(self._loading, key, self._loader, count)
        return asdict(waited)

    def _time(self, what: str, kind: Kind, make: Callable[[], Callable[[str], Any]], seconds: float) -> dict[str, Any]:
        keys = keys_to_ask(kind)
        if (what, kind) not in self._ready:
            call = self._ready[what, kind] = make()
            for key in keys:
                if what == "get":
                    self._run(self._contestant.set(key, load(key)))
                else:
                    self._run(call(key))
            self._check(call, keys)
        call = self._ready[what, kind]
        if self._contestant.awaits:
            return asdict(self._runner.run(time_awaited(call, keys, seconds)))
        return asdict(time_calls(call, keys, seconds))

    def _check(self, call: Callable[[str], Any], keys: list[str]) -> None:
        for key in keys:
            found = _plain(self._run(call(key)))
            if found != load(key):
                raise RuntimeError(f"{key}: instead of its value there came {found!r}")

    def _run(self, outcome: Any) -> Any:
        if not self._contestant.awaits:
            return outcome

        async def awaited() -> Any:
            return await outcome

        return self._runner.run(awaited())


def _plain(value: Any) -> Any:
    # boto3's Table gives numbers as Decimal.
    match value:
        case list():
            return [_plain(part) for part in value]
        case dict():
            return {name: _plain(part) for name, part in value.items()}
        case Decimal():
            return float(value)
    return value


def main(name: str, surroundings: Surroundings) -> None:
    """Measure until standard input ends.

    Args:
        name: of the contestant's class, as `module:Class`.
    """
    module, _, kind = name.partition(":")
    made: type[Contestant] = getattr(importlib.import_module(module), kind)
    # What a library prints must not be taken for an answer.
    answers, sys.stdout = sys.stdout, sys.stderr

    async def set_up() -> Contestant:
        return made(surroundings)

    with asyncio.Runner() as runner:
        contestant = runner.run(set_up()) if made.awaits else made(surroundings)
        worker = Worker(contestant, runner)
        print("ready", file=answers, flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            what = asked.pop("what")
            if "kind" in asked:
                asked["kind"] = Kind(asked["kind"])
            print(json.dumps(getattr(worker, what)(**asked)), file=answers, flush=True)
        ended = contestant.close()
        if made.awaits and ended is not None:

            async def awaited() -> None:
                await ended

            runner.run(awaited())


if __name__ == "__main__":
    _, given_name, given_directory, given_port, given_endpoint, given_core = sys.argv
    if given_core and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(given_core)})
    main(given_name, Surroundings(Path(given_directory), int(given_port), given_endpoint))
