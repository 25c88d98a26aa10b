"""python -m benchmarks.engine: operations over HTTP, against the same HTTP server answering a fixed body.

Every cell is measured once a round, so that what else the machine does in the meantime falls on all of them; the
medians of the rounds are shown.
"""

import argparse
import os
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import uvloop
from rich.console import Console
from rich.progress import Progress

from benchmarks.engine import workload
from benchmarks.engine.load import Figures, measure
from benchmarks.engine.report import json_line, line, table
from benchmarks.engine.server import Kind, ServerProcess, pin

CONNECTIONS = (1, 32)


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each cell in each round (3)")
    parser.add_argument("--warm-up", type=float, default=0.5, help="seconds before them that are not counted (0.5)")
    parser.add_argument("--rounds", type=int, default=3, help="the medians of which are shown (3)")
    parser.add_argument("--dir", type=Path, help="where the durable engine keeps its data meanwhile (the system's tmp)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there, too, as one line of JSON")
    known = {asked.name: asked for asked in workload.operations()}
    parser.add_argument("--only", choices=known, action="append", help="this operation; can be given again (all)")
    given = parser.parse_args()
    console = Console()
    server_core, client_core = _cores()
    console.print(f"cores: server {_shown(server_core)}, client {_shown(client_core)}")

    measured: dict[tuple[Kind, str, int], list[Figures]] = defaultdict(list)
    cells = _cells([known[name] for name in given.only or known])
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="everwarm-bench-", dir=given.dir)))
        servers = {kind: stack.enter_context(ServerProcess(kind, data / "data", server_core)) for kind in Kind}
        pin(client_core)
        progress = stack.enter_context(Progress(console=console, transient=True))
        task = progress.add_task("measuring", total=given.rounds * len(cells))
        for _ in range(given.rounds):
            for kind, asked, connections in cells:
                server = servers[kind]
                figures = uvloop.run(
                    measure(server.host, server.port, asked, connections, given.warm_up, given.seconds)
                )
                measured[kind, asked.name, connections].append(figures)
                progress.advance(task)

    bare = {connections: rounds for (kind, _, connections), rounds in measured.items() if kind is Kind.BARE}
    lines = [line(*cell, rounds, bare[cell[2]]) for cell, rounds in measured.items()]
    console.print(table(lines))
    if given.json:
        settings = {name: getattr(given, name) for name in ("seconds", "warm_up", "rounds")}
        given.json.write_bytes(json_line(lines, settings))


def _cells(operations: Sequence[workload.Workload]) -> list[tuple[Kind, workload.Workload, int]]:
    return [
        (kind, asked, connections)
        for connections in CONNECTIONS
        for kind in Kind
        for asked in ((workload.fixed(),) if kind is Kind.BARE else operations)
    ]


def _cores() -> tuple[int | None, int | None]:
    """A core for the servers and one for the client; none where there are no two, or no way to choose."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    cores = sorted(os.sched_getaffinity(0))
    return (cores[0], cores[1]) if len(cores) > 1 else (None, None)


def _shown(core: int | None) -> str:
    return "any" if core is None else str(core)


if __name__ == "__main__":
    main()
