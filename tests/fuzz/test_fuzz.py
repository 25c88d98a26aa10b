"""Whatever comes in: no answer is a 500, none keeps anybody waiting, the server lives on, and its memory stays flat.

A thousand requests unless `EVERWARM_FUZZ` says how many; `make fuzz` sends 20,000. `EVERWARM_FUZZ_SEED` repeats a run.
"""

import http.client
import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from everwarm.clock import monotonic
from tests.fuzz.requests import World, bodies
from tests.wire.raw import headers

REQUESTS = int(os.environ.get("EVERWARM_FUZZ", "1000"))
SEED = int(os.environ.get("EVERWARM_FUZZ_SEED", random.getrandbits(32)))

MAX_WAIT_S = 10
MAX_GROWTH_BYTES = 32 * 1024 * 1024
STATUSES = (200, 400, 413)

KEY = [{"AttributeName": "pk", "KeyType": "HASH"}]
PAIR = [*KEY, {"AttributeName": "sk", "KeyType": "RANGE"}]
ALL = {"ProjectionType": "ALL"}
STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


def attributes(**tags: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": tag} for name, tag in tags.items()]


@dataclass(frozen=True, slots=True)
class Server:
    """A running engine."""

    endpoint: str
    pid: int

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.endpoint)
        return parts.hostname or "", parts.port or 0

    def memory_bytes(self) -> int:
        """What it has in memory."""
        status = Path(f"/proc/{self.pid}/statm")
        if status.exists():
            return int(status.read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
        listed = subprocess.run(["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, check=True)
        return int(listed.stdout) * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    command = [sys.executable, str(Path(__file__).with_name("run_engine.py"))]
    log = tmp_path_factory.mktemp("fuzz") / "log"
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        assert process.stdout is not None
        assert process.stdin is not None
        yield Server(process.stdout.readline().strip(), process.pid)
        assert process.poll() is None, "the server has ended by itself"
        process.stdin.close()
        assert process.wait(MAX_WAIT_S * 2) == 0


def client(service: str, endpoint: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="thing",
    )


@pytest.fixture(scope="module")
def world(server: Server) -> World:
    endpoint = server.endpoint
    dynamodb, streams = client("dynamodb", endpoint), client("dynamodbstreams", endpoint)
    on_demand: dict[str, Any] = {"BillingMode": "PAY_PER_REQUEST", "StreamSpecification": STREAM}
    plain = dynamodb.create_table(
        TableName="fuzz-plain", KeySchema=KEY, AttributeDefinitions=attributes(pk="S"), **on_demand
    )["TableDescription"]
    dynamodb.create_table(
        TableName="fuzz-pairs",
        KeySchema=PAIR,
        AttributeDefinitions=attributes(pk="S", sk="N", a="S", b="N"),
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-b",
                "KeySchema": [*KEY, {"AttributeName": "b", "KeyType": "RANGE"}],
                "Projection": ALL,
            }
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-a",
                "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
                "Projection": ALL,
            }
        ],
        **on_demand,
    )
    for number in range(20):
        item = {"pk": {"S": "a"}, "sk": {"N": str(number)}, "a": {"S": "x"}, "b": {"N": "1"}}
        dynamodb.put_item(TableName="fuzz-pairs", Item=item)
    stream = plain["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    return World(
        tables=("fuzz-plain", "fuzz-pairs", plain["TableArn"], "fuzz-none"),
        passing=("fuzz-passing", "fuzz-other"),
        known={
            "StreamArn": (stream, stream[:-1]),
            "ShardId": (shard, "shardId-00000000000000000000-000000000"),
            "ShardIterator": (iterator["ShardIterator"], "a" * 40),
            "ResourceArn": (plain["TableArn"], stream, "arn:aws:dynamodb:us-east-1:1:table/x"),
        },
    )


class Sender:
    """Sends requests down one connection, and looks at the answers."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection = http.client.HTTPConnection(*server.address, timeout=MAX_WAIT_S)
        self.sent = 0
        self.slowest_s = 0.0
        self.statuses: dict[int, int] = {}
        self.succeeded: set[str] = set()
        self.start_bytes = 0

    def send(self, target: str, body: bytes) -> None:
        before = monotonic()
        self._connection.request("POST", "/", body, headers(target))
        response = self._connection.getresponse()
        answer = response.read()
        self.slowest_s = max(self.slowest_s, monotonic() - before)
        assert response.status in STATUSES, answer
        assert isinstance(json.loads(answer), dict)
        if response.status != 200:
            assert b"InternalServerError" not in answer
        else:
            self.succeeded.add(target)
        self.statuses[response.status] = self.statuses.get(response.status, 0) + 1
        self.sent += 1
        if self.sent == REQUESTS // 4:
            self.start_bytes = self._server.memory_bytes()

    def close(self) -> None:
        self._connection.close()


def test_any_request(server: Server, world: World) -> None:
    print(f"\nEVERWARM_FUZZ={REQUESTS} EVERWARM_FUZZ_SEED={SEED}")

    with closing(Sender(server)) as sender:

        @seed(SEED)
        @settings(
            max_examples=REQUESTS,
            database=None,
            deadline=None,
            print_blob=False,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(bodies(world))
        def fuzz(request: tuple[str, bytes]) -> None:
            sender.send(*request)

        fuzz()
        grown = server.memory_bytes() - sender.start_bytes
        print(
            f"{sender.sent} requests, {sender.statuses}, slowest {sender.slowest_s:.3f} s, "
            f"{grown / 2**20:.1f} MiB more than after the first quarter, "
            f"{len(sender.succeeded)} operations succeeded"
        )
        # Requests that are all refused at the first look would find nothing.
        assert sender.statuses[200] > REQUESTS // 20
        assert sender.slowest_s < MAX_WAIT_S
        assert grown < MAX_GROWTH_BYTES


# What is not even HTTP costs its sender the connection, and nobody else anything.
def test_any_bytes(server: Server) -> None:
    dice = random.Random(SEED)
    request = (
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n\r\n{}"
    )
    for _ in range(max(20, REQUESTS // 100)):
        at = dice.randrange(len(request))
        sent = request[:at] + dice.randbytes(dice.randrange(1, 30)) + request[at + dice.randrange(10) :]
        with socket.create_connection(server.address, timeout=MAX_WAIT_S) as raw:
            raw.sendall(sent)
            raw.shutdown(socket.SHUT_WR)
            answer = b""
            while part := raw.recv(4096):
                answer += part
        assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 2", b"HTTP/1.0 4")), answer
    with closing(Sender(server)) as sender:
        sender.send("DynamoDB_20120810.ListTables", b"{}")
