"""What a stream record looks like. Pure.

Source: "Record" in the DynamoDB Streams API reference; `SizeBytes` as recorded on AWS (keys and both images).
"""

import hashlib
from typing import Any

import orjson

from everwarm.dynamodb.streams.sequence import sequence_text
from everwarm.dynamodb.tables.change import Cause, ItemChange
from everwarm.dynamodb.values.sizes import item_size

TIME_TO_LIVE_IDENTITY = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}


def record_json(change: ItemChange, view_type: str, sequence: int, at: float) -> bytes:
    """The record of a change, as JSON of the wire's form. The images are the bytes of the item itself.

    Args:
        sequence: its sequence number.
        at: epoch seconds of the write.
    """
    number = sequence_text(sequence)
    size_bytes = item_size(change.key.attributes)
    body: dict[str, Any] = {"ApproximateCreationDateTime": int(at), "Keys": change.key.attributes}
    if change.new is not None and view_type in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
        assert change.new_json is not None
        body["NewImage"] = orjson.Fragment(change.new_json)
        size_bytes += change.new_bytes
    if change.old is not None and view_type in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
        assert change.old_json is not None
        body["OldImage"] = orjson.Fragment(change.old_json)
        size_bytes += change.old_bytes
    body |= {"SequenceNumber": number, "SizeBytes": size_bytes, "StreamViewType": view_type}
    record: dict[str, Any] = {
        # The same record has the same id however often it is read or worked out.
        "eventID": hashlib.blake2b(f"{change.table.table_id}/{number}".encode(), digest_size=16).hexdigest(),
        "eventName": _event_name(change),
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": change.table.region,
        "dynamodb": body,
    }
    if change.cause is Cause.TIME_TO_LIVE:
        record["userIdentity"] = TIME_TO_LIVE_IDENTITY
    return orjson.dumps(record)


def _event_name(change: ItemChange) -> str:
    if change.new is None:
        return "REMOVE"
    return "INSERT" if change.old is None else "MODIFY"
