"""What tests of a whole stack share: small projects, an observer that remembers, and waiting for effects.

The handlers are real ones in worker processes. What they were called with they append to a file, which is read here.
"""

import contextlib
import fcntl
import json
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config

from everwarm import Observer, Stack
from everwarm.clock import ManualClock, monotonic
from everwarm.dynamodb.ttl.sweeper import Expired
from everwarm.lambdas.mappings.next_step import Outcome
from everwarm.stream_record import Record

T = TypeVar("T")

TTL_SERVICE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
"""The `userIdentity` of an expiry, as a function gets it."""

POLL_S = 0.01

# A line of its own for each record, whatever a process that was killed has left of its last one. The lock is there
# for as long as a worker is.
RECORDER = """
    import fcntl, json, os, time
    alive = open("alive", "w")
    fcntl.flock(alive, fcntl.LOCK_SH)
    records = os.open("records", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def record_all(event):
        for record in event["Records"]:
            line = json.dumps({**record, "receivedAt": time.time()})
            os.write(records, f"\\n{line}\\n".encode())
"""

RECORDING_HANDLER = (
    RECORDER
    + """
    def handler(event, context):
        record_all(event)
"""
)

STREAM_EVENT = "{type: dynamodb, arn: !GetAtt Cache.StreamArn, batchSize: 100}"


def eventually(
    condition: Callable[[], T], timeout_s: float = 10.0, meanwhile: Callable[[], object] = lambda: None
) -> T:
    """Wait for an effect that another thread or process is about to have.

    Args:
        condition: looked at every few milliseconds.
        timeout_s: real seconds, for a machine with much else to do.
        meanwhile: called between two looks; moves a manual clock, say.

    Returns:
        The first true value of the condition.

    Raises:
        AssertionError: there was none in time.
    """
    give_up_at = monotonic() + timeout_s
    while not (value := condition()):
        assert monotonic() < give_up_at, f"not so within {timeout_s} s; the last answer was {value!r}"
        meanwhile()
        time.sleep(POLL_S)
    return value


def serverless_yml(
    *,
    event: str | None = STREAM_EVENT,
    timeout_s: int = 60,
    ttl: str = "ttl",
    view: str = "NEW_AND_OLD_IMAGES",
    key: str = "pk",
) -> str:
    """A project file with one table, `cache`, and one function on its stream.

    Args:
        event: the stream event in YAML; None for no function.
        timeout_s: the function's; long, so that a machine with much else to do causes no retries.
        ttl, view, key: the table's TTL attribute, StreamViewType and key.
    """
    function = f"functions: {{main: {{handler: main.handler, timeout: {timeout_s}, events: [{{stream: {event}}}]}}}}"
    return f"""
service: shop
provider: {{name: aws, runtime: python3.11}}
{function if event else ""}
resources:
  Resources:
    Cache:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: cache
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{{AttributeName: {key}, AttributeType: S}}]
        KeySchema: [{{AttributeName: {key}, KeyType: HASH}}]
        TimeToLiveSpecification: {{AttributeName: {ttl}, Enabled: true}}
        StreamSpecification: {{StreamViewType: {view}}}
"""


@dataclass(frozen=True, slots=True)
class Project:
    """A project directory."""

    directory: Path

    def write(self, yml: str, handler: str = RECORDING_HANDLER) -> None:
        """Write the project file and `main.py`."""
        (self.directory / "serverless.yml").write_text(yml, encoding="utf-8")
        self.write_handler(handler)

    def write_handler(self, source: str) -> None:
        (self.directory / "main.py").write_text(textwrap.dedent(source), encoding="utf-8")

    def received(self, event_name: str | None = None) -> list[Record]:
        """The records that handlers have been called with, in the order of the calls: all, or those of one kind."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self.directory / "records").read_text(encoding="utf-8").split("\n")
            records = [record for line in lines if (record := _whole(line)) is not None]
            return [record for record in records if event_name in (None, record["eventName"])]
        return []

    def expired_keys(self) -> list[str]:
        """The keys of the REMOVE records that handlers have been called with."""
        return [key_of(record) for record in self.received("REMOVE")]

    def workers_alive(self) -> bool:
        """Whether any worker process that has loaded the handler is left."""
        with (self.directory / "alive").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


def _whole(line: str) -> Record | None:
    """None for what a killed process has left of a line."""
    with contextlib.suppress(json.JSONDecodeError):
        record: Record = json.loads(line)
        return record
    return None


def key_of(record: Record) -> str:
    """The partition key of a stream record whose table has one called `pk`."""
    key: str = record["dynamodb"]["Keys"]["pk"]["S"]
    return key


def sequence_of(record: Record) -> int:
    """The sequence number of a stream record."""
    return int(record["dynamodb"]["SequenceNumber"])


@dataclass
class Witness(Observer):
    """An observer that remembers. Its lists grow on the stack's thread."""

    expiries: list[Expired] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    lines: list[tuple[str, str | None, str]] = field(default_factory=list)

    def expired(self, deletions: Sequence[Expired]) -> None:
        self.expiries.extend(deletions)

    def called(self, function_name: str, records: Sequence[Record], outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def printed(self, function_name: str, request_id: str | None, line: str) -> None:
        self.lines.append((function_name, request_id, line))


def client(service: str, endpoint: str) -> Any:
    """A boto3 client as anybody makes it, but for retries: an error is for the test to see."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30),
    )


def put(stack: Stack, key: str, ttl: float, **more: Any) -> None:
    """Put an item into the table `cache`, over HTTP.

    Args:
        ttl: epoch seconds.
        more: further attributes, as DynamoDB writes them.
    """
    dynamodb = client("dynamodb", stack.endpoint)
    dynamodb.put_item(TableName="cache", Item={"pk": {"S": key}, "ttl": {"N": str(int(ttl))}, **more})
    dynamodb.close()


def expire(stack: Stack, clock: ManualClock, *keys: str) -> None:
    """Put items that are due in ten seconds, and let those pass."""
    for key in keys:
        put(stack, key, clock.now() + 10)
    clock.advance(10)


def shards(streams: Any, stream_arn: str) -> list[dict[str, Any]]:
    """All shards of a stream; DescribeStream tells of 100 at a time."""
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        described = streams.describe_stream(StreamArn=stream_arn, **after)["StreamDescription"]
        found += described["Shards"]
        if "LastEvaluatedShardId" not in described:
            return found
        after = {"ExclusiveStartShardId": described["LastEvaluatedShardId"]}


def stream_records(endpoint: str, stream_arn: str) -> list[Record]:
    """All records of a stream, read over HTTP the way any reader does it."""
    streams = client("dynamodbstreams", endpoint)
    records: list[Record] = []
    for shard in shards(streams, stream_arn):
        iterator = streams.get_shard_iterator(
            StreamArn=stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator is not None:
            page = streams.get_records(ShardIterator=iterator)
            records += page["Records"]
            # An open shard has a next page for ever; an empty one is its end for now.
            iterator = page.get("NextShardIterator") if page["Records"] else None
    streams.close()
    return records
