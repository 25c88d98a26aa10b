"""`everwarm up` on the benchmark's project, in a process of its own; filled by boto3, seen by the function's notes."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep, time
from typing import Any

import boto3
from botocore.config import Config

from benchmarks.triggers.figures import Drain, Lateness
from benchmarks.triggers.notes import Note, Notes
from everwarm.clock import monotonic

PROJECT = Path(__file__).parent / "project"
TABLE = "items"
BATCH = 25
START_S = 30.0
PATIENCE_S = 120.0
"""How long to wait for what is late before it counts as lost."""

Tick = Callable[[int], None]
"""Told how many items more have been put."""


@dataclass(frozen=True, slots=True)
class Running:
    """A running everwarm.

    Attributes:
        dynamodb, lambda_: boto3's clients.
        notes: of the function.
    """

    dynamodb: Any
    lambda_: Any
    notes: Notes


@contextmanager
def everwarm_up(directory: Path, events: str) -> Iterator[Running]:
    """Run the project on an empty data directory.

    Args:
        directory: for data and notes; empty.
        events: `REMOVE` for expirations, `INSERT` for puts.
    """
    port = free_port()
    notes = directory / "notes"
    command = [sys.executable, "-m", "everwarm", "up", str(PROJECT), "--data", str(directory / "data")]
    environ = {**os.environ, "NOTES": str(notes), "EVENTS": events}
    with (directory / "log").open("w") as log:
        process = subprocess.Popen([*command, "--port", str(port)], env=environ, stdout=log, stderr=subprocess.STDOUT)
    try:
        endpoint = f"http://127.0.0.1:{port}"
        dynamodb = connect("dynamodb", endpoint)
        _await_start(process, dynamodb, directory / "log")
        yield Running(dynamodb, connect("lambda", endpoint), Notes(notes))
    finally:
        process.terminate()
        process.wait(30)


def lateness(directory: Path, count: int, over_s: float, tick: Tick) -> Lateness:
    """Of `count` expirations, spread evenly over `over_s`: from the due time to the function's start."""
    with everwarm_up(directory, "REMOVE") as running:
        begin = time() + fill_s(count)
        put_due(running.dynamodb, [begin + n * over_s / count for n in range(count)], tick)
        came = first_of_each(running.notes.wait(count, begin + over_s + PATIENCE_S - time()))
        return Lateness.of((note.came - note.wanted for note in came), count)


def drain(directory: Path, count: int, tick: Tick) -> Drain:
    """`count` items that fall due within one second: from its begin until the function has had the last of them."""
    with everwarm_up(directory, "REMOVE") as running:
        begin = time() + fill_s(count)
        put_due(running.dynamodb, [begin + n / count for n in range(count)], tick)
        came = first_of_each(running.notes.wait(count, begin + PATIENCE_S - time()))
        return Drain(len(came), max(note.came for note in came) - begin, count - len(came))


def latency(directory: Path, count: int, every_s: float, tick: Tick) -> Lateness:
    """From sending a put to the function's start, for puts one after the other."""
    with everwarm_up(directory, "INSERT") as running:
        _put_now(running.dynamodb, "warm-up")
        running.notes.wait(1, START_S)
        for n in range(count):
            _put_now(running.dynamodb, f"item-{n}")
            tick(1)
            sleep(every_s)
        came = [note for note in running.notes.wait(count + 1, PATIENCE_S) if note.item != "warm-up"]
        return Lateness.of((note.came - note.wanted for note in came), count)


def away(directory: Path, count: int, over_s: float, away_s: float, tick: Tick) -> Lateness:
    """As `lateness`, with the trigger switched off for `away_s` in the middle, which is not counted against it."""
    with everwarm_up(directory, "REMOVE") as running:
        [mapping] = running.lambda_.list_event_source_mappings()["EventSourceMappings"]
        begin = time() + fill_s(count)
        put_due(running.dynamodb, [begin + n * over_s / count for n in range(count)], tick)
        sleep(max(0.0, begin + (over_s - away_s) / 2 - time()))
        running.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        sleep(away_s)
        running.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
        came = first_of_each(running.notes.wait(count, begin + over_s + PATIENCE_S - time()))
        return Lateness.of((note.came - note.wanted for note in came), count)


def fill_s(count: int) -> float:
    """How long to allow for putting so many items, in seconds."""
    return 5.0 + count / 2500


def put_due(dynamodb: Any, due: Sequence[float], tick: Tick) -> None:
    """Put items that expire at these moments.

    Raises:
        RuntimeError: it took so long that some were due before all were there.
    """
    put(dynamodb, due, tick)
    if time() > due[0]:
        raise RuntimeError("the machine was too slow to put the items before the first one was due")
    sleep(max(0.0, due[0] - 1 - time()))


def put(dynamodb: Any, due: Sequence[float], tick: Tick = lambda _: None) -> None:
    """Put items that expire at these moments, however long it takes."""
    for first in range(0, len(due), BATCH):
        items = [_item(n, due[n]) for n in range(first, min(first + BATCH, len(due)))]
        dynamodb.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": item}} for item in items]})
        tick(len(items))


def first_of_each(notes: Sequence[Note]) -> list[Note]:
    """Each item once: a function may be called twice with one."""
    first: dict[str, Note] = {}
    for note in notes:
        first.setdefault(note.item, note)
    return list(first.values())


def connect(service: str, endpoint: str) -> Any:
    """A client of boto3."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="bench",
        aws_secret_access_key="bench",
        config=Config(retries={"max_attempts": 0}, read_timeout=60),
    )


def free_port() -> int:
    """A port that nobody has, at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _item(n: int, due: float) -> dict[str, Any]:
    return {"id": {"S": f"item-{n}"}, "due": {"N": f"{due:.3f}"}, "rates": {"L": [{"M": {"rate": {"N": "1.0842"}}}]}}


def _put_now(dynamodb: Any, name: str) -> None:
    dynamodb.put_item(TableName=TABLE, Item={"id": {"S": name}, "sent": {"N": f"{time():.6f}"}})


def _await_start(process: "subprocess.Popen[bytes]", dynamodb: Any, log: Path) -> None:
    until = monotonic() + START_S
    while monotonic() < until and process.poll() is None:
        # The last line that is printed: tables are there, triggers listen.
        if "Ready." in log.read_text():
            dynamodb.describe_table(TableName=TABLE)
            return
        sleep(0.05)
    raise RuntimeError(f"everwarm did not start:\n{log.read_text()}")
