"""How failures look on the command line: a table of all, one with its records, and how a redrive goes."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

LABEL_WIDTH = 13

# A pipe has no width; what is longer than this is cut in a table, and whole in 'show'.
PIPE_WIDTH = 160

SHOWN_RECORDS = 20


def show_list(kept: Sequence[dict[str, Any]], counts: dict[str, int]) -> None:
    """Print a table, a row for each failure."""
    console = _console()
    if not kept:
        console.print("No failures." + _dropped(counts), soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in (("ID", "right"), ("Given up", "left"), ("Function", "left")):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for name in ("Records", "Calls"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Why", no_wrap=True, overflow="ellipsis")
    for one in kept:
        table.add_row(
            str(one["id"]),
            _time(one["at"]),
            _plain(one["function_name"]),
            f"{one['records']:,}",
            f"{one['attempts']:,}",
            _plain(one["error"] or one["condition"]),
        )
    console.print(table)
    console.print(
        f"\n{_number(len(kept), 'failure')} with {_number(sum(one['records'] for one in kept), 'record')}."
        f"{_dropped(counts)} 'everwarm failures show ID' tells more of one; 'everwarm failures redrive' calls the "
        "function again.",
        soft_wrap=not console.is_terminal,
    )


def show_one(kept: dict[str, Any], records: Sequence[dict[str, Any]]) -> None:
    """Print one failure, and its first records."""
    console = _console()
    rows = [
        ("Failure", str(kept["id"])),
        ("Given up", _time(kept["at"])),
        ("Function", kept["function_name"]),
        ("Calls", f"{kept['attempts']:,}{_redriven(kept)}"),
        ("Condition", kept["condition"]),
        ("Error", kept["error"] or "none: the records grew too old before they could be sent"),
        ("Stream", kept["stream_arn"]),
        ("Shard", kept["shard_id"]),
        ("Mapping", kept["mapping_id"]),
    ]
    if kept["destination"]:
        rows.append(("Destination", kept["destination"]))
        rows.append(("  not told", kept["not_sent_because"] or "unknown"))
    rows.append(("Records", f"{kept['records']:,}, {kept['size_bytes']:,} bytes"))
    for label, text in rows:
        console.print(Text.assemble((f"{label:{LABEL_WIDTH}}", "bold"), _plain(text)), soft_wrap=True)
    for record in records[:SHOWN_RECORDS]:
        body = record["dynamodb"]
        keys = json.dumps(body["Keys"], ensure_ascii=False)
        console.print(
            Text.assemble(
                " " * LABEL_WIDTH, f"{record['eventName']:6} ", _plain(keys), (f"  {body['SequenceNumber']}", "dim")
            ),
            soft_wrap=True,
        )
    if len(records) > SHOWN_RECORDS:
        more = len(records) - SHOWN_RECORDS
        console.print(" " * LABEL_WIDTH + f"and {more:,} more; --json has all of them, whole", soft_wrap=True)


def show_redrive(results: Iterator[dict[str, Any]], expected: int) -> bool:
    """Print how each one went, as it goes, and a bar where a person is looking; whether anything failed again."""
    console = _console()
    done = left = again = redriven = 0
    with Progress(console=console, transient=True, disable=expected < 2 or not console.is_terminal) as progress:
        task = progress.add_task("Redriving", total=expected)
        for result in results:
            redriven += 1
            done += result["done"]
            left += result["left"]
            again += result["left"] > 0
            progress.advance(task)
            if result["left"]:
                told = _plain(result["error"] or "")
                console.print(Text(f"Failure {result['id']} failed again: {told}"), soft_wrap=True)
    if not redriven:
        console.print("No failures.")
        return False
    kept = f", {_number(left, 'record')} in {_number(again, 'failure')} still kept" if again else ""
    console.print(f"{_number(redriven, 'failure')} redriven: {_number(done, 'record')} done{kept}.", soft_wrap=True)
    return again > 0


def _console() -> Console:
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


def _redriven(kept: dict[str, Any]) -> str:
    if not kept["redriven"]:
        return ""
    return f", redriven {_number(kept['redriven'], 'time')}, last at {_time(kept['redriven_at'])}"


def _dropped(counts: dict[str, int]) -> str:
    if not counts["dropped"]:
        return ""
    return (
        f" {_number(counts['dropped'], 'older failure')} had to be dropped, for there was no room or they were too old."
    )


def _number(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _time(epoch_s: float) -> str:
    return f"{datetime.fromtimestamp(epoch_s).astimezone():%Y-%m-%d %H:%M:%S}"


def _plain(text: str) -> str:
    """On one line, and without what would steer the terminal: it is what somebody's function has said."""
    return "".join(character if character.isprintable() else " " for character in text)
