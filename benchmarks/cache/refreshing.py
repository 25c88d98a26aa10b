"""Many keys that refresh once a minute, in one process, embedded, on the real clock: in time, and at what price?

The process is one of its own, on any core. Nobody else is measured: no peer refreshes what nobody reads.
"""

import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import process_time, sleep
from typing import Any

from rich.table import Table

from benchmarks.cache.processes import environ
from benchmarks.cache.timing import percentile
from benchmarks.cache.values import KEYS, Kind, value
from everwarm import Cache
from everwarm.cache.events import Event
from everwarm.clock import monotonic

LOADERS = 8
LOOK_S = 0.002


def measure(directory: Path, keys: int, stretch_s: float) -> dict[str, Any]:
    """Run it in a process of its own."""
    command = [sys.executable, "-m", __name__, str(directory), str(keys), str(stretch_s)]
    ran = subprocess.run(command, env=environ(), stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


def table(found: dict[str, Any]) -> Table:
    """The answer for the terminal."""
    made = Table(title="keys that refresh each minute, embedded", title_justify="left", box=None, pad_edge=False)
    for name in ("keys", "seconds", "refreshes", "missing", "of the processor", "late p50 ms", "p99 ms", "max ms"):
        made.add_column(name, justify="right")
    made.add_row(
        f"{found['keys']:,}",
        f"{found['seconds']:.0f}",
        f"{found['refreshes']:,}",
        f"{found['missing']:,} of {found['looked']:,} looks",
        f"{found['cpu_share']:.0%}",
        f"{found['late_p50_ms']:,.1f}",
        f"{found['late_p99_ms']:,.1f}",
        f"{found['late_max_ms']:,.1f}",
    )
    return made


class Watched:
    """Notes how late each refresh begins, as the cache tells it."""

    def __init__(self) -> None:
        self.late_s: list[float] = []

    def __call__(self, event: Event) -> None:
        if event.lateness_s is not None:
            self.late_s.append(event.lateness_s)


def load(key: str) -> Any:
    """The loader; it takes no time."""
    return value(Kind.RATES, int(key) % KEYS)


def run(directory: Path, count: int, stretch_s: float) -> dict[str, Any]:
    """Fill the cache, let a while pass, and look all the while whether everything is there."""
    watched = Watched()
    cache = Cache("bench", refresh="1m", keep="1d", directory=directory, on_event=watched)
    cache.loader(load)
    keys = [str(number) for number in range(count)]
    began = monotonic()
    with cache:
        with ThreadPoolExecutor(LOADERS) as pool:
            list(pool.map(cache.get, keys))
        filled_s = monotonic() - began
        looked = missing = 0
        chance = random.Random(1)
        watched.late_s.clear()
        began, used = monotonic(), process_time()
        while monotonic() < began + stretch_s:
            key = chance.choice(keys)
            looked += 1
            missing += cache.peek(key) is None
            sleep(LOOK_S)
        seconds, used = monotonic() - began, process_time() - used
        late_ms = sorted(late * 1000 for late in watched.late_s)
    return {
        "keys": count,
        "seconds": seconds,
        "filled_s": filled_s,
        "refreshes": len(late_ms),
        "looked": looked,
        "missing": missing,
        "cpu_share": used / seconds,
        "late_p50_ms": percentile(late_ms, 0.5),
        "late_p99_ms": percentile(late_ms, 0.99),
        "late_max_ms": late_ms[-1],
        "cores": os.cpu_count(),
    }


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
