"""What the commands' views print alike: tables, labelled lines, moments, numbers of things.

Not here: what they say (`cache_view.py`, `failures_view.py`, `streams_view.py`).
"""

from collections.abc import Container, Iterable, Sequence
from datetime import datetime

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

LEAST_WIDTH = 20
"""What the column that gives way keeps. Where even that is too much, the terminal breaks the lines."""


def standard_output() -> Console:
    """Standard output. Text is printed as it stands: no markup in brackets, no emoji between colons."""
    return Console(highlight=False, markup=False, emoji=False)


def print_table(
    to: Console,
    names: Sequence[str],
    rows: Sequence[Sequence[str | Text]],
    *,
    right: Container[str] = (),
    gives_way: str | None = None,
) -> None:
    """Print rows below the names of their columns, in full: what stands there is to be read, and copied.

    Args:
        right: columns that are aligned to the right.
        gives_way: the one column that becomes narrower where a terminal has no room for all. A pipe has no width.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    needed = 2 * (len(names) - 1)
    for number, name in enumerate(names):
        width = max(cell_len(name), *(cell_len(str(row[number])) for row in rows))
        yields = name == gives_way and to.is_terminal
        # Of columns, rich makes those narrower first whose text may wrap.
        table.add_column(name, justify="right" if name in right else "left", no_wrap=not yields, overflow="fold")
        needed += min(width, LEAST_WIDTH) if yields else width
    if needed > to.width:
        table.width = needed
    for row in rows:
        table.add_row(*row)
    to.print(table, crop=False)


def print_labelled(to: Console, lines: Iterable[tuple[str, str]], label_width: int) -> None:
    """Print what belongs to one thing, a line for each label; a terminal breaks those that are too long for it."""
    for label, text in lines:
        to.print(Text.assemble((f"{label:{label_width}}", "bold"), plain(text)), soft_wrap=True)


def count_of(count: int, one: str, many: str | None = None) -> str:
    """`1 entry`, `2,000 entries`; the plural has an s unless it is given."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def wall_time(epoch_s: float) -> str:
    """A point in time, on the clock of the wall that the reader sits at."""
    return f"{datetime.fromtimestamp(epoch_s).astimezone():%Y-%m-%d %H:%M:%S}"


def plain(text: str) -> str:
    """On one line: keys and errors come from anywhere, and what a terminal would obey is shown instead."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
