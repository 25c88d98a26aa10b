"""How streams look on the command line: a table of all, and one with its shards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

# A pipe has no width.
PIPE_WIDTH = 160


def show_list(listed: Sequence[dict[str, Any]]) -> None:
    """Print a table, a row for each stream."""
    console = _console()
    if not listed:
        console.print("No streams. A table has one once it is switched on, by a StreamSpecification.", soft_wrap=True)
        return
    table = _table("Table", "Label", "Status", "View type", "Open shards", "Closed")
    for one in listed:
        status = "ENABLED" if one["enabled"] else "DISABLED"
        counts = (str(one["open_shards"]), str(one["closed_shards"]))
        table.add_row(one["table"], one["label"], status, one["view_type"], *counts)
    console.print(table)


def show_one(stream: dict[str, Any], shards: Sequence[dict[str, Any]]) -> None:
    """Print one stream, and its shards."""
    console = _console()
    for label, text in (
        ("Stream", stream["arn"]),
        ("Status", "ENABLED" if stream["enabled"] else "DISABLED"),
        ("View type", stream["view_type"]),
    ):
        console.print(Text.assemble((f"{label:11}", "bold"), text), soft_wrap=True)
    console.print()
    table = _table("Shard", "Parent", "Keys", "Opened", "Closed")
    for shard in shards:
        closed = "open" if shard["open"] else _time(shard["closed_at"])
        table.add_row(shard["id"], _short(shard["parent"]), f"{shard['keys']:.4%}", _time(shard["opened_at"]), closed)
    console.print(table)


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, no_wrap=True, overflow="fold")
    return table


def _short(shard_id: str | None) -> str:
    """The end of an id, which tells it from the others of its stream."""
    return "" if shard_id is None else f"..{shard_id[-8:]}"


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPE_WIDTH)
