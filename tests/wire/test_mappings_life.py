"""Sections 2 and 3 of what is known of event source mappings: one that is made, changed, switched off and deleted by
boto3 while records come in.

What each operation answers and refuses is tested with the Lambda API.
"""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack.support import client, eventually
from tests.wire.mapped import Mapped, Triggered, running

FUNCTIONS = {
    "reader": Triggered("batchSize: 100"),
    "other": Triggered("batchSize: 100"),
    "failing": Triggered("batchSize: 100", "if not os.path.exists('mended'): raise ValueError('no good')"),
}


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    with running(tmp_path_factory.mktemp("project"), FUNCTIONS) as mapped:
        yield mapped


@pytest.fixture(scope="module")
def lambdas(mapped: Mapped) -> Iterator[Any]:
    boto = client("lambda", mapped.stack.endpoint)
    yield boto
    boto.close()


class Source:
    """A table of the test's own, with a stream, and the mapping from it."""

    def __init__(self, mapped: Mapped, lambdas: Any) -> None:
        self.table = f"source-{uuid.uuid4()}"
        self.arn: str = mapped.dynamodb.create_table(
            TableName=self.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )["TableDescription"]["LatestStreamArn"]
        self.mapping = ""
        self._mapped = mapped
        self._lambdas = lambdas

    def map(self, function: str = "reader", **settings: Any) -> None:
        """Have a function read it, and wait until it does."""
        made = self._lambdas.create_event_source_mapping(
            FunctionName=f"shop-dev-{function}",
            EventSourceArn=self.arn,
            **{"StartingPosition": "TRIM_HORIZON", **settings},
        )
        assert made["State"] == "Creating"
        self.mapping = made["UUID"]
        self.until("Enabled")

    def update(self, state: str = "Enabled", **settings: Any) -> None:
        """Change the mapping, and wait until that is carried out."""
        self._lambdas.update_event_source_mapping(UUID=self.mapping, **settings)
        self.until(state)

    def until(self, state: str) -> None:
        eventually(lambda: self.told["State"] == state)

    @property
    def told(self) -> dict[str, Any]:
        """What GetEventSourceMapping tells."""
        answer: dict[str, Any] = self._lambdas.get_event_source_mapping(UUID=self.mapping)
        return answer

    def put(self, *keys: str) -> None:
        self._mapped.put(self.table, *keys)

    def sent(self, function: str = "reader") -> list[list[str]]:
        """The keys of each call with records of this table."""
        return [
            [record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]]
            for event in self._mapped.events(function)
            if event["Records"][0]["eventSourceARN"] == self.arn
        ]

    def wait(self, *expected: list[str], function: str = "reader") -> None:
        """Wait until a function was called with just these."""
        eventually(lambda: len(self.sent(function)) >= len(expected))
        assert self.sent(function) == list(expected)


@pytest.fixture
def source(mapped: Mapped, lambdas: Any) -> Source:
    return Source(mapped, lambdas)


def test_trim_horizon_begins_with_the_oldest_record(source: Source) -> None:
    """Section 1, row "StartingPosition"; section 3, row "LATEST can miss ...; TRIM_HORIZON cannot"."""
    source.put("before")
    source.map()
    source.wait(["before"])


def test_latest_begins_with_what_is_written_once_it_is_enabled(source: Source) -> None:
    """Section 1, row "StartingPosition"; section 3, rows "Creation takes ..." and "LATEST can miss ..."."""
    source.put("before")
    source.map(StartingPosition="LATEST")
    source.put("after")
    source.wait(["after"])


def test_latest_of_a_new_stream_misses_nothing(source: Source) -> None:
    """Section 1, row "StartingPosition": a shard that has had no record yet has an end, too."""
    source.map(StartingPosition="LATEST")
    source.put("a")
    source.wait(["a"])
    source.update("Disabled", Enabled=False)
    source.put("b")
    source.update(Enabled=True)
    source.wait(["a"], ["b"])


def test_latest_does_not_skip_what_is_written_while_it_is_off(source: Source) -> None:
    """Section 3, row "Disable then enable resumes at the last processed record": there is none, but a place."""
    source.map(StartingPosition="LATEST")
    source.update("Disabled", Enabled=False)
    source.put("a")
    source.update(Enabled=True)
    source.wait(["a"])


def test_disabled_and_enabled_again_it_goes_on_at_the_last_processed_record(source: Source) -> None:
    """Section 3, row "Disable then enable resumes at the last processed record"; section 1, row "Enabled"."""
    source.map()
    source.put("a")
    source.wait(["a"])
    source.update("Disabled", Enabled=False)
    source.put("b")
    source.put("c")
    source.update(Enabled=True)
    source.wait(["a"], ["b", "c"])


def test_an_update_counts_from_the_next_batch_on(source: Source) -> None:
    """Section 3, row "Creation takes ...; updates": no record is lost or repeated by it."""
    source.map(BatchSize=10)
    source.put("a", "b")
    source.wait(["a", "b"])
    source.update(BatchSize=1)
    source.put("c", "d")
    source.wait(["a", "b"], ["c"], ["d"])


def test_another_function_goes_on_where_the_first_one_was(source: Source) -> None:
    """Section 1, row "FunctionName"; issue 4, part 3: a function replaced while running."""
    source.map()
    source.put("a")
    source.wait(["a"])
    source.update(FunctionName="shop-dev-other")
    source.put("b")
    source.wait(["b"], function="other")
    source.wait(["a"])


def test_deleted_and_made_again_it_begins_anew(source: Source, lambdas: Any) -> None:
    """Section 2, DeleteEventSourceMapping: its position goes with it."""
    source.map()
    source.put("a")
    source.wait(["a"])
    lambdas.delete_event_source_mapping(UUID=source.mapping)
    eventually(lambda: not lambdas.list_event_source_mappings(EventSourceArn=source.arn)["EventSourceMappings"])
    source.put("b")
    source.map()
    source.wait(["a"], ["a", "b"])


def test_the_result_of_the_last_call(source: Source, mapped: Mapped) -> None:
    """Section 2, `LastProcessingResult` and its later values."""
    source.map("failing")
    assert source.told["LastProcessingResult"] == "No records processed"
    source.put("a")
    eventually(lambda: source.told["LastProcessingResult"] == "PROBLEM: Function call failed")
    mapped.allow("mended")
    eventually(lambda: source.told["LastProcessingResult"] == "OK", meanwhile=lambda: mapped.clock.advance(0.25))
    assert set(map(tuple, source.sent("failing"))) == {("a",)}


def test_a_mapping_of_a_deleted_table_is_still_listed(source: Source, mapped: Mapped, lambdas: Any) -> None:
    """Section 2, below its members: "After the table is deleted the mapping is still listed as Enabled"."""
    source.map()
    source.put("a")
    source.wait(["a"])
    mapped.dynamodb.delete_table(TableName=source.table)
    (listed,) = lambdas.list_event_source_mappings(EventSourceArn=source.arn)["EventSourceMappings"]
    assert (listed["UUID"], listed["State"]) == (source.mapping, "Enabled")
