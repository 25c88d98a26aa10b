"""python -m benchmarks.soak: refreshes at a steady rate, and every few seconds a look at memory, files and lag.

Every key expires once a period; the function puts it back. Stream records live for two minutes instead of 24 hours, so
that the run is many of their lives long.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import psutil
from rich.console import Console
from rich.progress import Progress

from benchmarks.soak.samples import Sample, take
from benchmarks.triggers.everwarm_up import connect
from everwarm.clock import monotonic

TABLE = "cache"
BATCH = 25


def main() -> None:
    """Parse the arguments, run, print; exit with 1 if something has grown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (30)")
    parser.add_argument("--rate", type=int, default=2000, help="refreshes a second (2000)")
    parser.add_argument("--period", type=float, default=10.0, help="seconds until a key expires again (10)")
    parser.add_argument("--retention", type=float, default=120.0, help="seconds that stream records live (120)")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two looks (5)")
    parser.add_argument("--dir", type=Path, help="where data is kept meanwhile (the system's tmp)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples there, for benchmarks.soak.plot")
    given = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="everwarm-soak-", dir=given.dir) as directory:
        samples = _run(given, Path(directory) / "data", console)
    if given.json:
        given.json.write_bytes(orjson.dumps([asdict(sample) for sample in samples]))
    sys.exit(_report(samples, given.retention, console))


def _run(given: argparse.Namespace, data: Path, console: Console) -> list[Sample]:
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.soak.server", str(data), str(given.retention)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PERIOD_S": str(given.period)},
    )
    try:
        assert server.stdout is not None
        endpoint = server.stdout.readline().strip()
        if not endpoint:
            raise RuntimeError("the stack did not start; see above")
        _fill(connect("dynamodb", endpoint), int(given.rate * given.period), given.period)
        return _watch(given, endpoint, psutil.Process(server.pid), data, console)
    finally:
        server.communicate(timeout=60)


def _watch(
    given: argparse.Namespace, endpoint: str, server: psutil.Process, data: Path, console: Console
) -> list[Sample]:
    samples: list[Sample] = []
    began, length_s = monotonic(), given.minutes * 60
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("", total=length_s)
        while (at_s := monotonic() - began) < length_s:
            samples.append(last := take(at_s, endpoint, server, data))
            shown = f"{last.done:,} refreshed, {last.server_mib:.0f} MiB, files {last.files_mib:.0f} MiB"
            progress.update(task, completed=at_s, description=f"{shown}, lag {last.lag_s:.0f} s")
            time.sleep(given.every)
    return samples


def _report(samples: Sequence[Sample], retention_s: float, console: Console) -> int:
    # The first part fills caches, and the stream's first lives. From then on nothing may grow.
    settled = [sample for sample in samples if sample.at_s >= max(2 * retention_s, samples[-1].at_s / 4)]
    first, last = settled[: len(settled) // 3], settled[-len(settled) // 3 :]
    grown = False
    for what in ("server_mib", "workers_mib", "files_mib", "lag_s"):
        before, after = _middle(first, what), _middle(last, what)
        # A tenth and a little: files swing by what RocksDB is just about to compact.
        grows = after > before * 1.1 + (2 if what == "lag_s" else 20)
        grown = grown or grows
        console.print(f"{what:12} {before:8.1f} -> {after:8.1f}{'  GROWS' if grows else ''}", highlight=False)
    done, over_s = settled[-1].done - settled[0].done, settled[-1].at_s - settled[0].at_s
    late, expired = samples[-1].late, samples[-1].expired
    console.print(f"refreshes    {done / over_s:8,.0f} /s; {samples[-1].done:,} in all", highlight=False)
    for bound in ("0.025", "0.1", "1.0"):
        console.print(f"deleted within {bound} s: {late[bound] / expired:.2%}", highlight=False)
    return int(grown)


def _middle(samples: Sequence[Sample], what: str) -> float:
    values = sorted(getattr(sample, what) for sample in samples)
    middle: float = values[len(values) // 2]
    return middle


def _fill(dynamodb: Any, keys: int, period_s: float) -> None:
    begin = time.time() + 5 + keys / 2500
    for first in range(0, keys, BATCH):
        puts = [{"PutRequest": {"Item": _item(n, begin + n * period_s / keys)}} for n in range(first, first + BATCH)]
        dynamodb.batch_write_item(RequestItems={TABLE: puts})


def _item(n: int, due: float) -> dict[str, Any]:
    return {"id": {"S": f"key-{n}"}, "due": {"N": f"{due:.3f}"}, "generation": {"N": "0"}}


if __name__ == "__main__":
    main()
