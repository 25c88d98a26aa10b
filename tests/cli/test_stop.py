"""How `everwarm up` ends on SIGTERM, whatever is going on, and how it goes on afterwards.

Not here: which signals end it, and a second one (test_up.py); SIGKILL (tests/crash).
"""

import os
import re
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from everwarm.clock import monotonic
from tests.cli.support import TABLE, Up, alive, eventually

StartUp = Callable[..., Up]

# Process managers send SIGKILL ten seconds after SIGTERM, by default; ours are eight. The rest is for a busy machine.
AT_MOST_S = 12.0

# Appends a line for each call that begins, and for each that ends.
RECORDER = """
import os, signal, time

def told(what, event):
    with open("calls", "a") as file:
        for record in event["Records"]:
            file.write(f"{what} {record['dynamodb']['Keys']['pk']['S']} {os.getpid()}\\n")

def handler(event, context):
    told("begun", event)
    %s
    told("done", event)
"""


def calls(project: Path) -> list[tuple[str, str]]:
    """What was told of which key, in order."""
    file = project / "calls"
    if not file.exists():
        return []
    return [(line.split()[0], line.split()[1]) for line in file.read_text().splitlines()]


def end(running: Up) -> float:
    """Send SIGTERM; how many seconds the end took."""
    began = monotonic()
    status, _ = running.end(signal.SIGTERM)
    assert status == 0
    assert not re.search("^Traceback", running.log(), re.MULTILINE)  # a handler's has a time before it
    return monotonic() - began


def test_a_batch_in_flight_finishes_and_is_not_delivered_again(up: StartUp, project: Path) -> None:
    (project / "main.py").write_text(RECORDER % "time.sleep(1)")
    running = up(project)
    running.put("a")
    eventually(lambda: calls(project) == [("begun", "a")])
    assert end(running) < AT_MOST_S
    assert calls(project) == [("begun", "a"), ("done", "a")]
    running = up(project)
    running.put("b")
    eventually(lambda: calls(project)[2:] == [("begun", "b"), ("done", "b")])


# The position stands before it.
def test_handlers_that_are_stuck_go_back(up: StartUp, project: Path) -> None:
    stuck = {
        "asleep": "time.sleep(500)",
        "deaf": "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(500)",
        "looping": "signal.pthread_sigmask(signal.SIG_BLOCK, signal.Signals)\n    while True: pass",
    }
    yml = (project / "serverless.yml").read_text()
    before, functions, after = re.split(r"(?<=^functions:\n)(.*)(?=^resources:)", yml, flags=re.DOTALL | re.MULTILINE)
    for name, how in stuck.items():
        before += functions.replace("main", name, 1).replace("main.handler", f"{name}.handler")
        (project / f"{name}.py").write_text(RECORDER % how)
    (project / "serverless.yml").write_text(before + after)
    running = up(project)
    running.put("a")
    eventually(lambda: calls(project) == [("begun", "a")] * 3)
    workers = [int(line.split()[2]) for line in (project / "calls").read_text().splitlines()]
    assert end(running) < AT_MOST_S
    assert not any(map(alive, workers))
    for name in stuck:
        (project / f"{name}.py").write_text(RECORDER % "pass")
    up(project)
    eventually(lambda: sorted(calls(project)) == [("begun", "a")] * 6 + [("done", "a")] * 3)


# A pause between two tries is not sat out.
def test_a_batch_that_waits_for_its_retry_goes_back(up: StartUp, project: Path) -> None:
    yml = (project / "serverless.yml").read_text().replace("maximumRetryAttempts: 1", "maximumRetryAttempts: 50")
    (project / "serverless.yml").write_text(yml)
    (project / "main.py").write_text(RECORDER % "raise LookupError")
    running = up(project)
    running.put("a")
    running.logged("a batch failed .*attempts=3")
    assert end(running) < 4
    (project / "main.py").write_text(RECORDER % "pass")
    up(project)
    eventually(lambda: ("done", "a") in calls(project))


# What was acknowledged is there; what came later was refused, and nobody was left hanging.
def test_clients_at_work(up: StartUp, project: Path) -> None:
    (project / "main.py").write_text("def handler(event, context): pass")
    running = up(project)
    acknowledged: list[str] = []
    refused: list[str] = []

    def put_until_refused(name: str) -> None:
        client = running.client()
        for number in range(100_000):
            try:
                client.put_item(TableName=TABLE, Item={"pk": {"S": f"{name}-{number}"}})
            except (BotoCoreError, ClientError) as err:
                refused.append(repr(err))
                return
            acknowledged.append(f"{name}-{number}")

    writers = [threading.Thread(target=put_until_refused, args=(name,)) for name in ("ann", "bob")]
    for writer in writers:
        writer.start()
    eventually(lambda: len(acknowledged) > 50)
    assert end(running) < AT_MOST_S
    for writer in writers:
        writer.join(AT_MOST_S)
    assert len(refused) == 2
    client = up(project).client()
    there = {
        item["pk"]["S"]
        for page in client.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
        for item in page["Items"]
    }
    assert there.issuperset(acknowledged)
    assert len(there) <= len(acknowledged) + 2  # at most the one of each writer that had no answer


# Neither a client that never finishes its request nor one that is only connected holds it up.
def test_connections_that_say_nothing(up: StartUp, project: Path) -> None:
    running = up(project)
    host, _, port = running.endpoint.removeprefix("http://").partition(":")
    silent = socket.create_connection((host, int(port)))
    half = socket.create_connection((host, int(port)))
    half.sendall(
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 100\r\n\r\n{"
    )
    running.client().list_tables()  # so that both have been seen
    assert end(running) < AT_MOST_S
    with silent, half:
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


def test_everything_at_once(up: StartUp, project: Path) -> None:
    (project / "main.py").write_text(
        RECORDER % "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    while True: print('x' * 1000)"
    )
    running = up(project)
    host, _, port = running.endpoint.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as half:
        half.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        for number in range(20):
            running.put(str(number))
        eventually(lambda: calls(project))
        worker = int(re.search(r"begun \S+ (\d+)", (project / "calls").read_text())[1])  # type: ignore[index]
        assert end(running) < AT_MOST_S
    assert not alive(worker)
    assert os.path.getsize(running.log_file) < 8 * 2**20  # noqa: PTH202
