"""Section 6 of what is known of event source mappings: the on-failure record.

Source: "Retaining discarded batches" in the Lambda developer guide, and what was recorded on AWS.
"""

import json
import re

from everwarm.lambdas.failures.record import failure_record, object_key, record_with_payload
from everwarm.lambdas.mappings.next_step import Condition
from tests.unit.lambdas.failures.batches import MAPPING, failed
from tests.unit.lambdas.mappings.fake_stream import ARN, SHARD

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def test_the_record() -> None:
    """Rows "version", "timestamp", "requestContext", "responseContext", "DDBStreamBatchInfo", with all members."""
    assert failure_record(failed(7, 8, 9, attempts=2)) == {
        "version": "1.0",
        "timestamp": "2023-11-14T22:13:20.123Z",
        "requestContext": {
            "requestId": "c0ffee00-0000-4000-8000-000000000000",
            "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:shop-dev-refresh",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 2,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "DDBStreamBatchInfo": {
            "shardId": SHARD,
            "startSequenceNumber": "000000000000000000007",
            "endSequenceNumber": "000000000000000000009",
            "approximateArrivalOfFirstRecord": "2023-11-14T22:12:20Z",
            "approximateArrivalOfLastRecord": "2023-11-14T22:12:20Z",
            "batchSize": 3,
            "streamArn": ARN,
        },
    }


def test_function_error_of_a_partial_response() -> None:
    """Row "responseContext": functionError is null where the function's answer named the records."""
    told = failure_record(failed(1, function_error=None))
    assert told["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None}


def test_a_mapping_of_an_alias() -> None:
    """Rows "requestContext", "responseContext": the ARN is that of the call, and the version the one behind it."""
    told = failure_record(failed(1, qualifier="live", executed_version="7"))
    function = "arn:aws:lambda:us-east-1:000000000000:function:shop-dev-refresh:live"
    assert told["requestContext"]["functionArn"] == function
    assert told["responseContext"]["executedVersion"] == "7"


def test_too_old() -> None:
    """Row "responseContext": absent when the condition is RecordAgeExceeded; row "Conditions"."""
    told = failure_record(failed(1, condition=Condition.RECORD_AGE_EXCEEDED))
    assert "responseContext" not in told
    assert told["requestContext"]["condition"] == "RecordAgeExceeded"


def test_too_old_before_the_first_call() -> None:
    """Section 4, row "Record too old before its first call": invoke count 1, and there is a request id."""
    told = failure_record(failed(1, attempts=0, condition=Condition.RECORD_AGE_EXCEEDED, request_id=None))
    assert told["requestContext"]["approximateInvokeCount"] == 1
    assert re.fullmatch(UUID, told["requestContext"]["requestId"])


def test_the_payload_is_text() -> None:
    """Row "payload": the whole event, as text."""
    batch = failed(1, 2)
    told = record_with_payload(batch)
    assert failure_record(batch) == {name: value for name, value in told.items() if name != "payload"}
    event = json.loads(told["payload"])
    assert [record["eventID"][-1] for record in event["Records"]] == ["1", "2"]
    assert event["Records"][0]["eventSourceARN"] == ARN


def test_the_key_of_an_object() -> None:
    """ "S3 key": mapping, shard, date, time and something random."""
    place = re.escape(f"aws/lambda/{MAPPING.id}/{SHARD}/2023/11/14/2023-11-14T22.13.20-")
    first, second = object_key(failed(1)), object_key(failed(1))
    assert re.fullmatch(place + UUID, first)
    assert re.fullmatch(place + UUID, second)
    assert first != second
