"""How failures look on the command line: a table of all, one with its records, and how a redrive goes."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.progress import Progress
from rich.text import Text

from everwarm.cli.printing import count_of, plain, print_labelled, print_table, standard_output, wall_time

LABEL_WIDTH = 13

SHOWN_RECORDS = 20

SHOWN_OF_ERROR = 100


def show_list(kept: Sequence[dict[str, Any]], counts: dict[str, int]) -> None:
    """Print a table, a row for each failure."""
    console = standard_output()
    if not kept:
        console.print("No failures." + _dropped(counts), soft_wrap=True)
        return
    rows = [
        (
            str(one["id"]),
            wall_time(one["at"]),
            plain(one["function_name"]),
            f"{one['records']:,}",
            f"{one['attempts']:,}",
            _in_short(one["error"] or one["condition"]),
        )
        for one in kept
    ]
    names = ("ID", "Given up", "Function", "Records", "Calls", "Why")
    print_table(console, names, rows, right=("ID", "Records", "Calls"), gives_way="Why")
    console.print(
        f"\n{count_of(len(kept), 'failure')} with {count_of(sum(one['records'] for one in kept), 'record')}."
        f"{_dropped(counts)} 'everwarm failures show ID' tells more of one; 'everwarm failures redrive' calls the "
        "function again.",
        soft_wrap=not console.is_terminal,
    )


def show_one(kept: dict[str, Any], records: Sequence[dict[str, Any]]) -> None:
    """Print one failure, and its first records."""
    console = standard_output()
    rows = [
        ("Failure", str(kept["id"])),
        ("Given up", wall_time(kept["at"])),
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
    print_labelled(console, rows, LABEL_WIDTH)
    for record in records[:SHOWN_RECORDS]:
        body = record["dynamodb"]
        keys = json.dumps(body["Keys"], ensure_ascii=False)
        console.print(
            Text.assemble(
                " " * LABEL_WIDTH, f"{record['eventName']:6} ", plain(keys), (f"  {body['SequenceNumber']}", "dim")
            ),
            soft_wrap=True,
        )
    if len(records) > SHOWN_RECORDS:
        more = len(records) - SHOWN_RECORDS
        console.print(" " * LABEL_WIDTH + f"and {more:,} more; --json has all of them, whole", soft_wrap=True)


def show_redrive(results: Iterator[dict[str, Any]], expected: int) -> bool:
    """Print how each one went, as it goes, and a bar where a person is looking; whether anything failed again."""
    console = standard_output()
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
                told = plain(result["error"] or "")
                console.print(Text(f"Failure {result['id']} failed again: {told}"), soft_wrap=True)
    if not redriven:
        console.print("No failures.")
        return False
    kept = f", {count_of(left, 'record')} in {count_of(again, 'failure')} still kept" if again else ""
    console.print(f"{count_of(redriven, 'failure')} redriven: {count_of(done, 'record')} done{kept}.", soft_wrap=True)
    return again > 0


def _in_short(error: str) -> Text:
    """In one line, and with an ellipsis where that is too short for it: `show_one` has it whole."""
    text = Text(plain(error), no_wrap=True, overflow="ellipsis")
    text.truncate(SHOWN_OF_ERROR, overflow="ellipsis")
    return text


def _redriven(kept: dict[str, Any]) -> str:
    if not kept["redriven"]:
        return ""
    return f", redriven {count_of(kept['redriven'], 'time')}, last at {wall_time(kept['redriven_at'])}"


def _dropped(counts: dict[str, int]) -> str:
    if not counts["dropped"]:
        return ""
    older = count_of(counts["dropped"], "older failure")
    return f" {older} had to be dropped, for there was no room or they were too old."
