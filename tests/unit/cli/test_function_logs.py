"""What `everwarm logs` picks out of a log, and what it says when there is none."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from everwarm.cli import app
from everwarm.clock import SystemClock
from everwarm.errors import EverwarmError
from everwarm.lambdas.logs.entry import Entry

Show = Callable[..., list[str]]

ERROR = ["[ERROR] KeyError: 'x'", "Traceback (most recent call last):"]
NOT_STARTED = "NOT STARTED: function f has the runtime java21"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    logs = tmp_path / ".everwarm" / "logs"
    logs.mkdir(parents=True)
    now = SystemClock().now()

    def call(age_s: float, request_id: str, *texts: str) -> list[Entry]:
        return [
            Entry(now - age_s, request_id, text)
            for text in (f"START RequestId: {request_id}", *texts, f"REPORT RequestId: {request_id}\tDuration: 1 ms")
        ]

    entries = [
        Entry(now - 7200, None, "loading"),
        *call(7200, "a-1", "old"),
        *call(60, "a-2", *ERROR),
        Entry(now - 40, None, NOT_STARTED),
        *call(30, "b-3", "young"),
    ]
    (logs / "shop-dev-main.log").write_text("".join(entry.to_line() for entry in entries))
    (logs / "shop-dev-other.log").write_text("")
    (logs / "rates-dev-other.log").write_text("")
    return tmp_path


@pytest.fixture
def show(project: Path) -> Show:
    """The texts that the command shows, without START and REPORT."""

    def run(*args: str) -> list[str]:
        result = CliRunner().invoke(app, ["logs", "main", str(project), *args])
        assert result.exit_code == 0, result.output
        texts = [line.split(" ", 2)[2] for line in result.stdout.splitlines()]
        return [text for text in texts if not text.startswith(("START", "REPORT"))]

    return run


def test_everything(show: Show) -> None:
    assert show() == ["loading", "old", *ERROR, NOT_STARTED, "young"]


def test_what_is_young(show: Show) -> None:
    assert show("--since", "35s") == ["young"]
    assert show("--since", "10m") == show("--since", "1h") == show("--since", "1.5h") == [*ERROR, NOT_STARTED, "young"]
    assert show("--since", "2020-01-01T00:00") == show()


def test_one_call(show: Show) -> None:
    assert show("--request", "b") == ["young"]
    assert show("--request", "a-2") == ERROR


def test_calls_that_went_wrong(show: Show) -> None:
    assert show("--errors") == [*ERROR, NOT_STARTED]


def test_a_time_that_is_none(project: Path) -> None:
    result = CliRunner().invoke(app, ["logs", "main", str(project), "--since", "yesterday"])
    assert result.exit_code == 2
    assert "neither an age like 10m nor a time like" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        ("nobody", "There are logs of: rates-dev-other, shop-dev-main, shop-dev-other"),
        ("other", "could be any of these functions: rates-dev-other, shop-dev-other"),
    ],
)
def test_an_unknown_function(project: Path, function: str, problem: str) -> None:
    with pytest.raises(EverwarmError, match=problem):
        CliRunner().invoke(app, ["logs", function, str(project)], catch_exceptions=False)


def test_no_logs_at_all(tmp_path: Path) -> None:
    with pytest.raises(EverwarmError, match="--memory, which keeps nothing"):
        CliRunner().invoke(app, ["logs", "main", str(tmp_path)], catch_exceptions=False)


def test_a_file_in_place_of_the_directory(project: Path) -> None:
    (project / "serverless.yml").touch()
    result = CliRunner().invoke(app, ["logs", "main", str(project / "serverless.yml")])
    assert result.exit_code == 2
    assert "serverless.yml is a file; give the directory that it is in" in " ".join(result.stderr.split())
