"""How the demo looks: a live table in a terminal, plain lines elsewhere."""

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from everwarm.cli.demo_state import DemoState, Entry


def frame(state: DemoState, now: float, ttl_s: int, endpoint: str) -> RenderableType:
    """One picture of the demo.

    Args:
        now: epoch seconds.
        ttl_s: a full lifetime, for the bars.
        endpoint: where the stack listens.
    """
    late = state.lateness()
    counts = Columns(
        [
            _figure("expirations", str(state.expirations)),
            _figure("refreshes", str(state.refreshes)),
            _figure("failures", str(state.failures), "red" if state.failures else "green"),
            _figure("lateness p50", _ms(late.p50_ms)),
            _figure("p99", _ms(late.p99_ms)),
            _figure("max", _ms(late.max_ms)),
        ],
        padding=(0, 3),
    )
    return Panel(
        Group(counts, Text(""), _entries(state.entries, now, ttl_s), Text(""), _events(state)),
        title="everwarm: a cache that keeps itself warm",
        subtitle=f"examples/rates on {endpoint}",
        border_style="cyan",
        padding=(1, 2),
        width=96,
    )


def summary(state: DemoState) -> str:
    """What the demo came to."""
    late = state.lateness()
    verdict = "every expired entry is back" if state.settled else "some expired entries are not back yet"
    return (
        f"{state.expirations} expirations, {state.refreshes} refreshes, {state.failures} failures; {verdict}. "
        f"Lateness: p50 {_ms(late.p50_ms)}, p99 {_ms(late.p99_ms)}, max {_ms(late.max_ms)}."
    )


def _figure(name: str, value: str, style: str = "bold") -> Text:
    return Text.assemble((value, style), " ", (name, "dim"))


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"


def _entries(entries: list[Entry], now: float, ttl_s: int) -> Table:
    table = Table(box=None, pad_edge=False, expand=True, padding=(0, 1))
    table.add_column("entry", style="bold", no_wrap=True)
    table.add_column("seconds left", justify="right", no_wrap=True)
    table.add_column("", ratio=1)
    table.add_column("newest rate", justify="right", no_wrap=True)
    for entry in entries:
        if entry.expires_at is None:
            table.add_row(entry.name, "", Text("expired: its function is at work", style="yellow"), "")
            continue
        left_s = max(0.0, entry.expires_at - now)
        style = "green" if left_s > ttl_s / 3 else "yellow"
        bar = ProgressBar(total=ttl_s, completed=min(left_s, ttl_s), complete_style=style, finished_style=style)
        table.add_row(entry.name, f"{left_s:4.1f}", bar, entry.latest)
    return table


def _events(state: DemoState) -> Text:
    lines = list(state.events)
    lines += [""] * (state.events.maxlen or 0 - len(lines))
    return Text("\n".join(lines[: state.events.maxlen]), style="dim")
