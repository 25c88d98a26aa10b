"""What was measured, as tables for people and as JSON for programs."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import orjson
from rich.table import Table

from benchmarks.cache.roster import ENTRANTS, MEASUREMENTS, Measurement, Where

Rounds = Mapping[str, Sequence[Mapping[str, float]]]
"""Of one measurement: what each contestant answered, round by round."""

SHOWN = {
    "per_call_us": "µs a call",
    "p50_us": "p50 µs",
    "p99_us": "p99 µs",
    "beyond_ms": "until all have it, ms",
    "loads": "loads",
    "worst_ms": "worst, ms",
}

RATIO_OF = "p50_us"
"""What contestants are compared by. A machine that is busy with other things stretches blocks of calls, most of all of
those who wait for a server's process; the median of single calls it leaves where it was."""


@dataclass(frozen=True, slots=True)
class Line:
    """One contestant's medians in one measurement.

    Attributes:
        figures: by name.
        of_best_peer: how many times longer than the best of the others, the median of the rounds' own ratios; of the
            others: than the best of everwarm's.
    """

    entrant: str
    figures: dict[str, float]
    of_best_peer: float | None


@dataclass(frozen=True, slots=True)
class Aim:
    """What was to be shown, and what was found."""

    text: str
    wanted: float
    found: float
    met: bool


def lines(measurement: Measurement, rounds: Rounds) -> list[Line]:
    """Medians and ratios, in the order of the measurement's contestants."""
    figure = "beyond_ms" if measurement.what == "waiters" else RATIO_OF
    found = []
    for name, mine in rounds.items():
        rivals = [other for other in rounds if ENTRANTS[other].ours != ENTRANTS[name].ours]
        figures = {key: median(one[key] for one in mine) for key in mine[0]}
        if measurement.what == "waiters":
            figures["worst_ms"] = max(one["beyond_ms"] for one in mine)
            figures["loads"] = max(one["loads"] for one in mine)
        found.append(Line(name, figures, _ratio(mine, [rounds[rival] for rival in rivals], figure)))
    return found


def table(measurement: Measurement, found: Sequence[Line]) -> Table:
    """The table for the terminal."""
    made = Table("", "values", title=measurement.title, title_justify="left", box=None, pad_edge=False)
    waiters = measurement.what == "waiters"
    figures = ("beyond_ms", "worst_ms", "loads") if waiters else ("per_call_us", "p50_us", "p99_us")
    for name in figures:
        made.add_column(SHOWN[name], justify="right")
    made.add_column("of the best rival", justify="right")
    for line in found:
        entrant = ENTRANTS[line.entrant]
        cells = [f"{line.figures[name]:,.0f}" if name == "loads" else f"{line.figures[name]:,.2f}" for name in figures]
        ratio = "" if line.of_best_peer is None else f"{line.of_best_peer:.2f}"
        made.add_row(entrant.title, entrant.where.value, *cells, ratio)
    return made


def aims(measured: Mapping[str, Rounds]) -> list[Aim]:
    """The issue's two, as far as both sides have been measured."""
    found = []
    for what in ("get-rates", "get-text", "decorated"):
        rounds = measured.get(what, {})
        on_redis = [one for name, one in rounds.items() if ENTRANTS[name].where is Where.REDIS]
        if "everwarm" in rounds and on_redis:
            times = 1 / (_ratio(rounds["everwarm"], on_redis, RATIO_OF) or 1)
            title = f"{MEASUREMENTS[what].title}: times faster than the best on Redis"
            found.append(Aim(title, 3.0, times, times >= 3.0))
    for what in ("memory", "decorated-memory"):
        rounds = measured.get(what, {})
        if "everwarm-memory" in rounds and "cachetools" in rounds:
            times = _ratio(rounds["everwarm-memory"], [rounds["cachetools"]], RATIO_OF) or 1
            title = f"{MEASUREMENTS[what].title}: times cachetools with a lock"
            found.append(Aim(title, 2.0, times, times <= 2.0))
    return found


def json_lines(measured: Mapping[str, Rounds], refreshing: Mapping[str, Any] | None, settings: dict[str, Any]) -> bytes:
    """Everything, with the settings of the run and the Python it ran on."""
    found = {what: [asdict(line) for line in lines(MEASUREMENTS[what], rounds)] for what, rounds in measured.items()}
    whole = {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "settings": settings,
        "measurements": found,
        "refreshing": refreshing,
        "aims": [asdict(aim) for aim in aims(measured)],
        "rounds": measured,
    }
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2)


def _ratio(
    mine: Sequence[Mapping[str, float]], others: Sequence[Sequence[Mapping[str, float]]], figure: str
) -> float | None:
    """Mine to the best of the others, round by round; the median of that."""
    if not others:
        return None
    best = min(others, key=lambda rounds: median(one[figure] for one in rounds))
    return median(one[figure] / its[figure] for one, its in zip(mine, best, strict=True))
