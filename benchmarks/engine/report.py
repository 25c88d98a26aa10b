"""What was measured, as a table for people and a line of JSON for programs."""

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import orjson
from rich.table import Table

from benchmarks.engine.load import Figures
from benchmarks.engine.server import Kind

# Aims for the durable engine, requests/s, and what the bare server gave on the machine that they were set for.
AIMS = {("PutItem", 1): 2_000, ("PutItem", 32): 10_000, ("GetItem", 1): 6_000, ("GetItem", 32): 20_000}
BARE_OF_AIMS = {1: 8_500, 32: 36_600}

_WHERE = {Kind.BARE: "", Kind.DURABLE: ", disk", Kind.MEMORY: ", memory"}


@dataclass(frozen=True, slots=True)
class Line:
    """One cell's medians.

    Attributes:
        of_bare: requests/s as a part of the bare server's with as many connections, round by round.
        aim: the same, as it was aimed at, where there is an aim.
    """

    kind: Kind
    workload: str
    connections: int
    figures: Figures
    of_bare: float
    aim: float | None


def line(kind: Kind, workload: str, connections: int, rounds: Sequence[Figures], bare: Sequence[Figures]) -> Line:
    """A cell's rounds, beside the bare server's."""
    aim = AIMS.get((workload, connections)) if kind is Kind.DURABLE else None
    return Line(
        kind,
        workload,
        connections,
        Figures(
            requests_per_s=median(one.requests_per_s for one in rounds),
            p50_ms=median(one.p50_ms for one in rounds),
            p99_ms=median(one.p99_ms for one in rounds),
        ),
        of_bare=median(mine.requests_per_s / its.requests_per_s for mine, its in zip(rounds, bare, strict=True)),
        aim=None if aim is None else aim / BARE_OF_AIMS[connections],
    )


def table(lines: Sequence[Line]) -> Table:
    """The table for the terminal."""
    made = Table("", title="1 KB items over HTTP, medians")
    for column in ("conns", "req/s", "p50 ms", "p99 ms", "of bare", "aim"):
        made.add_column(column, justify="right")
    for one in lines:
        made.add_row(
            one.workload + _WHERE[one.kind],
            str(one.connections),
            f"{one.figures.requests_per_s:,.0f}",
            f"{one.figures.p50_ms:.2f}",
            f"{one.figures.p99_ms:.2f}",
            f"{one.of_bare:.2f}",
            "" if one.aim is None else f"{one.aim:.2f} {'[green]met' if one.of_bare >= one.aim else '[red]missed'}",
        )
    return made


def json_line(lines: Sequence[Line], settings: dict[str, Any]) -> bytes:
    """Everything in one line, with the settings of the run and the Python it ran on."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return orjson.dumps({"python": python, "settings": settings, "lines": [asdict(one) for one in lines]}) + b"\n"
