"""Many keys that refresh once a minute, in one process, embedded, on the real clock: in time, and at what price?

They are loaded one after the other over one such minute, so that from then on as many are due in each second.
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


def measure(directory: Path, keys: int, period_s: float) -> dict[str, Any]:
    """Run it in a process of its own, for two periods."""
    command = [sys.executable, "-m", __name__, str(directory), str(keys), str(period_s)]
    ran = subprocess.run(command, env=environ(), stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def table(found: dict[str, Any]) -> Table:
    """The answer for the terminal."""
    made = Table(title="keys that refresh, embedded", title_justify="left", box=None, pad_edge=False)
    for name in ("keys", "each", "refreshes", "missing", "of the processor", "late p50 ms", "p99 ms", "max ms"):
        made.add_column(name, justify="right")
    made.add_row(
        f"{found['keys']:,}",
        f"{found['period_s']:g} s",
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


def run(directory: Path, count: int, period_s: float) -> dict[str, Any]:
    """Fill the cache in one period, and look all through the next one whether everything is there."""
    watched = Watched()
    cache = Cache("bench", refresh=f"{period_s:g}s", keep="1d", directory=directory, on_event=watched)
    cache.loader(load)
    keys = [str(number) for number in range(count)]
    with cache:
        began = monotonic()
        with ThreadPoolExecutor(LOADERS) as pool:
            for number, key in enumerate(keys):
                sleep(max(0.0, began + period_s * number / count - monotonic()))
                pool.submit(cache.get, key)
        looked = missing = 0
        chance = random.Random(1)
        watched.late_s.clear()
        began, used = monotonic(), process_time()
        while monotonic() < began + period_s:
            key = chance.choice(keys)
            looked += 1
            missing += cache.peek(key) is None
            sleep(LOOK_S)
        seconds, used = monotonic() - began, process_time() - used
        late_ms = sorted(late * 1000 for late in watched.late_s)
    return {
        "keys": count,
        "period_s": period_s,
        "seconds": seconds,
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
