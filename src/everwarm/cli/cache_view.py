"""How a cache looks on the command line: a table of its entries, one entry with its value, what they come to."""

import base64
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from everwarm.cache.survey import Row, Standing, Tally, loader_of
from everwarm.cli.printing import count_of, plain, print_labelled, print_table, standard_output, wall_time
from everwarm.durations import duration

LABEL_WIDTH = 15

SHOWN_FAILURES = 10

# More than these are printed without colours.
MOST_ROWS = 1000

_COLUMNS = ("Key", "State", "Age", "Next refresh", "Size", "Failures")
_Cells = tuple[str, str, str, str, str, str]

_STYLES = {Standing.FRESH: "green", Standing.STALE: "yellow", Standing.ABSENT: "dim", Standing.EXPIRED: "red"}


def entry_json(row: Row, now: float) -> dict[str, Any]:
    """An entry without its value. Moments are epoch seconds."""
    stored = row.stored
    return {
        "key": stored.key,
        "state": row.standing(now).value,
        "loader": loader_of(stored) or None,
        "generation": stored.generation,
        "loaded_at": stored.loaded_at,
        "age_s": round(now - stored.loaded_at, 3),
        "fresh_until": _finite(stored.fresh_until),
        "next_refresh_at": row.next_refresh_at,
        "expires_at": stored.ttl,
        "load_s": stored.load_s,
        "size_bytes": row.size_bytes,
        "tags": sorted(stored.tags),
        "failures": stored.failures,
        "error": stored.error,
        "retry_at": stored.retry_at,
    }


def tally_json(tally: Tally) -> dict[str, Any]:
    """What entries come to. Moments are epoch seconds."""
    return {
        **dataclasses.asdict(tally),
        "standing": {standing.value: count for standing, count in tally.standing.items()},
        "next_refreshes": {duration(within_s): count for within_s, count in tally.next_refreshes.items()},
    }


def value_json(value: Any, indent: int | None = None) -> str:
    """A value as JSON, as near as JSON comes: bytes as base64, sets as arrays, moments in ISO's form."""
    return json.dumps(_plain_json(value), indent=indent, ensure_ascii=False)


def show_list(rows: Sequence[Row], now: float, table_name: str) -> None:
    """Print a table, a row for each entry."""
    console = standard_output()
    if not rows:
        console.print(f"No entries in {table_name}.", soft_wrap=True)
        return
    cells = [
        (
            plain(row.stored.key),
            row.standing(now).value,
            _age(row.stored.loaded_at, now),
            _refresh(row, now),
            _size(row.size_bytes),
            f"{row.stored.failures:,}" if row.stored.failures else "",
        )
        for row in rows
    ]
    if len(cells) > MOST_ROWS:
        _print_plainly(cells)
    else:
        _print_coloured(console, cells)
    size_bytes = sum(row.size_bytes for row in rows)
    console.print(
        f"\n{count_of(len(rows), 'entry', 'entries')} in {table_name}, {_size(size_bytes)}. "
        "'everwarm cache get KEY' shows one.",
        soft_wrap=not console.is_terminal,
    )


def _print_coloured(console: Console, cells: Sequence[_Cells]) -> None:
    rows: list[Sequence[str | Text]] = [
        (key, Text(standing, style=_STYLES[Standing(standing)]), *times, Text(failures, style="red"))
        for key, standing, *times, failures in cells
    ]
    print_table(console, _COLUMNS, rows, right=_COLUMNS[2:], gives_way="Key")


def _print_plainly(cells: Sequence[_Cells]) -> None:
    """The same without colours: for thousands of rows, of which a table would take its time."""
    widths = [max(map(len, column)) for column in zip(_COLUMNS, *cells, strict=True)]
    for row in (_COLUMNS, *cells):
        left = [f"{cell:<{width}}" for cell, width in zip(row[:2], widths[:2], strict=True)]
        right = [f"{cell:>{width}}" for cell, width in zip(row[2:], widths[2:], strict=True)]
        typer.echo("  ".join(left + right))


def show_one(row: Row, value: str, now: float) -> None:
    """Print one entry: its times, then its value."""
    console = standard_output()
    stored = row.stored
    standing = row.standing(now)
    lines = [
        ("Key", stored.key),
        ("State", f"{standing.value}, {_until(stored.fresh_until, now, 'until')}"),
        ("Loaded", f"{wall_time(stored.loaded_at)}, {_age(stored.loaded_at, now)} ago, in {stored.load_s:.3f} s"),
        ("Next refresh", _refresh(row, now, whole=True)),
        ("Served until", "for ever" if stored.ttl is None else f"{wall_time(stored.ttl)}, {_in(stored.ttl, now)}"),
        ("Generation", str(stored.generation)),
        ("Size", f"{row.size_bytes:,} bytes"),
    ]
    if loader_of(stored):
        lines.insert(1, ("Loader", loader_of(stored)))
    if stored.tags:
        lines.append(("Tags", ", ".join(sorted(stored.tags))))
    if stored.failures:
        lines += [("Failures", f"{stored.failures:,}, one after the other"), ("Error", stored.error or "")]
    print_labelled(console, lines, LABEL_WIDTH)
    console.print()
    console.print(Text("no such thing, says its loader" if stored.absent else value), soft_wrap=True)


def show_stats(tally: Tally, now: float, table_name: str) -> None:
    """Print what a table's entries come to."""
    console = standard_output()
    if not tally.entries:
        console.print(f"No entries in {table_name}.", soft_wrap=True)
        return
    stands = ", ".join(f"{count:,} {standing.value}" for standing, count in tally.standing.items() if count)
    lines = [("Entries", f"{tally.entries:,}: {stands}"), ("Size", _size(tally.size_bytes))]
    if tally.oldest_at is not None and tally.newest_at is not None:
        lines.append(("Values' ages", f"{_age(tally.newest_at, now)} to {_age(tally.oldest_at, now)}"))
    lines.append(("Failing", f"{tally.failing:,}"))
    overdue = f", {tally.overdue:,} of them overdue" if tally.overdue else ""
    lines.append(("Kept warm", f"{tally.warm:,}{overdue}"))
    for within_s, count in tally.next_refreshes.items():
        lines.append((f"  within {duration(within_s)}", f"{count:,} to be refreshed"))
    for name, count in tally.loaders.items():
        lines.append(("  by loader", f"{count:,} of {name}") if name else ("  plain keys", f"{count:,}"))
    print_labelled(console, lines, LABEL_WIDTH)


def show_refreshed(count: int, failed: Mapping[str, str], waiting: Sequence[str]) -> None:
    """Print what became of entries that were waited for."""
    console = standard_output()
    for key, error in list(failed.items())[:SHOWN_FAILURES]:
        console.print(Text(f"{plain(key)} failed: {plain(error)}"), soft_wrap=True)
    told = [f"{count_of(count, 'entry', 'entries')} refreshed"]
    if failed:
        told.append(f"{len(failed):,} failed, and will be tried again")
    if waiting:
        told.append(f"{len(waiting):,} not yet")
    console.print(", ".join(told) + ".", soft_wrap=True)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar where a person is looking, on standard error; what is yielded moves it on."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)


def _plain_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain_json(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_json(member) for member in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain_json(member) for member in value), key=str)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        as_float = float(value)
        # A number of more digits than a float has stays whole as text.
        return as_float if Decimal(repr(as_float)) == value else str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _finite(moment: float) -> float | None:
    return None if moment == float("inf") else moment


def _refresh(row: Row, now: float, *, whole: bool = False) -> str:
    due = row.next_refresh_at
    if due is None:
        return "none by itself; a reader who finds it stale has it refreshed" if whole else "when read"
    told = "overdue" if due < now else _in(due, now)
    again = " (another try)" if row.stored.failures else ""
    return f"{wall_time(due)}, {told}{again}" if whole else told


def _until(moment: float, now: float, word: str) -> str:
    if moment == float("inf"):
        return "for ever"
    return f"{word} {wall_time(moment)}" if now < moment else f"since {wall_time(moment)}"


def _age(moment: float, now: float) -> str:
    return _span(now - moment) if moment else "unknown"


def _in(moment: float, now: float) -> str:
    return f"in {_span(moment - now)}" if moment >= now else f"{_span(now - moment)} ago"


def _span(seconds: float) -> str:
    """`42s`, `3m 20s`, `5h 1m`, `2d 4h`: no more than two parts, for a person."""
    whole = max(0, int(seconds))
    for unit_s, unit, smaller_s, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if whole >= unit_s:
            rest = whole % unit_s // smaller_s
            return f"{whole // unit_s}{unit} {rest}{smaller}" if rest else f"{whole // unit_s}{unit}"
    return f"{whole}s"


def _size(size_bytes: int) -> str:
    for unit, unit_bytes in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if size_bytes >= unit_bytes:
            return f"{size_bytes / unit_bytes:.1f} {unit}"
    return f"{size_bytes} bytes"
