"""How the demo looks: a live table in a terminal, plain lines elsewhere."""

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from everwarm.cli.demo_state import DemoState, Entry

WIDTH = 96
"""Of the picture, in characters; a narrower terminal gets a narrower one."""

_VERBS = {"expired": "yellow", "refreshed": "green", "failed": "red"}


def frame(state: DemoState, now: float, ttl_s: int, endpoint: str) -> RenderableType:
    """One picture of the demo.

    Args:
        now: epoch seconds.
        ttl_s: a full lifetime, for the bars.
        endpoint: where the stack listens.
    """
    return Panel(
        Group(_figures(state), Text(""), _entries(state.entries, now, ttl_s), Text(""), _events(state)),
        title="everwarm: a cache that keeps itself warm",
        subtitle=f"examples/rates on {endpoint}",
        # Without sides: where a font is lower than its lines, they would be dashed.
        box=box.HORIZONTALS,
        border_style="cyan",
        padding=(1, 2),
        width=WIDTH,
    )


def summary(state: DemoState) -> str:
    """What the demo came to."""
    late = state.lateness()
    verdict = "every expired entry is back" if state.settled.is_set() else "some expired entries are not back yet"
    return (
        f"{state.expirations} expirations, {state.refreshes} refreshes, {state.failures} failures; {verdict}. "
        f"Lateness: p50 {_ms(late.p50_ms)}, p99 {_ms(late.p99_ms)}, max {_ms(late.max_ms)}."
    )


def _figures(state: DemoState) -> Table:
    late = state.lateness()
    figures = [
        ("expirations", str(state.expirations), "bold"),
        ("refreshes", str(state.refreshes), "bold"),
        ("failures", str(state.failures), "bold red" if state.failures else "bold green"),
        ("lateness p50", _ms(late.p50_ms), "bold"),
        ("lateness p99", _ms(late.p99_ms), "bold"),
        ("lateness max", _ms(late.max_ms), "bold"),
    ]
    table = Table.grid(expand=True, padding=(0, 1))
    for name, _, _ in figures:
        # By the length of the names, so that all of them fit into 80 characters.
        table.add_column(ratio=len(name), no_wrap=True)
    table.add_row(*(Text(value, style) for _, value, style in figures))
    table.add_row(*(Text(name, "dim") for name, _, _ in figures))
    return table


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"


def _entries(entries: list[Entry], now: float, ttl_s: int) -> Table:
    table = Table(box=None, pad_edge=False, expand=True, padding=(0, 1), header_style="dim")
    table.add_column("entry", style="bold", no_wrap=True)
    table.add_column("expires in", justify="right", no_wrap=True)
    table.add_column("", ratio=1)
    table.add_column("newest rate", justify="right", no_wrap=True)
    for entry in entries:
        if entry.expires_at is None:
            table.add_row(entry.name, "", Text("expired: its function runs", style="yellow", no_wrap=True), "")
            continue
        left_s = max(0.0, entry.expires_at - now)
        style = "green" if left_s > ttl_s / 3 else "yellow"
        bar = ProgressBar(total=ttl_s, completed=min(left_s, ttl_s), complete_style=style, finished_style=style)
        table.add_row(entry.name, f"{left_s:.1f} s", bar, entry.latest)
    return table


def _events(state: DemoState) -> Group:
    """The latest events, oldest first, in a block of always the same height."""
    lines = [_event(event) for event in state.events]
    height = state.events.maxlen or len(lines)
    return Group(*lines, *[Text("")] * (height - len(lines)))


def _event(event: str) -> Text:
    verb, space, rest = event.partition(" ")
    # One line each, whatever a failure has to say: the picture must not jump.
    return Text.assemble((verb, _VERBS.get(verb, "")), (space + rest, "dim"), no_wrap=True, overflow="ellipsis")
