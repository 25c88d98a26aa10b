"""Tables of the commands, on terminals too narrow for them and in pipes."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from everwarm.cli import printing
from everwarm.cli.printing import print_table

NAMES = ("ID", "Given up", "Shard", "Why")
ROW = ("7", "2026-11-24 19:47:15", "shardId-00000001795549545103-00000003", "the source is down")


def printed(width: int, why: str | Text = ROW[3], *, terminal: bool = True) -> list[str]:
    out = io.StringIO()
    to = Console(file=out, width=width, force_terminal=terminal, color_system=None, highlight=False)
    print_table(to, NAMES, [(*ROW[:3], why)], right=("ID",), gives_way="Why")
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_with_room_enough() -> None:
    assert printed(200) == [
        "ID  Given up             Shard                                  Why",
        " 7  2026-11-24 19:47:15  shardId-00000001795549545103-00000003  the source is down",
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_what_is_copied_is_whole_on_any_terminal(width: int) -> None:
    """An id that lacks its end is worse than a line that the terminal breaks."""
    head, line, *_ = printed(width, "gone " * 50)
    assert head.split() == ["ID", "Given", "up", "Shard", "Why"]
    assert line.split()[:4] == ["7", "2026-11-24", "19:47:15", "shardId-00000001795549545103-00000003"]


def test_the_column_that_gives_way_goes_on_in_the_next_line() -> None:
    lines = printed(100, "a" * 60)
    assert "".join(line[64:].strip() for line in lines[1:]) == "a" * 60
    assert max(map(len, lines)) <= 100


def test_or_is_cut_off() -> None:
    _, line = printed(100, Text("a" * 60, no_wrap=True, overflow="ellipsis"))
    assert (len(line), line[-1]) == (100, "…")


def test_a_pipe_has_no_width() -> None:
    assert printed(80, "a" * 60, terminal=False)[1].endswith("  " + "a" * 60)


def test_text_is_not_decorated(capsys: pytest.CaptureFixture[str]) -> None:
    """Keys are words between colons, which are emoji to some."""
    print_table(printing.standard_output(), ("Key",), [("rates:house:30",), ("[bold]x",)])
    assert capsys.readouterr().out.split() == ["Key", "rates:house:30", "[bold]x"]
