"""A stack of the test's own, on a clock that it may move by years, and how to see what expires there."""

import queue
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from everwarm.clock import ManualClock
from everwarm.dynamodb.ttl.sweeper import Expired
from everwarm.stack import Observer, Stack
from tests.wire.conftest import connect, make_table

ATTRIBUTE = "ttl"
ON = {"Enabled": True, "AttributeName": ATTRIBUTE}
OFF = {"Enabled": False, "AttributeName": ATTRIBUTE}

YEAR_S = 365 * 86400


class _Deletions(Observer):
    def __init__(self) -> None:
        self.queue: queue.SimpleQueue[Expired] = queue.SimpleQueue()

    def expired(self, deletions: Sequence[Expired]) -> None:
        for deletion in deletions:
            self.queue.put(deletion)


@dataclass
class Place:
    """A running stack.

    Attributes:
        dynamodb, streams: clients.
        unchecked: a client that sends what it is given.
    """

    stack: Stack
    clock: ManualClock
    dynamodb: Any
    unchecked: Any
    streams: Any
    deletions: _Deletions
    seen: list[Expired] = field(default_factory=list)

    @property
    def now(self) -> int:
        """The whole second that it is."""
        return int(self.clock.now())

    def table(self, *key: str, ttl: bool = True, **more: Any) -> str:
        """A table with the partition key `pk`, a String, unless another is given; TTL on `ttl`."""
        name = make_table(self.dynamodb, *(key or ("pk:S",)), **more)
        if ttl:
            self.dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ON)
        return name

    def put(self, table: str, key: str, ttl: dict[str, Any] | None = None, **more: Any) -> None:
        """Put the item of that key, with that TTL."""
        item = {"pk": {"S": key}, **({} if ttl is None else {ATTRIBUTE: ttl}), **more}
        self.dynamodb.put_item(TableName=table, Item=item)

    def has(self, table: str, key: str) -> bool:
        """Whether the item of that key is there."""
        return "Item" in self.dynamodb.get_item(TableName=table, Key={"pk": {"S": key}})

    def deleted(self, table: str, count: int = 1) -> list[Expired]:
        """Wait for so many deletions of TTL in that table, from the beginning."""
        while len(found := [one for one in self.seen if one.table == table]) < count:
            self.seen.append(self.deletions.queue.get(timeout=20))
        return found

    def settle(self, table: str) -> None:
        """Return when all that is due by now is deleted: when an item is that is due this second, so after the others.

        Not for tables with items that are older than their TTL.
        """
        canary = f"canary-{uuid.uuid4()}"
        self.put(table, canary, {"N": str(self.now)})
        while not any(one.key == {"pk": {"S": canary}} for one in self.seen):
            self.seen.append(self.deletions.queue.get(timeout=20))

    def settled(self) -> None:
        """Return when all that is to be deleted by now is deleted, where deletions are late as well."""
        table = self.table()
        self.put(table, "a", {"N": str(self.now - 3 * YEAR_S)})
        self.deleted(table)

    def expires(self, ttl: dict[str, Any] | None, after_s: float = 0) -> bool:
        """Whether an item with that TTL is deleted, at once or after some time."""
        table = self.table()
        self.put(table, "a", ttl)
        self.clock.advance(after_s)
        self.settle(table)
        return not self.has(table, "a")

    def records(self, table: str) -> list[dict[str, Any]]:
        """The records of a table's stream, oldest first."""
        arn = self.dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        found: list[dict[str, Any]] = []
        for shard in self.streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            iterator = self.streams.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            while page := self.streams.get_records(ShardIterator=iterator):
                found += page["Records"]
                if not page["Records"] or "NextShardIterator" not in page:
                    break
                iterator = page["NextShardIterator"]
        return found


@contextmanager
def running(data: Path | None = None, clock: ManualClock | None = None, **options: Any) -> Iterator[Place]:
    """A stack without a project.

    Args:
        data: where data is kept; None keeps none.
        options: of `Stack`.
    """
    clock, deletions = clock or ManualClock(), _Deletions()
    with (
        tempfile.TemporaryDirectory() as empty,
        Stack(empty, data=data, memory=data is None, clock=clock, observer=deletions, **options) as stack,
    ):
        yield Place(
            stack,
            clock,
            connect("dynamodb", stack.endpoint),
            connect("dynamodb", stack.endpoint, parameter_validation=False),
            connect("dynamodbstreams", stack.endpoint),
            deletions,
        )
