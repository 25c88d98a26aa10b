"""What was measured, as a table for people and a line of JSON for programs."""

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from benchmarks.engine.load import Figures
from benchmarks.engine.server import Kind
from rich.table import Table

# Aims for the durable engine, requests/s, and what the bare server gave on the machine that they were set for.
AIMS = {("PutItem", 1): 2_000, ("PutItem", 32): 10_000, ("GetItem", 1): 6_000, ("GetItem", 32): 20_000}
BARE_OF_AIMS = {1: 8_500, 32: 36_600}


@dataclass(frozen=True, slots=True)
class Line:
    """One cell's medians.

    Attributes:
        ratio: requests/s, as a part of the bare server's.
        aim: the ratio that was aimed at, where there is an aim.
    """

    kind: Kind
    workload: str
    connections: int
    figures: Figures
    ratio: float
    aim: float | None


def line(kind: Kind, workload: str, connections: int, figures: Figures, bare: Figures) -> Line:
    """A cell beside the bare server's with as many connections."""
    aim = AIMS.get((workload, connections)) if kind is Kind.DURABLE else None
    return Line(
        kind,
        workload,
        connections,
        figures,
        ratio=figures.requests_per_s / bare.requests_per_s,
        aim=None if aim is None else aim / BARE_OF_AIMS[connections],
    )


def table(lines: Sequence[Line]) -> Table:
    """The table for the terminal."""
    made = Table(title="1 KB items over HTTP, medians")
    made.add_column("")
    for column in ("connections", "requests/s", "p50 ms", "p99 ms", "of bare", "aim"):
        made.add_column(column, justify="right")
    for one in lines:
        made.add_row(
            one.workload if one.kind is Kind.BARE else f"{one.workload}, {one.kind}",
            str(one.connections),
            f"{one.figures.requests_per_s:,.0f}",
            f"{one.figures.p50_ms:.2f}",
            f"{one.figures.p99_ms:.2f}",
            f"{one.ratio:.2f}",
            "" if one.aim is None else f"{one.aim:.2f} {'[green]met' if one.ratio >= one.aim else '[red]missed'}",
        )
    return made


def json_line(lines: Sequence[Line], settings: dict[str, Any]) -> bytes:
    """Everything in one line, with the settings of the run and the Python it ran on."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return orjson.dumps({"python": python, "settings": settings, "lines": [asdict(one) for one in lines]}) + b"\n"
