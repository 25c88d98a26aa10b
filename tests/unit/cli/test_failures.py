"""`everwarm failures` on data that no stack has open: what it shows, asks and refuses."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from everwarm.cli import app
from everwarm.clock import ManualClock, SystemClock
from everwarm.dynamodb.storage.layout import FAILURE
from everwarm.dynamodb.storage.store import Store
from everwarm.errors import FailureNotFound, NotRunning
from everwarm.lambdas.failures.store import FailureStore
from everwarm.lambdas.mappings.failed import FailedBatch
from tests.unit.lambdas.failures.batches import failed

Everwarm = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def everwarm(project: Path, monkeypatch: pytest.MonkeyPatch) -> Everwarm:
    """`everwarm failures ...` in the project's directory."""
    monkeypatch.chdir(project)

    def run(*args: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, ["failures", *args], input=typed)

    return run


@pytest.fixture
def keep(project: Path) -> Callable[..., None]:
    """Have batches in the project's data."""

    def put(*batches: FailedBatch, not_sent_because: str | None = None) -> None:
        store = Store.open(project / ".everwarm")
        kept = FailureStore(store, FAILURE, ManualClock())
        for batch in batches:
            asyncio.run(kept.keep(batch, not_sent_because))
        store.close()

    return put


def listed(everwarm: Everwarm) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(everwarm("list", "--json").output)
    return found


def test_a_table(everwarm: Everwarm, keep: Callable[..., None]) -> None:
    keep(failed(1, 2, attempts=3), failed(3))
    lines = everwarm("list").output.splitlines()
    assert lines[0].split() == ["ID", "Given", "up", "Function", "Records", "Calls", "Why"]
    number, _, _, function, *rest = lines[1].split()
    assert (number, function, rest) == ("1", "shop-dev-refresh", ["2", "3", "ValueError:", "no"])
    assert lines[2].split()[0] == "2"
    assert lines[4].startswith("2 failures with 3 records. 'everwarm failures show ID'")


def test_nothing_to_show(everwarm: Everwarm, keep: Callable[..., None]) -> None:
    keep()
    assert everwarm("list").output == "No failures.\n"
    assert listed(everwarm) == []


def test_as_json(everwarm: Everwarm, keep: Callable[..., None]) -> None:
    keep(failed(1, 2))
    (found,) = listed(everwarm)
    assert (found["id"], found["records"]) == (1, 2)
    assert found["record"]["DDBStreamBatchInfo"]["batchSize"] == 2


def test_one(everwarm: Everwarm, keep: Callable[..., None]) -> None:
    arn = "arn:aws:sqs:us-east-1:000000000000:dead"
    keep(failed(*range(1, 24), on_failure=arn), not_sent_because="no endpoint is known for sqs")
    lines = everwarm("show", "1").output.splitlines()
    assert "Function     shop-dev-refresh" in lines
    assert "Condition    RetryAttemptsExhausted" in lines
    assert "Error        ValueError: no" in lines
    assert f"Destination  {arn}" in lines
    assert "  not told   no endpoint is known for sqs" in lines
    assert 'INSERT {"pk": {"S": "1"}' in lines[-21]
    assert lines[-21].endswith("  000000000000000000001")
    assert lines[-1].strip() == "and 3 more; --json has all of them, whole"


def test_one_as_json(everwarm: Everwarm, keep: Callable[..., None]) -> None:
    keep(failed(1))
    told = json.loads(everwarm("show", "1", "--json").output)
    assert told["failure"]["id"] == 1
    assert told["records"][0]["dynamodb"]["Keys"]["pk"] == {"S": "1"}


def test_what_a_function_says_does_not_steer_the_terminal(everwarm: Everwarm, keep: Callable[..., None]) -> None:
    keep(failed(1, error="Oh\x1b[2J\r\nno [bold]"))
    for output in (everwarm("list").output, everwarm("show", "1").output):
        assert "\x1b" not in output
        assert r"Oh\x1b[2J\r\nno [bold]" in output


def test_purge_one(everwarm: Everwarm, keep: Callable[..., None]) -> None:
    keep(failed(1), failed(2), failed(3))
    assert everwarm("purge", "1", "3").output == "2 failures thrown away.\n"
    assert [found["id"] for found in listed(everwarm)] == [2]


def test_purge_all_asks(everwarm: Everwarm, keep: Callable[..., None]) -> None:
    keep(failed(1, 2), failed(3))
    asked = everwarm("purge", "--all", typed="n\n")
    assert asked.exit_code == 1
    assert "Throw away all 2 failures, with 3 records?" in asked.output
    assert len(listed(everwarm)) == 2
    assert everwarm("purge", "--all", typed="y\n").output.endswith("2 failures thrown away.\n")
    assert listed(everwarm) == []


def test_purge_all_does_not_ask_twice(everwarm: Everwarm, keep: Callable[..., None]) -> None:
    keep(failed(1))
    assert json.loads(everwarm("purge", "--all", "--yes", "--json").output) == {"purged": 1}
    assert everwarm("purge", "--all").output == "0 failures thrown away.\n"


def test_purge_what_is_old(everwarm: Everwarm, keep: Callable[..., None]) -> None:
    now = SystemClock().now()
    keep(failed(1, at=now - 3 * 86400), failed(2, at=now - 3600))
    assert everwarm("purge", "--older-than", "2d").output == "1 failure thrown away.\n"
    assert [found["id"] for found in listed(everwarm)] == [2]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["redrive"], "say which: the ID of a failure, or --all"),
        (["redrive", "1", "--all"], "say which: the ID of a failure, or --all"),
        (["purge"], "say which: the ID of a failure, --older-than, or --all"),
        (["purge", "--all", "--older-than", "1d"], "say which: the ID of a failure, --older-than, or --all"),
        (["purge", "--older-than", "soon"], "'soon' is not a length of time"),
        (["show"], "Missing argument 'ID'"),
        (["show", "x"], "Invalid value for 'ID'"),
        (["show", "0"], "Invalid value for 'ID'"),
        (["list", "--data", "d", "--endpoint", "http://127.0.0.1:1"], "--data and --endpoint both say where"),
        (["list", "--credentials", "f"], "--credentials are for --endpoint"),
    ],
)
def test_asked_for_in_the_wrong_way(everwarm: Everwarm, args: list[str], told: str) -> None:
    result = everwarm(*args)
    assert result.exit_code == 2
    assert told in " ".join(result.output.replace("│", " ").split())


def test_redriving_needs_a_stack_that_runs(everwarm: Everwarm, keep: Callable[..., None]) -> None:
    keep(failed(1))
    result = everwarm("redrive", "--all")
    assert isinstance(result.exception, NotRunning)
    assert str(result.exception) == "no stack runs here, and this needs one; 'everwarm up' starts it"
    assert len(listed(everwarm)) == 1


def test_a_failure_that_there_is_not(everwarm: Everwarm, keep: Callable[..., None]) -> None:
    keep(failed(1))
    for args in (["show", "7"], ["purge", "7"]):
        error = everwarm(*args).exception
        assert isinstance(error, FailureNotFound)
        assert str(error).startswith("there is no failure 7;")


def test_neither_stack_nor_data(everwarm: Everwarm, project: Path) -> None:
    error = everwarm("list").exception
    assert isinstance(error, NotRunning)
    assert str(error).startswith(f"no stack runs on {project / '.everwarm'}, and there is no data.")
    assert not (project / ".everwarm").exists()


def test_another_project(everwarm: Everwarm, keep: Callable[..., None], project: Path) -> None:
    keep(failed(1))
    (project / "elsewhere").mkdir()
    assert isinstance(everwarm("list", "--project", "elsewhere").exception, NotRunning)
    assert len(json.loads(everwarm("list", "--json", "--data", ".everwarm").output)) == 1


def test_help(everwarm: Everwarm) -> None:
    told = " ".join(everwarm("--help").output.split())
    assert "Records that were given up are kept here until you have them redriven" in told
    for command in ("list", "show", "redrive", "purge"):
        assert command in told
