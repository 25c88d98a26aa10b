"""python -m benchmarks.cache: hits, misses with many waiters, and ten thousand keys that refresh; beside others.

Every contestant is asked once a round, so that what else the machine does in the meantime falls on all of them; shown
are the medians of the rounds.
"""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from benchmarks.cache import refreshing, report
from benchmarks.cache.contestants.base import Surroundings
from benchmarks.cache.processes import WorkerProcess, cores, everwarm_up, lacking, redis_up
from benchmarks.cache.roster import ENTRANTS, MEASUREMENTS, REFRESHING

WAITERS = 100
LOAD_S = 0.05
MISSES_A_ROUND = 2

Measured = dict[str, dict[str, list[dict[str, Any]]]]


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cache", description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.6, help="of each contestant in each round (0.6)")
    parser.add_argument("--rounds", type=int, default=5, help="the medians of which are shown (5)")
    parser.add_argument("--keys", type=int, default=10_000, help="that refresh by themselves (10,000)")
    parser.add_argument("--period", type=float, default=60.0, help="how often they do, in seconds (60)")
    parser.add_argument("--quick", action="store_true", help="a quick look: one short round, 1,000 keys each 6 s")
    parser.add_argument("--dir", type=Path, help="where data is kept meanwhile (the system's tmp)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there, too")
    known = (*MEASUREMENTS, REFRESHING)
    parser.add_argument("--only", action="append", choices=known, help="this measurement; can be given again (all)")
    parser.add_argument("--entrant", action="append", choices=ENTRANTS, help="this one; can be given again (all)")
    given = parser.parse_args()
    if given.quick:
        given.seconds, given.rounds, given.period, given.keys = 0.1, 1, 6.0, 1000
    console = Console()
    asked = given.only or known
    entrants = [name for name in given.entrant or ENTRANTS if _there(name, console)]
    measured: Measured = {}
    refreshed: dict[str, Any] | None = None
    with tempfile.TemporaryDirectory(prefix="everwarm-bench-", dir=given.dir) as directory:
        whats = [what for what in MEASUREMENTS if what in asked]
        if whats:
            measured = _measure(whats, entrants, given.rounds, given.seconds, Path(directory), console)
        if REFRESHING in asked:
            with console.status(f"{given.keys:,} keys that refresh each {given.period:g} s, for two such periods"):
                refreshed = refreshing.measure(Path(directory) / REFRESHING, given.keys, given.period)
    for what, rounds in measured.items():
        console.print(report.table(MEASUREMENTS[what], report.lines(MEASUREMENTS[what], rounds)))
        console.print()
    if refreshed is not None:
        console.print(refreshing.table(refreshed))
        console.print()
    for aim in report.aims(measured):
        console.print(f"{aim.text}: {aim.found:.2f}, aim {aim.wanted:g}, {'[green]met' if aim.met else '[red]missed'}")
    if given.json:
        settings = {name: getattr(given, name) for name in ("seconds", "rounds", "period", "keys")}
        given.json.write_bytes(report.json_lines(measured, refreshed, settings))


def _there(name: str, console: Console) -> bool:
    if missing := lacking(ENTRANTS[name]):
        console.print(f"{ENTRANTS[name].title} is left out: it needs {missing}")
    return not missing


def _measure(
    whats: list[str], entrants: list[str], rounds: int, seconds: float, directory: Path, console: Console
) -> Measured:
    cells = [(what, name) for what in whats for name in MEASUREMENTS[what].entrants if name in entrants]
    needed = sorted({name for _, name in cells})
    measured: Measured = {what: defaultdict(list) for what in whats}
    server_core, worker_core = cores()
    with ExitStack() as stack:
        needs_redis = any(ENTRANTS[name].needs_redis for name in needed)
        for place in (*needed, "redis", "up"):
            (directory / place).mkdir()
        port = stack.enter_context(redis_up(directory / "redis", server_core)) if needs_redis else 0
        endpoint = stack.enter_context(everwarm_up(directory / "up", server_core))
        workers = {
            name: stack.enter_context(
                WorkerProcess(ENTRANTS[name], Surroundings(directory / name, port, endpoint), worker_core)
            )
            for name in needed
        }
        progress = stack.enter_context(Progress(console=console, transient=True))
        task = progress.add_task("filling", total=(rounds + 1) * len(cells))
        for number in range(rounds + 1):
            for what, name in cells:
                progress.update(task, description=f"{what}, {name}")
                # The first round fills and warms up, and is not counted.
                answers = list(_ask(workers[name], what, seconds if number else 0.05))
                if number:
                    measured[what][name] += answers
                progress.advance(task)
    return {what: dict(by_name) for what, by_name in measured.items() if by_name}


def _ask(worker: WorkerProcess, what: str, seconds: float) -> Iterable[dict[str, Any]]:
    measurement = MEASUREMENTS[what]
    if measurement.kind is None:
        for _ in range(MISSES_A_ROUND):
            yield worker.ask(measurement.what, count=WAITERS, load_s=LOAD_S)
    else:
        yield worker.ask(measurement.what, kind=measurement.kind, seconds=seconds)


if __name__ == "__main__":
    main()
