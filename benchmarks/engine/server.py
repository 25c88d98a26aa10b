"""The servers that are measured, each in a process of its own: `ServerProcess` starts one, `main` is what runs in it.

The bare one is the project's own listener with an application that answers any request with the same body and headers.
The others are the engine, with the benchmark's tables filled, on disk or in memory.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from zlib import crc32

import orjson
import uvloop

from benchmarks.engine import workload
from everwarm.cli import process
from everwarm.client import InProcessClient
from everwarm.dynamodb.api.server import application
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.values.types import Item
from everwarm.listener import AsgiApp, Listener, Receive, Scope, Send


class Kind(StrEnum):
    """What is behind the HTTP server."""

    BARE = "bare"
    DURABLE = "durable"
    MEMORY = "memory"


class ServerProcess:
    """A running server; a context manager that ends it.

    Attributes:
        host, port: where it listens.
    """

    def __init__(self, kind: Kind, data: Path, core: int | None) -> None:
        """
        Args:
            data: the engine's data directory, for `Kind.DURABLE`.
            core: pins the process to one core; None leaves it to the system.
        """
        command = [sys.executable, "-m", __name__, kind.value, str(data), "" if core is None else str(core)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.host = "127.0.0.1"
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the {kind} server did not start (exit status {self._process.wait()})")
        self.port = int(line)

    def __enter__(self) -> "ServerProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # It ends when its standard input does, so that it also ends if this process is killed.
        self._process.communicate(timeout=30)


def pin(core: int | None) -> None:
    """Keep this process, and the threads that it starts from now on, on one core, where the system lets us."""
    if core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def bare_application() -> AsgiApp:
    """Answers every request with an item of 1 KB and the headers of the engine's answers."""
    body = orjson.dumps({"Item": workload.item(0)})
    headers = [
        (b"content-type", b"application/x-amz-json-1.0"),
        (b"content-length", b"%d" % len(body)),
        (b"x-amz-crc32", b"%d" % crc32(body)),
        (b"x-amzn-requestid", b"A" * 52),
    ]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


async def _serve(app: AsgiApp, engine: Engine | None) -> None:
    listener = Listener(app, "127.0.0.1")
    await listener.start()
    stop = asyncio.Event()
    process.settle()  # as `everwarm up` does
    sweeping = asyncio.create_task(engine.sweeper.run(stop)) if engine is not None else None
    print(listener.port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    stop.set()
    await listener.stop()
    if sweeping is not None:
        await sweeping


async def _fill(engine: Engine) -> None:
    client = InProcessClient(engine)
    await _table(client, workload.TABLE, workload.item, ("content", "S"))
    await _table(client, workload.SERIES, workload.series_item, ("series", "S"), ("at", "N"))


async def _table(client: InProcessClient, name: str, item: Callable[[int], Item], *key: tuple[str, str]) -> None:
    kinds = ("HASH", "RANGE")
    await client.call(
        "CreateTable",
        {
            "TableName": name,
            "KeySchema": [{"AttributeName": key[n][0], "KeyType": kinds[n]} for n in range(len(key))],
            "AttributeDefinitions": [{"AttributeName": part, "AttributeType": tag} for part, tag in key],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    for first in range(0, workload.KEYS, workload.BATCH):
        puts = [{"PutRequest": {"Item": item(number)}} for number in range(first, first + workload.BATCH)]
        await client.call("BatchWriteItem", {"RequestItems": {name: puts}})


def main(kind: Kind, data: Path, core: int | None) -> None:
    """Serve until standard input ends; the port is the only line on standard output."""
    pin(core)
    if kind is Kind.BARE:
        uvloop.run(_serve(bare_application(), None))
        return
    engine = Engine.open(data if kind is Kind.DURABLE else None)
    try:
        uvloop.run(_fill(engine))
        uvloop.run(_serve(application(engine), engine))
    finally:
        engine.close()


if __name__ == "__main__":
    _, given_kind, given_data, given_core = sys.argv
    main(Kind(given_kind), Path(given_data), int(given_core) if given_core else None)
