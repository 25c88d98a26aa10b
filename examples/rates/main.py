"""The function: whatever entry has expired is loaded again and put back.

Called with batches of the table's stream. An error that it raises makes Lambda send the batch again.
"""

import os
from typing import Any

import boto3
from entries import fill

SOURCE_URL = os.environ["SOURCE_URL"]
TTL_SECONDS = int(os.environ["TTL_SECONDS"])

# How a record says that the item was deleted by Time to Live, and not by somebody:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
TTL_SERVICE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}

# Made once for each worker, not for each call: a client takes longer to make than to use.
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Put back the entries whose expiry is in this batch of stream records."""
    expired = {
        record["dynamodb"]["Keys"]["content"]["S"]: TTL_SECONDS
        for record in event["Records"]
        # The trigger's filter lets nothing else through. Our own puts are in the stream, too (INSERT and MODIFY), and
        # to answer them with a put would never end.
        if record["eventName"] == "REMOVE" and record.get("userIdentity") == TTL_SERVICE
    }
    if expired:
        fill(table, SOURCE_URL, expired)
        print("refreshed", ", ".join(expired))
    return {"refreshed": len(expired)}
