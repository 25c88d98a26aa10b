"""What `everwarm up` shows of a project, in a terminal and in a pipe."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from everwarm import Stack
from everwarm.cli.up_view import overview, show
from everwarm.lambdas.failures.endpoints import Endpoints
from everwarm.lambdas.failures.store import Counts
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.settings import MappingSettings, StartingPosition
from everwarm.stack import RunningTable

TABLE_ARN = "arn:aws:dynamodb:eu-central-1:000000000000:table/a-table-with-a-rather-long-name"
STREAM_ARN = f"{TABLE_ARN}/stream/2026-11-23T12:49:19.845"

PROJECT = """
service: shop
provider: {name: aws, runtime: python3.11, region: eu-central-1}
functions:
  main:
    handler: main.handler
    events:
      - http: GET /prices
"""


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """A project's stack as it is once started, without starting it."""
    (tmp_path / "serverless.yml").write_text(PROJECT, encoding="utf-8")
    stack = Stack(tmp_path, memory=True, environ={})
    stack.endpoint = "http://127.0.0.1:8000"
    stack.tables = [RunningTable("a-table-with-a-rather-long-name", TABLE_ARN, STREAM_ARN, "ttl")]
    return stack


@pytest.fixture
def mapped(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Callable[[MappingSettings], Stack]:
    """The stack with a mapping of these settings."""

    def mapped(settings: MappingSettings) -> Stack:
        monkeypatch.setattr(Stack, "mappings", [Mapping("shop-dev-main", STREAM_ARN, settings)])
        return stack

    return mapped


def rows(stack: Stack, label: str, host: str = "127.0.0.1") -> list[str]:
    return [row.text for row in overview(stack, host) if row.label == label]


def shown(stack: Stack, *, terminal: bool) -> str:
    console = Console(file=io.StringIO(), width=60, force_terminal=terminal, color_system=None)
    with console.capture() as capture:
        show(console, stack, "127.0.0.1")
    return capture.get()


# They are there to be copied.
@pytest.mark.parametrize("terminal", [True, False])
def test_no_arn_is_broken_into_lines(stack: Stack, terminal: bool) -> None:
    lines = shown(stack, terminal=terminal).splitlines()
    assert f"{'':10}{TABLE_ARN}" in lines
    assert f"Stream    {STREAM_ARN}" in lines


def test_in_a_pipe_each_row_is_one_line(stack: Stack) -> None:
    text = shown(stack, terminal=False)
    warning = next(line for line in text.splitlines() if line.startswith("Warning"))
    assert "serverless.yml:8:" in warning
    assert all(line == line.rstrip() for line in text.splitlines())
    assert text.endswith("\nReady. Ctrl-C ends it.\n")


def test_in_a_terminal_sentences_are_broken_between_words(stack: Stack) -> None:
    lines = shown(stack, terminal=True).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("Check     1 error"))
    assert len(lines[start]) <= 60
    assert lines[start + 1].startswith(" " * 10)


def test_the_engine_alone(tmp_path: Path) -> None:
    stack = Stack(tmp_path, data=tmp_path / "data")
    assert rows(stack, "Project")[0].startswith("none: there is no serverless.yml here")
    assert rows(stack, "Data") == [str(tmp_path / "data")]
    assert rows(stack, "Warning") == []


def test_trigger_with_all_its_settings(mapped: Callable[[MappingSettings], Stack]) -> None:
    settings = MappingSettings(
        starting_position=StartingPosition.LATEST,
        batch_size=7,
        batching_window_s=3,
        maximum_retry_attempts=2,
        maximum_record_age_s=90,
        enabled=False,
    )
    [trigger] = rows(mapped(settings), "Trigger")
    assert trigger == (
        "a-table-with-a-rather-long-name -> shop-dev-main "
        "(batches of 7, LATEST, window 3 s, 2 retries, records up to 90 s old, disabled)"
    )


def test_trigger_with_what_becomes_of_failures(mapped: Callable[[MappingSettings], Stack]) -> None:
    settings = MappingSettings(
        maximum_retry_attempts=1,
        parallelization_factor=4,
        filters=('{"eventName":["REMOVE"]}',),
        bisect_batch_on_function_error=True,
        report_batch_item_failures=True,
        on_failure="arn:aws:sqs:eu-central-1:000000000000:given-up",
    )
    [trigger] = rows(mapped(settings), "Trigger")
    assert trigger.partition("(")[2] == (
        "batches of 100, TRIM_HORIZON, 4 at a time for each shard, 1 filter, 1 retry, halved when they fail, "
        "failed records named by the answer, failures to SQS given-up)"
    )


def test_trigger_with_windows(mapped: Callable[[MappingSettings], Stack]) -> None:
    [trigger] = rows(mapped(MappingSettings(tumbling_window_s=60)), "Trigger")
    assert "tumbling windows of 60 s" in trigger


def test_retries_without_end_are_told(mapped: Callable[[MappingSettings], Stack]) -> None:
    assert "retries without end" in rows(mapped(MappingSettings()), "Trigger")[0]


# One source: `everwarm check`. What is not run here stands among the warnings, and is not counted.
def test_findings_are_counted_in_one_line(stack: Stack, tmp_path: Path) -> None:
    [row] = rows(stack, "Check")
    assert row.startswith("1 error (handler-not-found); 'everwarm check ")
    (tmp_path / "main.py").write_text("def handler(event, context): ...", encoding="utf-8")
    assert rows(stack, "Check") == []


def test_what_only_a_package_needs_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "serverless.yml").write_text(f"{PROJECT}package: {{patterns: main.py}}\n", encoding="utf-8")
    [row] = rows(Stack(tmp_path, memory=True, environ={}), "Check")
    assert "serverless.yml:9:21: patterns of package has to be a list" in row


def test_a_directory_with_a_space_can_be_copied_into_a_shell(tmp_path: Path) -> None:
    directory = tmp_path / "my shop"
    directory.mkdir()
    (directory / "serverless.yml").write_text(PROJECT, encoding="utf-8")
    [row] = rows(Stack(directory, memory=True, environ={}), "Check")
    assert f"everwarm check '{directory}'" in row


def test_where_failures_go(tmp_path: Path) -> None:
    aws, s3 = "http://127.0.0.1:4566", "http://127.0.0.1:9000"
    assert rows(Stack(tmp_path, memory=True, environ={}), "Failures") == []
    assert rows(Stack(tmp_path, memory=True, destinations_endpoint=aws), "Failures") == [
        f"sent to {aws} where a trigger's destination is in SQS, SNS, S3"
    ]
    environ = {"AWS_ENDPOINT_URL_SQS": aws, "AWS_ENDPOINT_URL_SNS": aws, "AWS_ENDPOINT_URL_S3": s3}
    stack = Stack(tmp_path, memory=True, environ=environ)
    assert rows(stack, "Failures") == [f"sent to {aws} where a trigger's destination is in SQS, SNS"]
    assert rows(stack, "") == [f"sent to {s3} where a trigger's destination is in S3"]


def test_failures_from_before_are_told(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stack, "failure_counts", Counts(failures=1200))
    assert rows(stack, "Failures") == ["1,200 kept from before: see 'everwarm failures list'"]


def test_a_destination_that_cannot_be_told_is_warned_of(
    mapped: Callable[[MappingSettings], Stack], monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = "arn:aws:sqs:us-east-1:000000000000:dead"
    stack = mapped(MappingSettings(maximum_retry_attempts=1, on_failure=arn))
    told = f"shop-dev-main: its failures are kept here and {arn} is not told of them; see --destinations-endpoint"
    assert told in rows(stack, "Warning")
    monkeypatch.setattr(stack, "destinations", Endpoints.of("http://127.0.0.1:4566", {}))
    assert told not in rows(stack, "Warning")


def test_what_is_not_run_is_warned_of(stack: Stack) -> None:
    assert any("http" in warning for warning in rows(stack, "Warning"))


@pytest.mark.parametrize(("host", "warned"), [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True)])
def test_an_open_interface_is_warned_of(stack: Stack, host: str, warned: bool) -> None:
    assert any("no credentials are checked" in warning for warning in rows(stack, "Warning", host)) is warned


def test_an_open_interface_may_check_credentials(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("[default]\naws_access_key_id = any\naws_secret_access_key = any\n", encoding="utf-8")
    stack = Stack(tmp_path, memory=True, credentials=file)
    assert rows(stack, "Warning", "0.0.0.0") == []


# What is not as usual, and would else be looked for as a mistake.
def test_deletions_that_are_late_and_changes_that_are_refused(tmp_path: Path, stack: Stack) -> None:
    assert rows(stack, "TTL") == []
    late = Stack(tmp_path, memory=True, ttl_delay="8m..28m", ttl_cool_down="60m", environ={})
    assert rows(late, "TTL") == [
        "items are deleted 8m..28m after their time; settings of a table can be changed every 1h"
    ]
