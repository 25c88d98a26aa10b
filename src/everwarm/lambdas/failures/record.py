"""AWS's on-failure record: what a queue, a topic or a bucket is told of a batch that was given up. Pure.

Source: "Retaining discarded batches" for DynamoDB in the Lambda developer guide.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

from everwarm.lambdas.mappings.batch import to_event
from everwarm.lambdas.mappings.failed import FailedBatch
from everwarm.lambdas.mappings.next_step import Condition
from everwarm.stream_record import created_s


def failure_record(failed: FailedBatch) -> dict[str, Any]:
    """The body of the message to a queue or a topic. The records are not in it, only where they are."""
    mapping, batch = failed.mapping, failed.batch
    told: dict[str, Any] = {
        "requestContext": {
            # AWS has one even where nothing was called, and counts a call.
            "requestId": failed.request_id or str(uuid.uuid4()),
            "functionArn": function_arn(mapping.stream_arn, mapping.function_name, mapping.qualifier),
            "condition": failed.condition.value,
            "approximateInvokeCount": max(1, batch.attempts),
        }
    }
    if failed.condition is not Condition.RECORD_AGE_EXCEEDED:
        told["responseContext"] = {
            "statusCode": 200,
            "executedVersion": failed.executed_version,
            "functionError": failed.function_error,
        }
    return told | {
        "version": "1.0",
        "timestamp": _time(failed.at, "milliseconds"),
        "DDBStreamBatchInfo": {
            "shardId": failed.shard_id,
            "startSequenceNumber": batch.first,
            "endSequenceNumber": batch.last,
            "approximateArrivalOfFirstRecord": _time(created_s(batch.records[0]), "seconds"),
            "approximateArrivalOfLastRecord": _time(created_s(batch.records[-1]), "seconds"),
            "batchSize": len(batch.records),
            "streamArn": mapping.stream_arn,
        },
    }


def record_with_payload(failed: FailedBatch) -> dict[str, Any]:
    """The content of the object in a bucket: the record, with the function's event as text."""
    return failure_record(failed) | {"payload": to_event(failed.batch, failed.mapping.stream_arn).decode()}


def object_key(failed: FailedBatch) -> str:
    """A key for that object; another one each time."""
    at = datetime.fromtimestamp(failed.at, UTC)
    return f"aws/lambda/{failed.mapping.id}/{failed.shard_id}/{at:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"


def function_arn(stream_arn: str, function_name: str, qualifier: str | None) -> str:
    """The ARN of a function, or of a version of it, of the same region and account as the stream."""
    partition, _, region, account, *_ = stream_arn.split(":")[1:]
    tail = "" if qualifier is None else f":{qualifier}"
    return f"arn:{partition}:lambda:{region}:{account}:function:{function_name}{tail}"


def _time(epoch_s: float, precision: str) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec=precision).replace("+00:00", "Z")
