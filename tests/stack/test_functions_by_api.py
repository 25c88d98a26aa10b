"""Functions, mappings and calls that were made through the Lambda API: what a stop and a start leave of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from everwarm import Stack
from everwarm.clock import ManualClock
from tests.stack.support import Project, client, eventually, put, serverless_yml
from tests.wire.functions import creation, make_function, package

Start = Callable[..., Stack]

RECORDING = """
    def handler(event, context):
        with open({path!r}, "a") as file:
            for record in event["Records"]:
                file.write(record["dynamodb"]["Keys"]["pk"]["S"] + "\\n")
"""


@pytest.fixture
def without_function(project: Project) -> None:
    project.write(serverless_yml(event=None))


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def settled(lambda_: Any, mapping_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        shown: dict[str, Any] = lambda_.get_event_source_mapping(UUID=mapping_id)
        return shown if shown["State"] in ("Enabled", "Disabled") else None

    shown = eventually(look)
    assert shown is not None
    return shown


@pytest.mark.usefixtures("without_function")
def test_functions_survive_a_restart(start: Start, tmp_path: Path) -> None:
    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    name = make_function(
        lambda_,
        "import os\ndef handler(event, context):\n    return os.environ['NAME']\n",
        Environment={"Variables": {"NAME": "kept"}},
        Tags={"a": "b"},
        Description="kept",
    )
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=3)
    lambda_.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    lambda_.add_permission(
        FunctionName=name, StatementId="one", Action="lambda:InvokeFunction", Principal="000000000000"
    )
    gone = make_function(lambda_)
    lambda_.delete_function(FunctionName=gone)
    before = lambda_.get_function(FunctionName=name)
    stack.stop()

    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    after = lambda_.get_function(FunctionName=name)
    for part in ("Configuration", "Tags", "Concurrency"):
        assert after[part] == before[part]
    assert json.loads(lambda_.invoke(FunctionName=name)["Payload"].read()) == "kept"
    assert lambda_.get_function_event_invoke_config(FunctionName=name)["MaximumRetryAttempts"] == 1
    assert "one" in lambda_.get_policy(FunctionName=name)["Policy"]
    assert [function.name for function in stack.functions] == [name]


@pytest.mark.usefixtures("without_function")
def test_changed_code_survives_a_restart_and_old_code_goes(start: Start, tmp_path: Path) -> None:
    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    name = make_function(lambda_)
    for answer in ("one", "two", "three"):
        source = f"def handler(event, context):\n    return {answer!r}\n"
        lambda_.update_function_code(FunctionName=name, ZipFile=package(source))
    stack.stop()

    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    assert json.loads(lambda_.invoke(FunctionName=name)["Payload"].read()) == "three"
    assert len(list((tmp_path / "data" / "functions").iterdir())) == 1


@pytest.mark.usefixtures("without_function")
def test_versions_and_aliases_survive_a_restart(start: Start, tmp_path: Path) -> None:
    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    name = make_function(lambda_, "def handler(event, context):\n    return 'one'\n")
    lambda_.publish_version(FunctionName=name)
    lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    for _ in range(3):  # code that a version has is not thrown away
        lambda_.update_function_code(FunctionName=name, ZipFile=package("def handler(e, c):\n    return 'two'\n"))
    stack.stop()

    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    answers = [lambda_.invoke(FunctionName=name, Qualifier=which)["Payload"].read() for which in ("live", "$LATEST")]
    assert answers == [b'"one"', b'"two"']
    assert lambda_.publish_version(FunctionName=name)["Version"] == "2"


@pytest.mark.usefixtures("without_function")
def test_mappings_survive_a_restart_and_go_on_where_they_were(start: Start, clock: ManualClock, tmp_path: Path) -> None:
    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    received = tmp_path / "received"
    name = make_function(lambda_, RECORDING.format(path=str(received)))
    request = {"FunctionName": name, "EventSourceArn": stack.tables[0].stream_arn, "StartingPosition": "TRIM_HORIZON"}
    mapping_id = lambda_.create_event_source_mapping(**request, BatchSize=7, Tags={"a": "b"})["UUID"]
    before = settled(lambda_, mapping_id)
    put(stack, "one", clock.now() + 3600)
    eventually(lambda: lines(received) == ["one"])
    eventually(lambda: lambda_.get_event_source_mapping(UUID=mapping_id)["LastProcessingResult"] == "OK")
    stack.stop()

    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    put(stack, "two", clock.now() + 3600)
    eventually(lambda: lines(received) == ["one", "two"])
    after = lambda_.get_event_source_mapping(UUID=mapping_id)
    assert (after["State"], after["BatchSize"], after["LastModified"]) == ("Enabled", 7, before["LastModified"])
    assert lambda_.list_tags(Resource=after["EventSourceMappingArn"])["Tags"] == {"a": "b"}
    lambda_.delete_event_source_mapping(UUID=mapping_id)
    stack.stop()

    stack = start(data=tmp_path / "data")
    assert client("lambda", stack.endpoint).list_event_source_mappings()["EventSourceMappings"] == []


@pytest.mark.usefixtures("without_function")
def test_a_call_that_nobody_waits_for_survives_a_restart(start: Start, clock: ManualClock, tmp_path: Path) -> None:
    """Section 10: two retries, after one and then two minutes; here across a restart."""
    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    calls = tmp_path / "calls"
    name = make_function(
        lambda_,
        f"def handler(event, context):\n"
        f"    with open({str(calls)!r}, 'a') as file: file.write(context.aws_request_id + '\\n')\n"
        f"    raise LookupError('no')\n",
    )
    request_id = lambda_.invoke(FunctionName=name, InvocationType="Event")["ResponseMetadata"]["RequestId"]
    eventually(lambda: lines(calls))
    stack.stop()

    start(data=tmp_path / "data")
    eventually(lambda: len(lines(calls)) == 3, meanwhile=lambda: clock.advance(10))
    assert lines(calls) == [request_id] * 3


def test_what_the_project_file_has_is_its_own(start: Start, project: Project, tmp_path: Path) -> None:
    """Changes of it through the API last until the next start."""
    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    name = "shop-dev-main"
    [mapping] = lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    assert mapping["State"] == "Enabled"
    lambda_.update_function_configuration(FunctionName=name, Description="changed", MemorySize=512)
    lambda_.update_event_source_mapping(UUID=mapping["UUID"], BatchSize=3)
    assert settled(lambda_, mapping["UUID"])["BatchSize"] == 3
    stack.stop()

    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    shown = lambda_.get_function_configuration(FunctionName=name)
    assert (shown["Description"], shown["MemorySize"]) == ("", 1024)
    assert lambda_.get_event_source_mapping(UUID=mapping["UUID"])["BatchSize"] == 100


def test_a_function_of_the_project_file_takes_the_place_of_one_from_the_api(
    start: Start, project: Project, tmp_path: Path
) -> None:
    project.write(serverless_yml(event=None))
    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    lambda_.create_function(
        **creation("def handler(event, context):\n    return 'api'\n", FunctionName="shop-dev-main")
    )
    stack.stop()

    project.write(serverless_yml(), "def handler(event, context):\n    return 'file'\n")
    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    assert json.loads(lambda_.invoke(FunctionName="shop-dev-main")["Payload"].read()) == "file"
    stack.stop()

    project.write(serverless_yml(event=None))
    stack = start(data=tmp_path / "data")
    lambda_ = client("lambda", stack.endpoint)
    assert json.loads(lambda_.invoke(FunctionName="shop-dev-main")["Payload"].read()) == "api"
