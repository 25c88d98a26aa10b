"""What the tests of streams share: a place in a shard, and something to read there."""

from typing import Any


def iterator(streams: Any, place: dict[str, str], kind: str = "TRIM_HORIZON", **more: str) -> str:
    text: str = streams.get_shard_iterator(**place, ShardIteratorType=kind, **more)["ShardIterator"]
    return text


def put(dynamodb: Any, table: str, *keys: str) -> None:
    for key in keys:
        dynamodb.put_item(TableName=table, Item={"pk": {"S": key}})


def keys(page: dict[str, Any]) -> list[str]:
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in page["Records"]]
