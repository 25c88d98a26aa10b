"""What the tests of streams share: a place in a shard, something to read there, a reader, a stack of their own."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from everwarm.clock import ManualClock
from everwarm.stack import Stack
from tests.wire.conftest import connect

Record = dict[str, Any]


def switched_on(view_type: str = "NEW_AND_OLD_IMAGES") -> dict[str, Any]:
    """A StreamSpecification."""
    return {"StreamEnabled": True, "StreamViewType": view_type}


OFF = {"StreamEnabled": False}


def iterator(streams: Any, place: dict[str, str], kind: str = "TRIM_HORIZON", **more: Any) -> str:
    text: str = streams.get_shard_iterator(**place, ShardIteratorType=kind, **more)["ShardIterator"]
    return text


def put(dynamodb: Any, table: str, *keys: str) -> None:
    for key in keys:
        dynamodb.put_item(TableName=table, Item={"pk": {"S": key}})


def keys(page: dict[str, Any]) -> list[str]:
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in page["Records"]]


def shards_of(streams: Any, arn: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    return found


def is_open(shard: dict[str, Any]) -> bool:
    return "EndingSequenceNumber" not in shard["SequenceNumberRange"]


def read_shard(streams: Any, arn: str, shard_id: str, limit: int = 1000) -> list[Record]:
    """All of a shard's records, from its oldest to its end or to where it is now."""
    text: str | None = iterator(streams, {"StreamArn": arn, "ShardId": shard_id})
    found: list[Record] = []
    while text:
        page = streams.get_records(ShardIterator=text, Limit=limit)
        found += page["Records"]
        text = page.get("NextShardIterator") if page["Records"] else None
    return found


def read_stream(streams: Any, arn: str) -> list[Record]:
    """All of a stream's records, shard by shard; parents come first."""
    return [record for shard in shards_of(streams, arn) for record in read_shard(streams, arn, shard["ShardId"])]


@dataclass
class House:
    """A stack of a test's own, on a clock of its own."""

    clock: ManualClock
    dynamodb: Any
    streams: Any


@contextmanager
def house(directory: Path, **options: Any) -> Iterator[House]:
    """A stack without a project."""
    clock = ManualClock()
    with Stack(directory, memory=True, clock=clock, **options) as stack:
        yield House(clock, connect("dynamodb", stack.endpoint), connect("dynamodbstreams", stack.endpoint))


def eventually(check: Callable[[], bool]) -> None:
    """Wait until something that goes on in the background has happened."""
    for _ in range(2000):
        if check():
            return
        time.sleep(0.005)
    raise AssertionError("it has not happened")
