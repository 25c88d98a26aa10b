"""SIGKILL of the whole stack in the middle of acknowledged puts, expirations and calls; then what a restart finds.

Every acknowledged put is there, or its expiry is in the stream; every change is in the stream once; the handler is
called for each of them at least once, in order. `CRASH_ROUNDS` sets how many times it is killed, `CRASH_SEED` repeats
what was random: the seed of a failed run is in its output. Only the process dies here, not the machine, so what the
operating system had not written yet is not lost; whether it was told to is not seen from here.
"""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import BotoCoreError

from everwarm.lambdas.mappings.batch import Record
from tests.crash import run_stack
from tests.stack.support import (
    RECORDER,
    Project,
    client,
    eventually,
    key_of,
    sequence_of,
    serverless_yml,
    stream_records,
)

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "3"))
SEED = int(os.environ.get("CRASH_SEED", str(random.SystemRandom().randrange(10**6))))

WRITERS = 3

LASTING = "lasting-"
"""How the keys begin that do not expire while the test runs."""

# Most calls take long enough to be killed in the middle.
HANDLER = (
    RECORDER
    + """
    def handler(event, context):
        half = len(event["Records"]) // 2
        record_all({"Records": event["Records"][:half]})
        time.sleep(0.02)
        record_all({"Records": event["Records"][half:]})
"""
)


@dataclass
class Running:
    """A stack's process, and where it is reached."""

    process: subprocess.Popen[str]
    endpoint: str
    stream_arn: str


@dataclass
class Puts:
    """What the writers know of their puts. A put without an answer may have been made or not."""

    tried: set[str] = field(default_factory=set)
    acknowledged: list[str] = field(default_factory=list)


@contextmanager
def running(project: Project) -> Iterator[Running]:
    """The stack, stopped in the proper way unless it has been killed by then."""
    command = [sys.executable, run_stack.__file__, str(project.directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            endpoint, stream_arn = process.stdout.readline().split()
            yield Running(process, endpoint, stream_arn)
            if process.poll() is None:
                process.communicate(timeout=30)  # the end of its standard input ends it
                assert process.returncode == 0
        finally:
            process.kill()


def write(endpoint: str, name: str, chance: random.Random, puts: Puts) -> None:
    """Put item after item, each under a key of its own, until nobody answers."""
    dynamodb = client("dynamodb", endpoint)
    number = 0
    try:
        while True:
            lasting = chance.random() < 0.1
            key = f"{LASTING if lasting else ''}{name}-{number}"
            number += 1
            ttl = int(time.time()) + (3600 if lasting else chance.randint(0, 2))
            puts.tried.add(key)
            dynamodb.put_item(TableName="cache", Item={"pk": {"S": key}, "ttl": {"N": str(ttl)}})
            puts.acknowledged.append(key)
    except BotoCoreError:
        pass  # it has been killed
    finally:
        dynamodb.close()


def kill_amid_writes(stack: Running, round_number: int, chance: random.Random, puts: Puts, project: Project) -> None:
    """Have writers put for a while, and kill the stack at a moment by chance."""
    enough = len(puts.acknowledged) + chance.randint(150, 700)
    writers = [
        threading.Thread(
            target=write, args=(stack.endpoint, f"{round_number}-{n}", random.Random(chance.random()), puts)
        )
        for n in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    try:
        called_before = len(project.received())
        eventually(lambda: len(puts.acknowledged) >= enough and len(project.received()) > called_before)
        assert project.workers_alive()
    finally:
        stack.process.kill()
        stack.process.wait()
        for writer in writers:
            writer.join()
    # Its workers die with it: one that lived on would write over the next ones' refreshes.
    eventually(lambda: not project.workers_alive(), timeout_s=5)


def check_acknowledged(stack: Running, puts: Puts) -> None:
    """Every acknowledged put is there, or was there and its expiry is in the stream."""
    dynamodb = client("dynamodb", stack.endpoint)
    missing = [
        key
        for key in puts.acknowledged
        if "Item" not in dynamodb.get_item(TableName="cache", Key={"pk": {"S": key}}, ConsistentRead=True)
    ]
    dynamodb.close()
    assert [key for key in missing if key.startswith(LASTING)] == []
    # Read after the items: what expired in between is in it.
    removed = {key_of(record) for record in stream_records(*where(stack)) if record["eventName"] == "REMOVE"}
    assert removed.issuperset(missing)


def check_stream(records: list[Record], puts: Puts) -> None:
    """Every change is in the stream once, in order."""
    sequence = [sequence_of(record) for record in records]
    assert sequence == sorted(set(sequence))
    histories: dict[str, list[str]] = defaultdict(list)
    for record in records:
        histories[key_of(record)].append(record["eventName"])
    assert puts.tried.issuperset(histories)
    assert histories.keys() >= set(puts.acknowledged)
    assert {tuple(events) for events in histories.values()} <= {("INSERT",), ("INSERT", "REMOVE")}
    assert all(
        record["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
        for record in records
        if record["eventName"] == "REMOVE"
    )


def check_received(received: list[Record], in_stream: list[Record]) -> None:
    """The handler got every record. Again after a kill perhaps, but for the first time always in order."""
    first_times = list(dict.fromkeys(sequence_of(record) for record in received))
    assert first_times == [sequence_of(record) for record in in_stream]


def all_done(stack: Running, project: Project) -> list[Record]:
    """The stream's records, once all that expires has expired and the handler has had everything; before that none."""
    records = stream_records(*where(stack))
    names = Counter(key_of(record) for record in records if not key_of(record).startswith(LASTING))
    received = {sequence_of(record) for record in project.received()}
    if min(names.values()) >= 2 and received.issuperset(sequence_of(record) for record in records):
        return records
    return []


def where(stack: Running) -> tuple[str, str]:
    return stack.endpoint, stack.stream_arn


def test_killed_amid_acknowledged_puts_and_expirations(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    print(f"CRASH_SEED={SEED}")  # noqa: T201 - shown when the test fails
    chance = random.Random(SEED)
    project = Project(tmp_path)
    project.write(serverless_yml(), HANDLER)
    puts = Puts()
    for round_number in range(ROUNDS):
        with running(project) as stack:
            kill_amid_writes(stack, round_number, chance, puts, project)
    with running(project) as stack:
        check_acknowledged(stack, puts)
        in_stream = eventually(lambda: all_done(stack, project), timeout_s=30)
    received = project.received()
    check_stream(in_stream, puts)
    check_received(received, in_stream)
    removals = sum(record["eventName"] == "REMOVE" for record in in_stream)
    again = len(received) - len(in_stream)
    record_property(
        f"killed {ROUNDS} times",
        f"{len(puts.acknowledged)} acknowledged puts, {removals} expiries, {again} records delivered again",
    )
