"""GetItem by boto3's Table on everwarm's endpoint: what a reader of the table pays who uses no library.

It gives numbers as Decimal. Nothing here caches; a miss would be the caller's.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import boto3

from benchmarks.cache.contestants.base import Contestant, Surroundings

TABLE = "plain"


class Boto3Table(Contestant):
    """Blocking calls."""

    def __init__(self, surroundings: Surroundings) -> None:
        dynamodb = boto3.resource(
            "dynamodb",
            endpoint_url=surroundings.endpoint,
            region_name="us-east-1",
            aws_access_key_id="bench",
            aws_secret_access_key="bench",
        )
        self._table = dynamodb.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self._table.wait_until_exists()

    def set(self, key: str, value: Any) -> None:
        self._table.put_item(Item={"key": key, "value": _storable(value)})

    def reader(self) -> Callable[[str], Any]:
        table = self._table
        return lambda key: table.get_item(Key={"key": key})["Item"]["value"]


def _storable(value: Any) -> Any:
    """With numbers as boto3 takes them."""
    if not isinstance(value, list):
        return value
    return [{"date": day["date"], "rate": Decimal(str(day["rate"]))} for day in value]
