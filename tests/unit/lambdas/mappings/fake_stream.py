"""A stream in memory, a function that answers as told, and ways to wait without a clock. What the tests here share."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from everwarm.client import StreamPage
from everwarm.clock import ManualClock
from everwarm.errors import ExpiredIteratorException, ResourceNotFoundException, TrimmedDataAccessException
from everwarm.lambdas.runtime.replies import UNHANDLED, Reply
from everwarm.stream_record import Record, StreamRecord

ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/T/stream/2026-01-01T00:00:00.000"
SHARD = "shardId-00000001700000000000-00000000"
ITERATOR_LIFE_S = 15 * 60


def number(place: int) -> str:
    """A sequence number: 21 digits, so that text and integers sort alike."""
    return f"{place:021d}"


def record(place: int, created_s: float = 1_700_000_000.0, text: str = "", key: str | None = None) -> Record:
    """A stream record as GetRecords gives it; its partition key is its place unless told otherwise."""
    keys = {"pk": {"S": str(place) if key is None else key}, "sk": {"N": str(place)}}
    return {
        "eventID": f"{place:032x}",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": int(created_s),
            "Keys": keys,
            "NewImage": {**keys, "text": {"S": text}},
            "SequenceNumber": number(place),
            "SizeBytes": 10,
            "StreamViewType": "NEW_IMAGE",
        },
    }


def places(records: Any) -> list[int]:
    """The records' sequence numbers, as the small integers they were made of."""
    return [
        int(entry.number if isinstance(entry, StreamRecord) else entry["dynamodb"]["SequenceNumber"])
        for entry in records
    ]


@dataclass
class FakeShard:
    parent: str | None
    records: list[Record] = field(default_factory=list)
    closed: bool = False
    trimmed_to: int = 0


class FakeStream:
    """A `Client` that has one stream.

    `calls` has what was asked, `faults[action]` what is raised instead, in turn; `empty_pages` come before any data.
    """

    def __init__(self, clock: ManualClock, *shards: str) -> None:
        self.clock = clock
        self.shards = {shard: FakeShard(None) for shard in shards or [SHARD]}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: dict[str, list[Exception]] = {}
        self.page_of_shards = 100
        self.empty_pages = 0
        self.status = "ENABLED"
        self.deleted = False
        self._last = self._changes = 0
        self._waiters: list[asyncio.Event] = []

    # What a test does to it.

    def put(self, count: int = 1, shard: str = SHARD, text: str = "", key: str | None = None) -> list[int]:
        """Write records; their places, which count up through all shards."""
        added = list(range(self._last + 1, self._last + 1 + count))
        self.shards[shard].records += [record(place, self.clock.now(), text, key) for place in added]
        self._last += count
        self._wake()
        return added

    def split(self, shard: str, *children: str) -> None:
        self.shards |= {child: FakeShard(shard) for child in children}
        self.close(shard)

    def close(self, shard: str) -> None:
        self.shards[shard].closed = True
        self._wake()

    def trim(self, up_to: int, shard: str = SHARD) -> None:
        held = self.shards[shard]
        held.trimmed_to = up_to
        held.records = [entry for entry in held.records if places([entry])[0] > up_to]

    def delete(self) -> None:
        self.deleted = True
        self._wake()

    def asked(self, action: str) -> list[dict[str, Any]]:
        return [request for name, request in self.calls if name == action]

    # The Client.

    def stream_mark(self, stream_arn: str, shard_id: str) -> int:
        return self._changes

    def stream_end(self, stream_arn: str) -> str | None:
        return None

    async def stream_records(self, stream_arn: str, iterator: str, limit: int) -> StreamPage:
        page = await self.call("GetRecords", {"ShardIterator": iterator, "Limit": limit})
        records = [StreamRecord.of(record, stream_arn) for record in page["Records"]]
        return StreamPage(records, page.get("NextShardIterator"))

    async def stream_changed(self, stream_arn: str, shard_id: str, mark: int) -> None:
        waiter = asyncio.Event()
        self._waiters.append(waiter)
        if self._changes <= mark:
            await waiter.wait()

    async def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((action, request))
        await asyncio.sleep(0)
        if self.faults.get(action):
            raise self.faults[action].pop(0)
        if self.deleted:
            raise ResourceNotFoundException("Requested resource not found: Stream: gone not found")
        answer: dict[str, Any] = getattr(self, f"_{action}")(request)
        return answer

    def _DescribeStream(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the operation's name
        names = sorted(self.shards)
        rest = [name for name in names if name > request.get("ExclusiveStartShardId", "")]
        page = rest[: self.page_of_shards]
        told = {
            "StreamArn": ARN,
            "StreamStatus": self.status,
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            "Shards": [self._told(name) for name in page],
        }
        if len(page) < len(rest):
            told["LastEvaluatedShardId"] = page[-1]
        return {"StreamDescription": told}

    def _GetShardIterator(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        shard = self.shards[request["ShardId"]]
        kind = request["ShardIteratorType"]
        if kind == "TRIM_HORIZON":
            after = shard.trimmed_to
        elif kind == "LATEST":
            after = self._last
        else:
            assert kind == "AFTER_SEQUENCE_NUMBER"
            after = int(request["SequenceNumber"])
            if after < shard.trimmed_to:
                raise TrimmedDataAccessException("trimmed")
        return {"ShardIterator": self._iterator(request["ShardId"], after)}

    def _GetRecords(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        name, after, issued = request["ShardIterator"].split("|")
        if self.clock.now() - float(issued) > ITERATOR_LIFE_S:
            raise ExpiredIteratorException("Iterator expired")
        assert 1 <= request["Limit"] <= 1000
        shard = self.shards[name]
        rest = [entry for entry in shard.records if places([entry])[0] > int(after)]
        page = rest[: request["Limit"]]
        if self.empty_pages:
            self.empty_pages -= 1
            return {"Records": [], "NextShardIterator": request["ShardIterator"]}
        if shard.closed and len(page) == len(rest):
            return {"Records": page}
        return {"Records": page, "NextShardIterator": self._iterator(name, places(page)[-1] if page else int(after))}

    def _iterator(self, shard: str, after: int) -> str:
        return f"{shard}|{after}|{self.clock.now()}"

    def _told(self, name: str) -> dict[str, Any]:
        shard = self.shards[name]
        numbers = {"StartingSequenceNumber": number(0)} | ({"EndingSequenceNumber": number(9)} if shard.closed else {})
        parent = {"ParentShardId": shard.parent} if shard.parent else {}
        return {"ShardId": name, "SequenceNumberRange": numbers, **parent}

    def _wake(self) -> None:
        self._changes += 1
        for waiter in self._waiters:
            waiter.set()
        self._waiters.clear()


OK = Reply(b"null", None, "request")
ERROR = Reply(b'{"errorType":"ValueError","errorMessage":"no"}', UNHANDLED, "request")


class FakeFunction:
    """Answers `answers` in turn, then well. An exception among them is raised; `gate` holds calls up while clear.

    `events` has the calls that began, `ended` counts those that were answered.
    """

    def __init__(self, *answers: Reply | Exception) -> None:
        self.answers = list(answers)
        self.events: list[dict[str, Any]] = []
        self.ended = 0
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def sent(self) -> list[list[int]]:
        """The places of the records of each call."""
        return [places(event["Records"]) for event in self.events]

    async def __call__(self, event: bytes) -> Reply:
        self.events.append(orjson.loads(event))
        await self.gate.wait()
        await asyncio.sleep(0)
        self.ended += 1
        answer = self.answers.pop(0) if self.answers else OK
        if isinstance(answer, Exception):
            raise answer
        return answer


class JumpingClock(ManualClock):
    """A clock on which every pause is over at once, and has taken its time."""

    async def sleep_until(self, moment: float, wake: asyncio.Event | None = None) -> None:
        if math.isfinite(moment):
            self.advance(max(0.0, moment - self.now()))
            await asyncio.sleep(0)
        else:
            await super().sleep_until(moment, wake)

    async def pause(self, seconds: float, wake: asyncio.Event | None = None) -> None:
        await self.sleep_until(self.now() + seconds, wake)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until a condition holds."""
    for _ in range(5_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("what was waited for did not come")


async def settle() -> None:
    """Let the loop turn until whatever can happen without the clock has happened."""
    for _ in range(150):
        await asyncio.sleep(0)


class Running:
    """`async with Running(worker.run) as stop`: runs it, and stops it at the end."""

    def __init__(self, run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        self._run = run
        self.stop = asyncio.Event()

    async def __aenter__(self) -> "Running":
        self.task = asyncio.ensure_future(self._run(self.stop))
        await settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        await self.task
