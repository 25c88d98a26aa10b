"""Started again on the same data, a stack goes on where it was; a changed project file is brought to what is there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from everwarm import ProjectError, Stack
from everwarm.clock import ManualClock
from tests.stack.support import (
    RECORDING_HANDLER,
    STREAM_EVENT,
    Project,
    Witness,
    client,
    eventually,
    expire,
    key_of,
    put,
    serverless_yml,
    stream_records,
)

Start = Callable[..., Stack]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_what_expired_meanwhile_is_delivered_and_nothing_is_delivered_twice(
    start: Start, clock: ManualClock, project: Project, witness: Witness, data: Path
) -> None:
    stack = start(data=data)
    put(stack, "later", clock.now() + 3600)
    expire(stack, clock, "before")
    # A record is done when its batch is, which is a moment after the handler has written it down.
    eventually(lambda: sum(outcome.ok for outcome in witness.outcomes) and "before" in project.expired_keys())
    stack.stop()
    clock.advance(3600)
    stack = start(data=data)
    assert eventually(lambda: project.expired_keys()[1:]) == ["later"]
    stack.stop()
    ids = [record["eventID"] for record in project.received()]
    assert len(ids) == len(set(ids)) == 4  # two INSERTs, two REMOVEs


# Stopped between two tries: the batch is not done, whatever was tried of it.
def test_a_batch_that_was_being_retried_is_delivered_after_the_restart(
    start: Start, clock: ManualClock, project: Project, witness: Witness, data: Path
) -> None:
    project.write_handler("def handler(event, context): raise LookupError")
    stack = start(data=data)
    put(stack, "ann", clock.now() + 3600)
    eventually(lambda: witness.outcomes)
    stack.stop()
    project.write_handler(RECORDING_HANDLER)
    start(data=data)
    assert [key_of(record) for record in eventually(project.received)] == ["ann"]


# LATEST is where the stream stood when the mapping came to be, not where it stands at each start.
def test_latest_skips_what_was_there_before_the_mapping_but_nothing_after_it(
    start: Start, clock: ManualClock, project: Project, data: Path
) -> None:
    latest = serverless_yml(event=STREAM_EVENT[:-1] + ", startingPosition: LATEST}")
    project.write(serverless_yml(event=None))
    stack = start(data=data)
    put(stack, "old", clock.now() + 3600)
    stack.stop()
    project.write(latest)
    stack = start(data=data)
    put(stack, "new", clock.now() + 7200)
    eventually(lambda: project.received("INSERT"))
    stack.stop()
    clock.advance(3600)
    stack = start(data=data)
    eventually(project.expired_keys)
    assert [(record["eventName"], key_of(record)) for record in project.received()] == [
        ("INSERT", "new"),
        ("REMOVE", "old"),
    ]


def test_trim_horizon_begins_with_what_was_there_before_the_mapping(
    start: Start, clock: ManualClock, project: Project, data: Path
) -> None:
    project.write(serverless_yml(event=None))
    stack = start(data=data)
    put(stack, "old", clock.now() + 3600)
    stack.stop()
    project.write(serverless_yml())  # TRIM_HORIZON is what the Serverless Framework takes when a file says nothing
    start(data=data)
    assert [key_of(record) for record in eventually(lambda: project.received("INSERT"))] == ["old"]


def test_another_ttl_attribute_rules_from_the_next_start_on(
    start: Start, clock: ManualClock, project: Project, data: Path
) -> None:
    stack = start(data=data)
    due, never = clock.now() + 10, clock.now() + 10**6
    put(stack, "by the old one", due, until={"N": str(never)})
    put(stack, "by the new one", never, until={"N": str(due)})
    stack.stop()
    project.write(serverless_yml(ttl="until"))
    stack = start(data=data)
    assert stack.tables[0].time_to_live == "until"
    clock.advance(10)
    eventually(project.expired_keys)
    clock.advance(10)
    stack.stop()
    assert project.expired_keys() == ["by the new one"]


# The old stream's records have the old view and stay what they are; the function goes over to the new stream.
def test_another_view_type_means_another_stream(start: Start, clock: ManualClock, project: Project, data: Path) -> None:
    project.write(serverless_yml(view="KEYS_ONLY"))
    stack = start(data=data)
    old_arn = stack.tables[0].stream_arn
    put(stack, "ann", clock.now() + 10)
    eventually(lambda: project.received("INSERT"))
    stack.stop()
    project.write(serverless_yml(view="OLD_IMAGE"))
    clock.advance(5)
    stack = start(data=data)
    new_arn = stack.tables[0].stream_arn
    assert old_arn is not None
    assert new_arn is not None
    assert new_arn != old_arn
    clock.advance(5)
    eventually(project.expired_keys)
    (record,) = project.received("REMOVE")
    assert record["eventSourceARN"] == new_arn
    assert record["dynamodb"]["OldImage"]["pk"] == {"S": "ann"}
    assert [record["eventName"] for record in stream_records(stack.endpoint, old_arn)] == ["INSERT"]


# Nothing of the data may be lost over a changed file: the person decides.
def test_another_key_is_refused_and_the_data_stays(
    start: Start, clock: ManualClock, project: Project, data: Path
) -> None:
    stack = start(data=data)
    put(stack, "ann", clock.now() + 3600)
    stack.stop()
    project.write(serverless_yml(key="id"))
    with pytest.raises(
        ProjectError, match=r"cache exists with the key pk \(HASH S\), and the file wants id \(HASH S\)"
    ):
        start(data=data)
    project.write(serverless_yml())
    stack = start(data=data)
    dynamodb = client("dynamodb", stack.endpoint)
    assert "Item" in dynamodb.get_item(TableName="cache", Key={"pk": {"S": "ann"}})
    dynamodb.close()


# It is there when the stack says that it is up.
def test_a_new_index_is_filled_with_what_is_there(start: Start, project: Project, data: Path) -> None:
    stack = start(data=data)
    for name in ("ann", "bob"):
        put(stack, name, 4_000_000_000, town={"S": "Bern"})
    stack.stop()
    index = "{IndexName: by-town, KeySchema: [{AttributeName: town, KeyType: HASH}], Projection: {ProjectionType: ALL}}"
    yml = serverless_yml(event=None).replace(
        "AttributeDefinitions: [", "AttributeDefinitions: [{AttributeName: town, AttributeType: S}, "
    )
    project.write(f"{yml}        GlobalSecondaryIndexes: [{index}]\n")
    stack = start(data=data)
    dynamodb = client("dynamodb", stack.endpoint)
    found = dynamodb.query(
        TableName="cache",
        IndexName="by-town",
        KeyConditionExpression="town = :town",
        ExpressionAttributeValues={":town": {"S": "Bern"}},
    )
    dynamodb.close()
    assert {item["pk"]["S"] for item in found["Items"]} == {"ann", "bob"}
