"""Puts back what has expired, one period later than it was due."""

import os
import time
from decimal import Decimal
from typing import Any

import boto3

PERIOD_S = Decimal(os.environ["PERIOD_S"])

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event: dict[str, Any], context: object) -> None:
    """Refresh the entries of a batch of expirations."""
    now = Decimal(f"{time.time():.3f}")
    with table.batch_writer() as batch:
        for record in event["Records"]:
            old = record["dynamodb"]["OldImage"]
            # One that is far behind begins anew, rather than to be due at once for ever.
            due = max(Decimal(old["due"]["N"]) + PERIOD_S, now + 1)
            generation = int(old["generation"]["N"]) + 1
            batch.put_item(Item={"id": old["id"]["S"], "due": due, "generation": generation, "value": VALUE})


VALUE = [{"base": "EUR", "quote": "KRW", "day": f"2026-11-{day:02}", "rate": Decimal("1479.25")} for day in range(1, 6)]
