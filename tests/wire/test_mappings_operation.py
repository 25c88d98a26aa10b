"""Section 11 of what is known of event source mappings: metrics and loops.

What CloudWatch shows is at `/metrics` here; tests/stack/test_metrics.py has the rest of that. The permissions of a
function's role are looked at by `everwarm check`.
"""

import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.stack.support import eventually
from tests.wire.mapped import Mapped, Triggered, running

FUNCTIONS = {
    "counted": Triggered(
        'batchSize: 1, maximumRetryAttempts: 1, filterPatterns: [{dynamodb: {NewImage: {kind: {S: ["wanted"]}}}}]',
        "if 'bad' in keys(event): raise ValueError('no good')",
    ),
    "stuck": Triggered("batchSize: 1", "raise ValueError('never')"),
    "looping": Triggered(
        "batchSize: 1",
        """
        import boto3
        turn = int(event["Records"][0]["dynamodb"]["NewImage"]["turn"]["N"])
        item = {"pk": {"S": "a"}, "turn": {"N": str(turn + 1)}}
        if turn < 20: boto3.client("dynamodb").put_item(TableName="looping", Item=item)
        """,
    ),
    "refreshing": Triggered(
        "batchSize: 1, filterPatterns: [{eventName: [REMOVE]}]",
        """
        import boto3
        boto3.client("dynamodb").put_item(TableName="refreshing", Item=event["Records"][0]["dynamodb"]["Keys"])
        """,
    ),
}


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    with running(tmp_path_factory.mktemp("project"), FUNCTIONS) as mapped:
        yield mapped


def figures(mapped: Mapped, function: str) -> dict[str, float]:
    """What is measured of a function's mapping, by the metrics' names."""
    with urllib.request.urlopen(f"{mapped.stack.endpoint}/metrics", timeout=10) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    samples = [sample for family in families for sample in family.samples]
    return {one.name: one.value for one in samples if one.labels.get("function") == f"shop-dev-{function}"}


def test_counts_of_events(mapped: Mapped) -> None:
    """Metrics, with `EventCount`: polled, filtered out, invoked, failed and dropped."""
    mapped.put("counted", "passed-over")
    mapped.put("counted", "good", "bad", kind={"S": "wanted"})
    mapped.given_up("counted")
    told = eventually(
        lambda: told if (told := figures(mapped, "counted"))["everwarm_mapping_records_given_up_total"] else None
    )
    assert told is not None
    assert told["everwarm_mapping_records_filtered_out_total"] == 1
    assert told["everwarm_mapping_records_total"] == 1
    assert told["everwarm_mapping_failed_calls_total"] == 2
    assert told["everwarm_mapping_retries_total"] == 1
    assert told["everwarm_mapping_records_given_up_total"] == 1
    assert told["everwarm_function_invocations_total"] == 3


def test_iterator_age(mapped: Mapped) -> None:
    """Metrics, `IteratorAge`: it grows while a batch fails."""
    mapped.put("stuck", "a")
    mapped.wait("stuck", 2, step_s=0.25)
    mapped.clock.advance(600)
    assert figures(mapped, "stuck")["everwarm_stream_lag_seconds"] >= 600


def test_a_loop_is_not_detected(mapped: Mapped) -> None:
    """Recursive-loop detection (16 calls) does not cover DynamoDB: a handler that writes to its table goes on."""
    mapped.put("looping", "a", turn={"N": "1"})
    assert mapped.wait("looping", 20) == [["a"]] * 20


def test_a_filter_keeps_a_handler_from_its_own_writes(mapped: Mapped) -> None:
    """ "A handler that writes back to its own table must filter out INSERT and MODIFY"."""
    mapped.put("refreshing", "a")
    for turn in (1, 2, 3):
        eventually(lambda: mapped.dynamodb.scan(TableName="refreshing")["Count"])
        mapped.dynamodb.delete_item(TableName="refreshing", Key={"pk": {"S": "a"}})
        assert mapped.wait("refreshing", turn) == [["a"]] * turn
