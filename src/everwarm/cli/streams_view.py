"""How streams look on the command line: a table of all, and one with its shards."""

from collections.abc import Sequence
from typing import Any

from everwarm.cli.printing import print_labelled, print_table, standard_output, wall_time

LABEL_WIDTH = 11


def show_list(listed: Sequence[dict[str, Any]]) -> None:
    """Print a table, a row for each stream."""
    console = standard_output()
    if not listed:
        console.print("No streams. A table has one once it is switched on, by a StreamSpecification.", soft_wrap=True)
        return
    rows = [
        (one["table"], one["label"], _status(one), one["view_type"], str(one["open_shards"]), str(one["closed_shards"]))
        for one in listed
    ]
    print_table(console, ("Table", "Label", "Status", "View type", "Open shards", "Closed"), rows)


def show_one(stream: dict[str, Any], shards: Sequence[dict[str, Any]]) -> None:
    """Print one stream, and its shards."""
    console = standard_output()
    whole = (("Stream", stream["arn"]), ("Status", _status(stream)), ("View type", stream["view_type"]))
    print_labelled(console, whole, LABEL_WIDTH)
    console.print()
    rows = [
        (
            shard["id"],
            _short(shard["parent"]),
            f"{shard['keys']:.4%}",
            wall_time(shard["opened_at"]),
            "open" if shard["open"] else wall_time(shard["closed_at"]),
        )
        for shard in shards
    ]
    print_table(console, ("Shard", "Parent", "Keys", "Opened", "Closed"), rows)


def _status(stream: dict[str, Any]) -> str:
    return "ENABLED" if stream["enabled"] else "DISABLED"


def _short(shard_id: str | None) -> str:
    """The end of an id, which tells it from the others of its stream."""
    return "" if shard_id is None else f"..{shard_id[-8:]}"
