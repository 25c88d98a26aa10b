"""The measurements as a table."""

from collections.abc import Mapping

from rich.table import Table

from benchmarks.triggers.figures import Drain, Figures, Lateness

TITLES = {
    "lateness": "expirations spread over time, due to function",
    "drain": "items due in one second, to the last at the function",
    "latency": "put to function",
    "away": "expirations, the receiver away for 3 s",
}


def table(figures: Mapping[tuple[str, str], Figures]) -> Table:
    """One row a measurement."""
    made = Table(box=None, pad_edge=False)
    for title in ("", "server", "items", "lost", "p50 ms", "p99 ms", "max ms", "items/s"):
        made.add_column(title, justify="left" if title in ("", "server") else "right")
    before = ""
    for (what, server), found in figures.items():
        made.add_row("" if what == before else TITLES[what], server, *_cells(found))
        before = what
    return made


def _cells(found: Figures) -> list[str]:
    match found:
        case Lateness(count, p50_ms, p99_ms, max_ms, lost):
            return [f"{count:,}", f"{lost:,}", f"{p50_ms:,.1f}", f"{p99_ms:,.1f}", f"{max_ms:,.1f}", ""]
        case Drain(count, _, lost):
            return [f"{count:,}", f"{lost:,}", "", "", "", f"{found.items_per_s:,.0f}"]
