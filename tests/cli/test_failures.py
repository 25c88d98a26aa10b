"""`everwarm failures` from outside: what was given up while `everwarm up` ran, seen, repeated and thrown away."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import PROJECT, Up, eventually, run

StartUp = Callable[..., Up]

# Each record is a failure of its own.
ONE_BY_ONE = PROJECT.replace("maximumRetryAttempts: 1", "maximumRetryAttempts: 0, batchSize: 1")

HANDLER = """
import pathlib

def handler(event, context):
    if pathlib.Path("broken").exists():
        raise ValueError("the source is down")
    with open("seen", "a") as seen:
        for record in event["Records"]:
            print(record["dynamodb"]["Keys"]["pk"]["S"], file=seen)
"""


@pytest.fixture
def broken(project: Path) -> Path:
    """While this file is there, the function fails."""
    (project / "serverless.yml").write_text(ONE_BY_ONE, encoding="utf-8")
    (project / "main.py").write_text(HANDLER, encoding="utf-8")
    path = project / "broken"
    path.touch()
    return path


def listed(*options: str | Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("failures", "list", "--json", *options).stdout)
    return found


def test_from_failing_to_done(up: StartUp, project: Path, broken: Path) -> None:
    running = up(project)
    for key in ("a", "b", "c"):
        running.put(key)
    at = ("--project", project)
    eventually(lambda: len(listed(*at)) == 3)

    table = run("failures", "list", *at).stdout
    assert table.count("ValueError: the source is down") == 3
    assert '{"pk": {"S": "b"}}' in run("failures", "show", "2", *at).stdout

    again = run("failures", "redrive", "2", *at)
    assert again.returncode == 1
    assert again.stdout.splitlines() == [
        "Failure 2 failed again: ValueError: the source is down",
        "1 failure redriven: 0 records done, 1 record in 1 failure still kept.",
    ]
    assert [found["attempts"] for found in listed(*at)] == [1, 2, 1]

    broken.unlink()
    one = run("failures", "redrive", "1", "--json", *at)
    assert one.returncode == 0
    assert json.loads(one.stdout) == [{"id": 1, "done": 1, "left": 0, "error": None}]
    # By its URL, as a stack that runs elsewhere.
    rest = run("failures", "redrive", "--all", "--endpoint", running.endpoint)
    assert (rest.returncode, rest.stdout) == (0, "2 failures redriven: 2 records done.\n")
    assert (project / "seen").read_text().split() == ["a", "b", "c"]
    assert run("failures", "list", *at).stdout == "No failures.\n"


def test_after_the_stack_has_ended(up: StartUp, project: Path, broken: Path) -> None:
    """However it ended, its failures are still there, and only redriving needs it."""
    running = up(project)
    running.put("a")
    at = ("--project", project)
    eventually(lambda: listed(*at))
    running.end(signal.SIGKILL)

    assert [found["function_name"] for found in listed(*at)] == ["shop-dev-main"]
    refused = run("failures", "redrive", "--all", *at)
    assert refused.returncode == 1
    assert refused.stderr == "everwarm: no stack runs here, and this needs one; 'everwarm up' starts it\n"
    assert run("failures", "purge", "1", *at).stdout == "1 failure thrown away.\n"

    unasked = run("failures", "purge", "--all", *at)
    assert (unasked.returncode, unasked.stdout) == (0, "0 failures thrown away.\n")


def test_nobody_there(project: Path) -> None:
    for args, told in (
        (("list", "--project", project), "and there is no data"),
        (("list", "--endpoint", "http://127.0.0.1:9"), "no stack answers at http://127.0.0.1:9"),
    ):
        result = run("failures", *args)
        assert result.returncode == 1
        assert told in result.stderr
        assert "Traceback" not in result.stderr


def test_the_endpoint_of_destinations_has_to_be_one(project: Path) -> None:
    result = run("up", project, "--destinations-endpoint", "localhost:4566")
    assert result.returncode == 1
    assert "the endpoint of destinations is 'localhost:4566'; it has to be a URL" in result.stderr
