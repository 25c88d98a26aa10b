"""python -m benchmarks.triggers: how late expirations reach a function, and how many a second; beside others.

One measurement after the other, each on a fresh server, so that none has another's load.
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.triggers import everwarm_up, ministack_peer, redis_peer
from benchmarks.triggers.everwarm_up import Tick
from benchmarks.triggers.figures import Figures
from benchmarks.triggers.report import table

KINDS = ("lateness", "drain", "latency", "away")
SERVERS = ("everwarm", "redis", "ministack")

Measure = Callable[[Path, Tick], Figures]


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.triggers", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of all counts and times: 0.1 is a quick look (1)")
    parser.add_argument("--dir", type=Path, help="where data is kept meanwhile (the system's tmp)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there, too")
    parser.add_argument("--only", action="append", choices=KINDS, help="this measurement; can be given again (all)")
    parser.add_argument("--server", action="append", choices=SERVERS, help="this server; can be given again (all)")
    given = parser.parse_args()
    console = Console()
    measurements = _measurements(given.scale)
    for name, there in (("redis", redis_peer.is_there()), ("ministack", ministack_peer.is_there())):
        if not there:
            console.print(f"{name} is not installed and left out; see benchmarks/triggers/README.md")
            measurements = {key: measure for key, measure in measurements.items() if key[1] != name}
    kinds, servers = given.only or KINDS, given.server or SERVERS
    measurements = {key: measure for key, measure in measurements.items() if key[0] in kinds and key[1] in servers}
    figures: dict[tuple[str, str], Figures] = {}
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} put"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        for (what, server), measure in measurements.items():
            task = progress.add_task(f"{what}, {server}", total=None)
            with tempfile.TemporaryDirectory(prefix="everwarm-bench-", dir=given.dir) as directory:
                figures[what, server] = measure(Path(directory), lambda n, task=task: progress.advance(task, n))  # type: ignore[misc]
            progress.remove_task(task)
    console.print(table(figures))
    if given.json:
        lines = [{"what": what, "server": server, **asdict(found)} for (what, server), found in figures.items()]
        given.json.write_bytes(orjson.dumps(lines, option=orjson.OPT_INDENT_2))


def _measurements(scale: float) -> dict[tuple[str, str], Measure]:
    spread, at_once, puts = int(10_000 * scale), int(100_000 * scale), int(1000 * scale)
    over_s = 30 * scale
    return {
        ("lateness", "everwarm"): lambda path, tick: everwarm_up.lateness(path, spread, over_s, tick),
        ("lateness", "redis"): lambda path, tick: redis_peer.lateness(path, spread, over_s, tick),
        ("lateness", "ministack"): lambda path, tick: ministack_peer.lateness(path, spread // 10, over_s, tick),
        ("drain", "everwarm"): lambda path, tick: everwarm_up.drain(path, at_once, tick),
        ("drain", "redis"): lambda path, tick: redis_peer.drain(path, at_once, tick),
        ("drain", "ministack"): lambda path, tick: ministack_peer.drain(path, at_once // 10, tick),
        ("latency", "everwarm"): lambda path, tick: everwarm_up.latency(path, puts, 0.01, tick),
        ("away", "everwarm"): lambda path, tick: everwarm_up.away(path, spread, 10, 3, tick),
        ("away", "redis"): lambda path, tick: redis_peer.away(path, spread, 10, 3, tick),
    }


if __name__ == "__main__":
    main()
