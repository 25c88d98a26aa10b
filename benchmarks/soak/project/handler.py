"""Puts back what has expired, one period later than it was due.

Written as one writes a function that is called all the time: with the plain client, and with what never changes
prepared once. Most of the time of a call would otherwise be boto3's, turning the same value into the same JSON.
"""

import os
import time
from typing import Any

import boto3
from boto3.dynamodb.types import TypeSerializer
from botocore.config import Config

PERIOD_S = float(os.environ["PERIOD_S"])
TABLE = os.environ["TABLE_NAME"]
AT_ONCE = 25  # BatchWriteItem takes no more

dynamodb = boto3.client("dynamodb", config=Config(parameter_validation=False))


def handler(event: dict[str, Any], context: object) -> None:
    """Refresh the entries of a batch of expirations."""
    now = time.time()
    puts = [{"PutRequest": {"Item": refreshed(record["dynamodb"]["OldImage"], now)}} for record in event["Records"]]
    while puts:
        answer = dynamodb.batch_write_item(RequestItems={TABLE: puts[:AT_ONCE]})
        puts = answer["UnprocessedItems"].get(TABLE, []) + puts[AT_ONCE:]


def refreshed(old: dict[str, Any], now: float) -> dict[str, Any]:
    """The item for the next period."""
    due = float(old["due"]["N"]) + PERIOD_S
    if due <= now:  # far behind: it begins anew, for to be due at once would only add to what is behind
        due = now + PERIOD_S
    generation = int(old["generation"]["N"]) + 1
    return {"id": old["id"], "due": {"N": f"{due:.3f}"}, "generation": {"N": str(generation)}, "value": VALUE}


VALUE = TypeSerializer().serialize(
    [{"base": "EUR", "quote": "KRW", "day": f"2026-11-{day:02}", "rate": 1479} for day in range(1, 6)]
)
