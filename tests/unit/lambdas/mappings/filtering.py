"""Filters on made-up records. What the tests of filters share."""

import json
from typing import Any

from everwarm.lambdas.mappings.filters import parse
from everwarm.stream_record import Record, StreamRecord

ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2023-11-14T22:13:20.000"

AT = 1_700_000_000

EXPIRY = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}


def record(image: dict[str, Any] | None = None, *, event_name: str = "INSERT", **more: Any) -> Record:
    """A stream record as GetRecords gives it."""
    body = {"ApproximateCreationDateTime": AT, "Keys": {"pk": {"S": "1"}}, "SequenceNumber": "1" * 21, "SizeBytes": 26}
    if image is not None:
        body["NewImage"] = image
    return {"eventID": "e", "eventName": event_name, "eventVersion": "1.1", "dynamodb": body, **more}


def matches(record: Record, *patterns: Any) -> bool:
    """Whether a record gets through these patterns, given as JSON text or as what is to be written as JSON."""
    texts = [one if isinstance(one, str) else json.dumps(one) for one in patterns]
    return parse(texts).match(StreamRecord.of(record, ARN))


def image_matches(image: dict[str, Any], pattern: dict[str, Any]) -> bool:
    return matches(record(image), {"dynamodb": {"NewImage": pattern}})
