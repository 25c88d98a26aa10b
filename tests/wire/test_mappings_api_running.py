"""What becomes of records when a mapping is made, changed, disabled, enabled and deleted while they come."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everwarm.clock import ManualClock
from tests.stack.support import eventually
from tests.wire.conftest import make_table
from tests.wire.functions import creation, make_function, package

# Each record leaves a line.
RECORDING = """
    import os
    def handler(event, context):
        with open({path!r}, "a") as file:
            for record in event["Records"]:
                file.write({mark!r} + record["dynamodb"]["Keys"]["pk"]["S"] + "\\n")
        if os.environ.get("FAILS"):
            raise LookupError("no")
"""


class Table:
    """A table with a stream, and a function that notes down what comes of it."""

    def __init__(self, dynamodb: Any, lambda_: Any, directory: Path) -> None:
        self.dynamodb = dynamodb
        self.lambda_ = lambda_
        self.path = directory / "records"
        self.name = make_table(
            dynamodb, "pk:S", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
        )
        self.stream: str = dynamodb.describe_table(TableName=self.name)["Table"]["LatestStreamArn"]

    def function(self, mark: str = "", **more: Any) -> str:
        return make_function(self.lambda_, RECORDING.format(path=str(self.path), mark=mark), **more)

    def put(self, *keys: str) -> None:
        for key in keys:
            self.dynamodb.put_item(TableName=self.name, Item={"pk": {"S": key}})

    def received(self, count: int) -> list[str]:
        """What was noted down, once it is so many lines."""

        def look() -> list[str] | None:
            lines = self.path.read_text().splitlines() if self.path.exists() else []
            return lines if len(lines) >= count else None

        lines = eventually(look)
        assert lines is not None
        return lines

    def mapping(self, function: str, **more: Any) -> str:
        """Make a mapping, and wait until it is settled."""
        request = {"StartingPosition": "TRIM_HORIZON", **more}
        made = self.lambda_.create_event_source_mapping(FunctionName=function, EventSourceArn=self.stream, **request)
        return self.settled(made["UUID"])

    def settled(self, mapping_id: str) -> str:
        eventually(lambda: self.shown(mapping_id)["State"] in ("Enabled", "Disabled"))
        return mapping_id

    def shown(self, mapping_id: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.lambda_.get_event_source_mapping(UUID=mapping_id)
        return shown

    def change(self, mapping_id: str, **more: Any) -> None:
        self.lambda_.update_event_source_mapping(UUID=mapping_id, **more)
        self.settled(mapping_id)

    def delete(self, mapping_id: str) -> None:
        self.lambda_.delete_event_source_mapping(UUID=mapping_id)
        listed = self.lambda_.list_event_source_mappings
        eventually(lambda: not listed(EventSourceArn=self.stream)["EventSourceMappings"])


@pytest.fixture
def table(dynamodb: Any, lambda_: Any, tmp_path: Path) -> Iterator[Table]:
    table = Table(dynamodb, lambda_, tmp_path)
    yield table
    for mapping in lambda_.list_event_source_mappings(EventSourceArn=table.stream)["EventSourceMappings"]:
        lambda_.delete_event_source_mapping(UUID=mapping["UUID"])
    dynamodb.delete_table(TableName=table.name)


def test_trim_horizon_has_what_was_written_before(table: Table) -> None:
    """Section 1, StartingPosition: TRIM_HORIZON."""
    table.put("before")
    table.mapping(table.function())
    table.put("after")
    assert table.received(2) == ["before", "after"]


def test_latest_has_what_is_written_from_then_on(table: Table) -> None:
    """Section 1, StartingPosition: LATEST."""
    table.put("before")
    table.mapping(table.function(), StartingPosition="LATEST")
    table.put("after")
    assert table.received(1) == ["after"]


def test_disabled_and_enabled_it_goes_on_where_it_was(table: Table) -> None:
    """Section 3: disable then enable resumes at the last processed record."""
    mapping_id = table.mapping(table.function())
    table.put("one")
    table.received(1)
    table.change(mapping_id, Enabled=False)
    table.put("two")
    table.change(mapping_id, Enabled=True)
    table.put("three")
    assert table.received(3) == ["one", "two", "three"]


def test_an_update_goes_on_where_it_was(table: Table) -> None:
    mapping_id = table.mapping(table.function())
    table.put("one")
    table.received(1)
    table.change(mapping_id, BatchSize=1, FilterCriteria={"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]})
    table.put("two")
    assert table.received(2) == ["one", "two"]


def test_another_function(table: Table) -> None:
    """UpdateEventSourceMapping: FunctionName."""
    mapping_id = table.mapping(table.function())
    table.put("one")
    table.received(1)
    other = table.function("other ")
    table.change(mapping_id, FunctionName=other)
    assert table.shown(mapping_id)["FunctionArn"].endswith(f":function:{other}")
    table.put("two")
    assert table.received(2) == ["one", "other two"]


def test_deleted_and_made_again_it_begins_anew(table: Table) -> None:
    """A deleted mapping's position is forgotten."""
    function = table.function()
    mapping_id = table.mapping(function)
    table.put("one")
    table.received(1)
    table.delete(mapping_id)
    table.put("two")
    assert table.mapping(function) != mapping_id
    assert table.received(3) == ["one", "one", "two"]


def test_the_last_result(table: Table) -> None:
    """Section 2, LastProcessingResult: No records processed, OK, PROBLEM: Function call failed."""
    function = table.function()
    mapping_id = table.mapping(function, MaximumRetryAttempts=0)
    assert table.shown(mapping_id)["LastProcessingResult"] == "No records processed"
    table.put("one")
    eventually(lambda: table.shown(mapping_id)["LastProcessingResult"] == "OK")
    table.lambda_.update_function_configuration(FunctionName=function, Environment={"Variables": {"FAILS": "1"}})
    table.put("two")
    eventually(lambda: table.shown(mapping_id)["LastProcessingResult"] == "PROBLEM: Function call failed")


def test_code_that_is_replaced(table: Table) -> None:
    """A function that is changed while it is running: the batches that follow get what is new."""
    function = table.function("old ")
    table.mapping(function)
    table.put("one")
    table.received(1)
    source = RECORDING.format(path=str(table.path), mark="new ")
    table.lambda_.update_function_code(FunctionName=function, ZipFile=package(source))
    table.put("two")
    assert table.received(2) == ["old one", "new two"]


def test_switched_off_and_on_again_and_again_it_loses_nothing(table: Table) -> None:
    """Section 3: disable then enable resumes at the last processed record, whatever was under way."""
    mapping_id = table.mapping(table.function(), BatchSize=1)
    written: list[str] = []
    for round_number in range(8):
        for _ in range(3):
            written.append(f"{len(written):03}")
            table.put(written[-1])
        table.change(mapping_id, Enabled=round_number % 2 == 1)
    table.put("end")
    received = table.received(len(written) + 1)
    # At least once, each for the first time in order.
    assert list(dict.fromkeys(received)) == [*written, "end"]


def test_a_function_that_is_deleted_and_made_again(table: Table, clock: ManualClock) -> None:
    """Section 2: after the function is deleted the mapping is still there; it waits, and goes on when there is one."""
    function = table.function("old ")
    mapping_id = table.mapping(function)
    table.put("one")
    table.received(1)
    table.lambda_.delete_function(FunctionName=function)
    table.put("two")
    eventually(lambda: table.shown(mapping_id)["LastProcessingResult"] == "PROBLEM: Function call failed")
    source = RECORDING.format(path=str(table.path), mark="new ")
    table.lambda_.create_function(**creation(source, FunctionName=function))
    eventually(lambda: len(table.received(1)) == 2, meanwhile=lambda: clock.advance(1))
    assert table.received(2) == ["old one", "new two"]
    assert table.shown(mapping_id)["State"] == "Enabled"
