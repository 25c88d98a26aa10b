"""Starting and stopping a project, and what a person is told when that cannot be.

Not here: going on after a restart (test_restart.py), what becomes of calls (test_functions.py).
"""

import os
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from everwarm import EverwarmError, Observer, ProjectError, Stack, StorageLocked
from everwarm.clock import ManualClock, SystemClock
from everwarm.dynamodb.ttl.sweeper import Expired
from everwarm.lambdas.mappings.next_step import Outcome
from everwarm.stream_record import Record
from tests.stack.support import Project, client, eventually, expire, put, serverless_yml

Start = Callable[..., Stack]


# The whole way: HTTP, expiry index, sweeper, stream, mapping, worker process.
def test_an_expiry_runs_the_function(start: Start, clock: ManualClock, project: Project) -> None:
    stack = start()
    expire(stack, clock, "ann")
    assert eventually(project.expired_keys) == ["ann"]
    (record,) = project.received("REMOVE")
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert record["eventSourceARN"] == stack.tables[0].stream_arn


def test_nothing_is_left_when_it_has_stopped(start: Start, clock: ManualClock, project: Project) -> None:
    stack = start()
    expire(stack, clock, "ann")
    eventually(project.expired_keys)
    assert project.workers_alive()
    stack.stop()
    assert not project.workers_alive()
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(stack.endpoint, timeout=5)
    stack.stop()  # once more does no harm


def test_a_directory_without_a_project_file_runs_the_engine_alone(tmp_path: Path) -> None:
    with Stack(tmp_path, memory=True) as stack:
        assert stack.project is None
        assert stack.tables == []
        dynamodb = client("dynamodb", stack.endpoint)
        assert dynamodb.list_tables()["TableNames"] == []
        dynamodb.close()


# A person who works on the handler wants the table kept, and none of it in their repository.
def test_data_is_kept_beside_the_project_file(start: Start, project: Project) -> None:
    start(data=None)
    assert (project.directory / ".everwarm" / ".gitignore").read_text() == "*\n"


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="nowhere: there is no such directory"):
        Stack(tmp_path / "nowhere")


def test_a_port_in_use_is_named(start: Start, tmp_path: Path) -> None:
    port = int(start().endpoint.rpartition(":")[2])
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(EverwarmError, match=f"cannot listen on 127.0.0.1:{port}: another server runs there"):
        Stack(other, port=port).start()
    # The one that failed has let go of its data directory.
    with Stack(other) as stack:
        assert stack.endpoint


def test_a_data_directory_in_use_is_refused_with_the_process_that_has_it(start: Start, tmp_path: Path) -> None:
    start(data=tmp_path / "data")
    with pytest.raises(StorageLocked, match=f"process id {os.getpid()}"):
        start(data=tmp_path / "data")


def test_a_stack_is_started_once(start: Start) -> None:
    stack = start()
    with pytest.raises(EverwarmError, match="started once"):
        stack.start()


# The label in a deployed stream's ARN is the moment at which AWS made the stream; nobody could know the local one.
def test_a_stream_named_by_the_arn_it_has_on_aws(start: Start, clock: ManualClock, project: Project) -> None:
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/cache/stream/2019-05-10T23:16:20.123"
    project.write(serverless_yml(event=arn))
    expire(start(), clock, "ann")
    assert eventually(project.expired_keys) == ["ann"]


def test_a_stream_of_a_table_that_is_nowhere(start: Start, project: Project) -> None:
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/elsewhere/stream/2019-05-10T23:16:20.123"
    project.write(serverless_yml(event=arn))
    with pytest.raises(
        ProjectError,
        match=r"serverless\.yml:\d+:\d+: this reads the stream of the table elsewhere, which does not exist",
    ):
        start()


# Shard iterators die after 15 minutes, and a cache may be quiet for longer.
def test_a_stream_is_read_on_after_a_quiet_hour(start: Start, clock: ManualClock, project: Project) -> None:
    stack = start()
    put(stack, "ann", clock.now() + 3600)
    eventually(lambda: project.received("INSERT"))
    clock.advance(3600)
    assert eventually(project.expired_keys) == ["ann"]


# A view with a bug must not end the expirations that it shows.
def test_an_observer_that_fails_disturbs_nothing(start: Start, clock: ManualClock, project: Project) -> None:
    class Broken(Observer):
        def expired(self, deletions: Sequence[Expired]) -> None:
            raise ZeroDivisionError

        def called(self, function_name: str, records: Sequence[Record], outcome: Outcome) -> None:
            raise ZeroDivisionError

        def printed(self, function_name: str, request_id: str | None, line: str) -> None:
            raise ZeroDivisionError

    stack = start(observer=Broken())
    for key in ("ann", "bob"):
        expire(stack, clock, key)
        eventually(lambda: key in project.expired_keys())  # noqa: B023 - called here and now


# Two functions on one stream have a position each.
def test_two_functions_on_one_stream_get_every_record(start: Start, clock: ManualClock, project: Project) -> None:
    one = "handler: main.handler, events: [{stream: {type: dynamodb, arn: !GetAtt Cache.StreamArn}}]"
    project.write(serverless_yml(event=None) + f"functions: {{one: {{{one}}}, two: {{{one}}}}}\n")
    stack = start()
    assert [function.name for function in stack.functions] == ["shop-dev-one", "shop-dev-two"]
    expire(stack, clock, "ann")
    assert eventually(lambda: project.expired_keys()[1:]) == ["ann"]
    assert project.expired_keys() == ["ann", "ann"]


# What boto3 in a handler finds without being told: the endpoint, a region, credentials, which are let in even where
# others are not.
@pytest.mark.parametrize("checked", [False, True], ids=["any credentials", "credentials are checked"])
def test_a_handler_reaches_its_table_with_plain_boto3(
    start: Start, project: Project, tmp_path: Path, checked: bool
) -> None:
    credentials = tmp_path / "credentials"
    credentials.write_text("[default]\naws_access_key_id = any\naws_secret_access_key = any\n")
    clock = ManualClock(SystemClock().now())  # AWS clients sign with the machine's time
    project.write_handler("""
        import boto3
        table = boto3.resource("dynamodb").Table("cache")

        def handler(event, context):
            for record in event["Records"]:
                if record["eventName"] == "REMOVE":
                    table.put_item(Item={"pk": record["dynamodb"]["Keys"]["pk"]["S"], "warm": True})
    """)
    stack = start(clock=clock, credentials=credentials if checked else None)
    expire(stack, clock, "ann")
    dynamodb = client("dynamodb", stack.endpoint)
    # Until the sweeper comes the old item is there.
    assert eventually(
        lambda: (
            dynamodb.get_item(TableName="cache", Key={"pk": {"S": "ann"}}).get("Item")
            == {"pk": {"S": "ann"}, "warm": {"BOOL": True}}
        )
    )
    dynamodb.close()
