"""`everwarm check`: what a person reads, what a program reads, and how it exits."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from everwarm.cli import app
from tests.unit.serverless.check.conftest import CLEAN, CODE


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A directory with a project of which there is nothing to say."""
    (tmp_path / "serverless.yml").write_text(CLEAN, encoding="utf-8")
    (tmp_path / "main.py").write_text(CODE, encoding="utf-8")
    return tmp_path


def changed(project: Path, old: str, new: str) -> Path:
    file = project / "serverless.yml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return project


def endless(project: Path) -> Path:
    return changed(project, "          maximumRetryAttempts: 3\n", "")


def late(project: Path) -> Path:
    return changed(project, "batchSize: 50", "startingPosition: LATEST")


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, args)], prog_name="everwarm", env={"COLUMNS": "80"})


def test_nothing_found(project: Path) -> None:
    result = run(project)
    assert result.exit_code == 0
    assert result.output == f"{project / 'serverless.yml'}: nothing found\n"


def test_a_finding_has_its_place_the_reason_and_the_fix(project: Path) -> None:
    result = run(endless(project))
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0] == (
        f"{project / 'serverless.yml'}:19:9: warning: the stream event of function main sends a failing batch again "
        "for as long as its records last [endless-retries]"
    )
    assert lines[1].startswith("    A batch that the function cannot handle is sent again")
    assert all(len(line) <= 80 for line in lines[1:-1])
    assert lines[-4:-1] == ["    To mend it:", "        maximumRetryAttempts: 3", ""]
    assert lines[-1] == f"{project / 'serverless.yml'}: 1 warning"


def test_a_reason_is_given_once(project: Path) -> None:
    event = "      - stream: {arn: 'arn:aws:dynamodb:eu-west-1:1:table/other/stream/x', batchSize: 1}\n"
    changed(endless(project), "    events:\n", f"    events:\n{event}")
    result = run(project)
    assert result.output.count("[endless-retries]") == 2
    assert result.output.count("A batch that the function cannot handle") == 1


@pytest.mark.parametrize(("args", "status"), [((), 0), (("--strict",), 1)])
def test_notices_count_when_it_is_strict(project: Path, args: tuple[str, ...], status: int) -> None:
    result = run(late(project), *args)
    assert result.exit_code == status
    assert result.output.splitlines()[-1].endswith(": 1 notice")


def test_passing_over_a_code(project: Path) -> None:
    result = run(endless(project), "--ignore", "endless-retries")
    assert (result.exit_code, result.output) == (0, f"{project / 'serverless.yml'}: nothing found\n")


def test_one_line_for_each_finding(project: Path) -> None:
    lines = run(late(endless(project)), "--format", "short").output.splitlines()
    assert [line.rpartition(" ")[2] for line in lines[:2]] == ["[endless-retries]", "[latest-loses-records]"]
    assert lines[2:] == [f"{project / 'serverless.yml'}: 1 warning, 1 notice"]


def test_json(project: Path) -> None:
    result = run(endless(project), "--format", "json")
    assert result.exit_code == 1
    [finding] = json.loads(result.output)["findings"]
    why = finding.pop("why")
    assert "24 hours" in why
    assert finding == {
        "code": "endless-retries",
        "weight": "warning",
        "file": str(project / "serverless.yml"),
        "line": 19,
        "column": 9,
        "what": "the stream event of function main sends a failing batch again for as long as its records last",
        "fix": "maximumRetryAttempts: 3",
    }
    assert json.loads(run(changed(project, "batchSize: 50", "maximumRetryAttempts: 1"), "--format", "json").output) == {
        "findings": []
    }


# "Workflow commands for GitHub Actions": properties, then the message, its line breaks as %0A.
def test_annotations_for_github(project: Path) -> None:
    [line] = run(endless(project), "--format", "github").output.splitlines()
    file = project / "serverless.yml"
    assert line.startswith(f"::warning file={file},line=19,col=9,title=everwarm endless-retries::the stream event")
    assert line.endswith("%0AmaximumRetryAttempts: 3")


def test_a_file_that_cannot_be_run_is_a_finding_too(project: Path) -> None:
    result = run(changed(project, "batchSize: 50", "batchSize: 0.5"), "--format", "short")
    assert result.exit_code == 1
    assert result.output.startswith(f"{project / 'serverless.yml'}:22:22: error: batchSize of the stream event")
    assert "[invalid]" in result.output


def test_stage_region_and_parameters(project: Path) -> None:
    changed(project, "maximumRetryAttempts: 3", "maximumRetryAttempts: ${param:attempts}")
    changed(project, "TABLE: !Ref Orders", "TABLE: !Ref Orders, WHERE: '${sls:stage}-${aws:region}'")
    assert "[invalid]" in run(project).output
    assert run(project, "--param", "attempts=2", "--stage", "prod", "--region", "eu-west-1").exit_code == 0


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--ignore", "endless"], "there is no rule endless"),
        (["--param", "attempts"], "not of the form NAME=VALUE"),
        (["--format", "xml"], "xml"),
    ],
)
def test_asked_for_in_the_wrong_way(project: Path, args: list[str], sentence: str) -> None:
    result = run(project, *args)
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())


def test_a_directory_without_a_project(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "there is no serverless.yml" in " ".join(result.output.split())
    (tmp_path / "file").touch()
    assert "is a file" in run(tmp_path / "file").output


def test_the_example_is_clean() -> None:
    result = run(Path(__file__).parents[3] / "examples" / "rates", "--format", "short")
    assert result.exit_code == 0
    # The queue is made on AWS; here, everwarm keeps what is given up.
    assert [line for line in result.output.splitlines() if "[" in line and "[not-run-here]" not in line] == []
