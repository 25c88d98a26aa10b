"""What `everwarm` and `everwarm up` say before anything runs: help, and what was asked for in the wrong way."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from everwarm.cli import app
from everwarm.version import __version__


def everwarm(*args: str) -> Result:
    return CliRunner().invoke(app, args, prog_name="everwarm", env={"COLUMNS": "100"})


def test_first_screen_names_the_commands() -> None:
    for args in ([], ["--help"], ["-h"]):
        screen = everwarm(*args).output
        assert screen.startswith("Usage: everwarm COMMAND\n")
        assert re.search(r"^  up +Run a project on this machine\.", screen, re.MULTILINE)
        assert re.search(r"^  check +Say what AWS would do with it that people regret\.", screen, re.MULTILINE)
        assert re.search(r"^  demo +Watch a cache keep itself warm\.", screen, re.MULTILINE)


def test_help_of_up_names_every_option() -> None:
    result = everwarm("up", "--help")
    assert result.exit_code == 0
    assert "Usage: everwarm up [OPTIONS] [DIR]" in result.output
    for option in (
        "--data DIR",
        "--memory",
        "--port PORT",
        "--host HOST",
        "--stage",
        "--region",
        "--param NAME=VALUE",
        "--ttl-delay RANGE",
        "--ttl-cool-down TIME",
        "--stream-shards N",
        "--shard-age TIME",
    ):
        assert option in result.output


def test_version() -> None:
    assert everwarm("--version").output == f"everwarm {__version__}\n"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["upp"], "No such command 'upp'"),
        (["--bogus"], "No such option: --bogus"),
        (["up", "--bogus"], "No such option: --bogus"),
        (["up", "a", "b"], "unexpected extra argument"),
        (["up", "--memory", "--data", "x"], "--memory keeps no data, --data says where to keep it"),
        (["up", "--param", "a"], "'a' is not of the form NAME=VALUE"),
        (["up", "--param", "=b"], "'=b' is not of the form NAME=VALUE"),
        (["up", "--port", "65536"], "--port"),
        (["up", "--host", ""], "--host"),
        (["up", "--ttl-delay", "8"], "Invalid value for --ttl-delay: '8' is not a length of time"),
        (["up", "--ttl-delay", "28m..8m"], "'28m..8m' is a range that ends before it begins: write 8m..28m"),
        (["up", "--ttl-delay", "400d"], "deletions can be delayed by up to 365d"),
        (["up", "--ttl-cool-down", "8m..28m"], "Invalid value for --ttl-cool-down: '8m..28m' is not a length of time"),
        (["up", "--stream-shards", "0"], "--stream-shards"),
        (["up", "--shard-age", "4"], "Invalid value for --shard-age: '4' is not a length of time"),
        (["up", "--shard-age", "0h"], "have to be more than no time at all"),
        (["up", __file__], "is a file; give the directory that it is in"),
        (["demo", "--ttl", "1"], "--ttl"),
    ],
)
def test_what_is_wrong_is_said(args: list[str], sentence: str) -> None:
    result = everwarm(*args)
    assert result.exit_code == 2
    assert sentence in result.output


# What is heavy would make --help, and a mistyped flag, take half a second.
def test_help_does_without_what_is_heavy() -> None:
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import everwarm\n"
        "package = set(sys.modules)\n"
        "import everwarm.cli\n"
        "print(*sorted({'boto3', 'rich', 'watchfiles', 'everwarm.stack'} & (set(sys.modules) - package)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path.home())
    assert ran.stdout == "\n"
