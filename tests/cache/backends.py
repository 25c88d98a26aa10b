"""What the cache's tests run on: each kind of backend, on a clock that a test moves, and a way to let items expire.

Where Time to Live deletes by this clock (this process's engine, our endpoint), it does. Elsewhere what is due is
deleted by hand, as the service would. This process's engine hands its handler the records by itself, which is waited
for; elsewhere they are read from the table's stream and handed over, as a deployed function would get them.
"""

import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from threading import Condition, Lock
from typing import Any

import orjson

from everwarm.cache.backends.backend import Backend, Changed, Handler
from everwarm.cache.names import Names
from everwarm.clock import ManualClock
from everwarm.errors import ResourceNotFoundException, TrimmedDataAccessException
from everwarm.lambdas.mappings.batch import Batch, to_event
from everwarm.stream_record import Record, sequence_number

WAIT_S = 20.0
BATCH = 100

TOO_LATE = "a backend did not do in time what was waited for"


class Bench:
    """A backend under test: itself a `Backend`, with what tests need beside.

    Attributes:
        kind: `memory`, `directory`, `endpoint`, `moto` or `dynamodb-local`.
        clock: the cache's; the backend's own, too, where it can have one.
        endpoint: the URL of another process's server, or what would be; None for this process's engine.
        old_images: False takes the old images out of the records before handlers get them, as of a KEYS_ONLY stream.
        failed: the sequence numbers that handlers have reported, in order.
    """

    def __init__(
        self, kind: str, backend: Backend, clock: ManualClock, *, endpoint: str | None, deletes: bool, delivers: bool
    ) -> None:
        """
        Args:
            deletes: its Time to Live goes by this clock.
            delivers: it calls handlers by itself.
        """
        self.kind = kind
        self.clock = clock
        self.endpoint = endpoint
        self.old_images = True
        self.failed: list[str] = []
        self._backend = backend
        self._deletes = deletes
        self._delivers = delivers
        self._handlers: dict[str, Handler] = {}
        self._handled: dict[str, set[str]] = defaultdict(set)
        self._told: dict[str, set[str]] = defaultdict(set)
        self._progress = Condition()
        # moto's server copies its tables for a transaction, and fails if one changes meanwhile.
        self._turn: AbstractContextManager[object] = Lock() if kind == "moto" else nullcontext()

    @property
    def instant(self) -> bool:
        return self._backend.instant

    @property
    def exclusive(self) -> bool:
        return self._backend.exclusive

    @property
    def makes_tables(self) -> bool:
        return self._backend.makes_tables

    def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        with self._turn:
            return self._backend.call(action, request)

    def pause(self, seconds: float) -> None:
        self._backend.pause(seconds)

    def follow(self, table_name: str, changed: Changed) -> Callable[[], None]:
        return self._backend.follow(table_name, changed)

    def close(self) -> None:
        self._backend.close()

    def serve(self, table_name: str, handler: Handler, *, concurrency: int) -> None:
        def observed(event: dict[str, Any], context: object) -> dict[str, Any]:
            numbers = [sequence_number(record) for record in event["Records"]]
            if not self.old_images:
                for record in event["Records"]:
                    record["dynamodb"].pop("OldImage", None)
            try:
                answer = handler(event, context)
                self.failed += [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
                return answer
            finally:
                with self._progress:
                    self._handled[table_name].update(numbers)
                    self._progress.notify_all()

        self._handlers[table_name] = observed
        self._backend.serve(table_name, observed, concurrency=concurrency)

    def new_table_name(self) -> str:
        """One that no other test has."""
        return f"cache-{uuid.uuid4()}"

    def advance(self, seconds: float, table_name: str, names: Names | None = None) -> None:
        """Let time pass, and what has become due expire and be handled."""
        self.clock.advance(seconds)
        self.expire(table_name, names)

    def expire(self, table_name: str, names: Names | None = None, *, deliver: bool = True) -> list[str]:
        """Have everything deleted that is due by now, and the deletions handled; also those of users.

        Args:
            deliver: False keeps the records back, for the next call: they are late.

        Returns:
            The keys that have been deleted since the last call, whoever did it.
        """
        names = names or Names()
        if self._deletes:
            _until(lambda: not self._due(table_name, names))
        else:
            for key in self._due(table_name, names):
                self._delete(table_name, key, names)
        removals = self._removals(table_name)
        if deliver:
            self._deliver(table_name, removals)
        return self._newly_removed(table_name, names, removals)

    def deliver(self, table_name: str) -> None:
        """Have the table's deletions handled that have not been."""
        self._deliver(table_name, self._removals(table_name))

    def _deliver(self, table_name: str, removals: list[Record]) -> None:
        handled = self._handled[table_name]
        waiting = [record for record in removals if sequence_number(record) not in handled]
        if self._delivers:
            numbers = {sequence_number(record) for record in waiting}
            with self._progress:
                assert self._progress.wait_for(lambda: numbers <= handled, WAIT_S), TOO_LATE
        else:
            self.hand_over(table_name, waiting)

    def hand_over(self, table_name: str, records: list[Record]) -> None:
        """Call the table's handler with records, as Lambda would; also with some that it has had."""
        for at in range(0, len(records), BATCH):
            event = orjson.loads(to_event(Batch(tuple(records[at : at + BATCH])), f"arn:aws:dynamodb:::{table_name}"))
            if not self._deletes:  # as if their clock were ours
                for record in event["Records"]:
                    record["dynamodb"]["ApproximateCreationDateTime"] = self.clock.now()
            self._handlers[table_name](event, object())

    def records(self, table_name: str) -> list[Record]:
        """All that the table's stream still has, in order of each key."""
        stream_arn = self.call("DescribeTable", {"TableName": table_name})["Table"]["LatestStreamArn"]
        described = self.call("DescribeStream", {"StreamArn": stream_arn})["StreamDescription"]
        return [record for shard in described["Shards"] for record in self._shard(stream_arn, shard["ShardId"])]

    def _shard(self, stream_arn: str, shard_id: str) -> list[Record]:
        request = {"StreamArn": stream_arn, "ShardId": shard_id, "ShardIteratorType": "TRIM_HORIZON"}
        found: list[Record] = []
        try:
            iterator: str | None = self.call("GetShardIterator", request)["ShardIterator"]
            while iterator is not None:
                page = self.call("GetRecords", {"ShardIterator": iterator})
                if not page["Records"]:
                    return found
                found += page["Records"]
                iterator = page.get("NextShardIterator")
        except (TrimmedDataAccessException, ResourceNotFoundException):
            pass  # older than a day
        return found

    def _newly_removed(self, table_name: str, names: Names, removals: list[Record]) -> list[str]:
        told = self._told[table_name]
        new = [record for record in removals if sequence_number(record) not in told]
        told.update(map(sequence_number, new))
        return [record["dynamodb"]["Keys"][names.key]["S"] for record in new]

    def _removals(self, table_name: str) -> list[Record]:
        return [record for record in self.records(table_name) if record["eventName"] == "REMOVE"]

    def _due(self, table_name: str, names: Names) -> list[str]:
        now = self.clock.now()
        due: list[tuple[float, str]] = []
        request: dict[str, Any] = {"TableName": table_name, "ConsistentRead": True}
        while True:
            page = self.call("Scan", request)
            for item in page["Items"]:
                ttl = item.get(names.ttl, {}).get("N")
                if ttl is not None and float(ttl) <= now:
                    due.append((float(ttl), item[names.key]["S"]))
            if "LastEvaluatedKey" not in page:
                return [key for _, key in sorted(due)]
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _delete(self, table_name: str, key: str, names: Names) -> None:
        self.call("DeleteItem", {"TableName": table_name, "Key": {names.key: {"S": key}}})


def _until(holds: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < give_up_at, TOO_LATE
        time.sleep(0.002)
