"""MiniStack, an emulator of AWS: the same function and mapping, made by boto3.

Its TTL deletes within a minute, leaving no record in the stream; so what reaches the function is measured with puts.
"""

import io
import os
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep, time
from typing import Any

from botocore.exceptions import EndpointConnectionError

from benchmarks.triggers.everwarm_up import (
    BATCH,
    PATIENCE_S,
    PROJECT,
    START_S,
    TABLE,
    Tick,
    connect,
    free_port,
    put_due,
)
from benchmarks.triggers.figures import Drain, Lateness
from benchmarks.triggers.notes import Notes
from everwarm.clock import monotonic

COMMAND = Path(".tools/bench/bin/ministack")
FILL_S = 10.0
LOOK_S = 0.1


def is_there() -> bool:
    """Whether it has been installed, by `make bench-triggers`."""
    return COMMAND.exists()


@contextmanager
def ministack_up(directory: Path) -> Iterator[str]:
    """A server; gives its endpoint."""
    port = free_port()
    environ = {**os.environ, "GATEWAY_PORT": str(port), "MINISTACK_HOST": "127.0.0.1"}
    process = subprocess.Popen(
        [str(COMMAND.absolute())], cwd=directory, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        _make_table(connect("dynamodb", endpoint))
        yield endpoint
    finally:
        process.terminate()
        process.wait(30)


def lateness(directory: Path, count: int, over_s: float, tick: Tick) -> Lateness:
    """From the due time until a Scan no longer shows the item; there is no event to wait for."""
    with ministack_up(directory) as endpoint:
        dynamodb = connect("dynamodb", endpoint)
        dynamodb.update_time_to_live(TableName=TABLE, TimeToLiveSpecification={"AttributeName": "due", "Enabled": True})
        begin = time() + FILL_S
        due = {f"item-{n}": begin + n * over_s / count for n in range(count)}
        put_due(dynamodb, list(due.values()), tick)
        gone: dict[str, float] = {}
        while len(gone) < count and time() < begin + over_s + PATIENCE_S:
            there = _ids(dynamodb)
            now = time()
            gone.update(dict.fromkeys(due.keys() - there - gone.keys(), now))
            sleep(LOOK_S)
        return Lateness.of((moment - due[item] for item, moment in gone.items()), count)


def drain(directory: Path, count: int, tick: Tick) -> Drain:
    """`count` puts through the stream to the function, which begins once they are all there."""
    notes = Notes(directory / "notes")
    with ministack_up(directory) as endpoint:
        dynamodb = connect("dynamodb", endpoint)
        _put(dynamodb, count, tick)
        _make_trigger(connect("lambda", endpoint), dynamodb, directory / "notes")
        began = time()
        came = notes.wait(count, PATIENCE_S)
        items = {note.item for note in came}
        last = max((note.came for note in came), default=began)
        return Drain(len(items), last - began, count - len(items))


def _put(dynamodb: Any, count: int, tick: Tick) -> None:
    for first in range(0, count, BATCH):
        items = [
            {"id": {"S": f"item-{n}"}, "due": {"N": str(int(time()) + 3600)}}
            for n in range(first, min(first + BATCH, count))
        ]
        dynamodb.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": item}} for item in items]})
        tick(len(items))


def _ids(dynamodb: Any) -> set[str]:
    ids: set[str] = set()
    for page in dynamodb.get_paginator("scan").paginate(TableName=TABLE, ProjectionExpression="id"):
        ids.update(item["id"]["S"] for item in page["Items"])
    return ids


def _make_table(dynamodb: Any) -> None:
    until = monotonic() + START_S
    while True:
        try:
            dynamodb.create_table(
                TableName=TABLE,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            )
            return
        except EndpointConnectionError:
            if monotonic() > until:
                raise
            sleep(0.1)


def _make_trigger(lambda_: Any, dynamodb: Any, notes: Path) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.write(PROJECT / "handler.py", "handler.py")
    lambda_.create_function(
        FunctionName="note",
        Runtime="python3.11",
        Handler="handler.handler",
        Role="arn:aws:iam::000000000000:role/bench",
        Code={"ZipFile": package.getvalue()},
        Environment={"Variables": {"NOTES": str(notes)}},
        Timeout=60,
    )
    lambda_.create_event_source_mapping(
        FunctionName="note",
        EventSourceArn=dynamodb.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"],
        StartingPosition="TRIM_HORIZON",
        BatchSize=100,
    )
