"""Section 9 of what is known of event source mappings, "Event": what a function receives."""

import base64
import json
import re
from collections.abc import Iterator

import pytest

from tests.wire.mapped import Mapped, Triggered, running

FUNCTIONS = {
    "told": Triggered("batchSize: 100"),
    "text": Triggered("batchSize: 100", context="__import__('json').dumps(event)"),
    "seen": Triggered(
        "batchSize: 1",
        "while not os.path.exists('answer'): time.sleep(0.01)",
    ),
    "beside": Triggered("batchSize: 1", table="seen"),
    "named": Triggered(
        "batchSize: 100",
        context="[context.invoked_function_arn, context.aws_request_id, context.client_context]",
    ),
    "changed": Triggered("batchSize: 100"),
}

ITEM = {
    "text": {"S": "grüezi 🎈"},
    "number": {"N": "12345678901234567890.5"},
    "binary": {"B": b"\x00\xff"},
    "set": {"SS": ["a", "b"]},
    "bytes": {"BS": [b"\x01"]},
    "map": {"M": {"list": {"L": [{"BOOL": True}, {"NULL": True}]}}},
}


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    with running(tmp_path_factory.mktemp("project"), FUNCTIONS) as mapped:
        yield mapped


def test_the_records_of_an_event(mapped: Mapped) -> None:
    """`{"Records": [...]}`, each as in the stream plus `eventSourceARN`; binary is base64."""
    now_s = int(mapped.clock.now())
    mapped.put("told", "a", **ITEM)
    mapped.wait("told", 1)
    (event,) = mapped.events("told")
    assert event.keys() == {"Records"}
    (record,) = event["Records"]
    (stream_arn,) = (table.stream_arn for table in mapped.stack.tables if table.name == "told")
    assert re.fullmatch(r"[0-9a-f]{32}", record.pop("eventID"))
    number = record["dynamodb"].pop("SequenceNumber")
    assert re.fullmatch(r"\d{21,40}", number)
    assert record["dynamodb"].pop("SizeBytes") > 0
    assert record == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": float(now_s),
            "Keys": {"pk": {"S": "a"}},
            "NewImage": {
                **ITEM,
                "pk": {"S": "a"},
                "binary": {"B": base64.b64encode(b"\x00\xff").decode()},
                "bytes": {"BS": [base64.b64encode(b"\x01").decode()]},
            },
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": stream_arn,
    }


def test_the_time_is_a_number_with_a_fraction(mapped: Mapped) -> None:
    """`ApproximateCreationDateTime` is a JSON number of epoch seconds, in float form."""
    mapped.put("text", "a")
    mapped.wait("text", 1)
    (text,) = mapped.contexts("text")
    assert re.search(r'"ApproximateCreationDateTime": \d+\.0\b', text)
    assert isinstance(json.loads(text)["Records"][0]["dynamodb"]["ApproximateCreationDateTime"], float)


def test_changes_and_deletions(mapped: Mapped) -> None:
    """`userIdentity` (keys `type`, `principalId`) only on TTL deletions."""
    calls = len(mapped.sent("changed"))
    key = {"pk": {"S": "b"}}
    mapped.put("changed", "b", ttl={"N": str(int(mapped.clock.now()) + 10)})
    mapped.wait("changed", calls + 1)
    mapped.put("changed", "c")
    mapped.wait("changed", calls + 2)
    mapped.dynamodb.update_item(
        TableName="changed",
        Key=key,
        UpdateExpression="SET colour = :colour",
        ExpressionAttributeValues={":colour": {"S": "red"}},
    )
    mapped.dynamodb.delete_item(TableName="changed", Key={"pk": {"S": "c"}})
    mapped.wait("changed", calls + 3)
    mapped.clock.advance(10)
    found: dict[tuple[str, str], dict[str, object]] = {}
    while ("b", "REMOVE") not in found:
        mapped.wait("changed", calls + 4)
        for event in mapped.events("changed"):
            for record in event["Records"]:
                found[record["dynamodb"]["Keys"]["pk"]["S"], record["eventName"]] = record
    assert {("b", "INSERT"), ("b", "MODIFY"), ("b", "REMOVE"), ("c", "INSERT"), ("c", "REMOVE")} <= found.keys()
    assert found["b", "REMOVE"]["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert [what for what, record in found.items() if "userIdentity" in record] == [("b", "REMOVE")]


def test_the_invocation_is_synchronous(mapped: Mapped) -> None:
    """The last words of "Event": the next batch comes when the function has answered."""
    mapped.put("seen", "a", "b")
    mapped.wait("seen", 1)
    mapped.wait("beside", 2)
    assert mapped.sent("seen") == [["a"]]
    mapped.allow("answer")
    assert mapped.wait("seen", 2) == [["a"], ["b"]]


def test_whom_the_context_names(mapped: Mapped) -> None:
    """Row "Python context object", of a call by a mapping."""
    mapped.put("named", "a")
    mapped.wait("named", 1)
    ((arn, request_id, client_context),) = mapped.contexts("named")
    assert arn == "arn:aws:lambda:us-east-1:000000000000:function:shop-dev-named"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", request_id)
    assert client_context is None
