"""`everwarm check` as a process: what a script sees of it. The rest: tests/unit/cli/test_check.py."""

import json
from pathlib import Path

from tests.cli.support import run

ESCAPE = "\x1b"


def test_in_a_pipe_it_is_plain_text_and_the_status_tells(project: Path) -> None:
    ran = run("check", project)
    assert ran.returncode == 1
    assert "[no-destination]" in ran.stdout
    assert ESCAPE not in ran.stdout + ran.stderr
    assert ran.stderr == ""
    # A finding is on one line, however long, so that grep and editors find it.
    [line] = [line for line in ran.stdout.splitlines() if "[no-destination]" in line]
    assert line.startswith(f"{project / 'serverless.yml'}:12:")


def test_the_words_of_a_terminal_that_has_colours_are_the_same(project: Path) -> None:
    coloured = run("check", project, FORCE_COLOR="1", TERM="xterm-256color").stdout
    assert ESCAPE in coloured
    assert json.loads(run("check", project, "--format", "json", FORCE_COLOR="1", TERM="xterm-256color").stdout)


def test_it_leaves_nothing_behind(project: Path) -> None:
    before = sorted(project.rglob("*"))
    run("check", project)
    assert sorted(project.rglob("*")) == before
