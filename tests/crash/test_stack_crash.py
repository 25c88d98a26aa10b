"""SIGKILL of a whole stack, again and again, under load; then what is left is compared with what was acknowledged.

The load: puts, deletions and transactions of several clients, expirations, a handler that fails for some records,
shards that are closed and continued, and settings of the triggers that change. What has to hold is in `checks.py`. Some
of the kills come while the stack is starting, and now and then it is asked to end instead.

`make crash [ROUNDS=200] [SEED=..]` is this with more kills. The seed decides what is random here, not which of two
processes is faster, so a failure does not always come again. Only the process dies, not the machine: what the operating
system had not written yet is not lost, and whether it was told to is not seen from here.
"""

import contextlib
import os
import random
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from everwarm.clock import SystemClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.layout import FAILURE
from everwarm.lambdas.failures.store import FailureStore
from everwarm.stream_record import Record
from tests.crash.changes import Changer
from tests.crash.checks import check_done, check_items, check_kept, check_pairs, check_stream
from tests.crash.load import EXPIRING, Write, Writer
from tests.crash.processes import Running, end, process, ready
from tests.crash.project import HANDLER, Journal, project_file
from tests.stack.support import client, eventually, sequence_of, stream_records

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "3"))
SEED = int(os.environ.get("CRASH_SEED", str(random.SystemRandom().randrange(10**6))))

WRITERS = 3
SHARDS, SHARD_AGE = "2", "2s"

SETTLED_WITHIN_S = 240.0


class Crashes:
    """Kills a stack as often as is wanted, and keeps what the writers know."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.directory = directory / "project"
        self.directory.mkdir()
        self.log = directory / "log"
        self.chance = random.Random(seed)
        self.writers = [Writer(str(n), random.Random(self.chance.random())) for n in range(WRITERS)]
        notes = directory / "notes"
        notes.mkdir()
        self.changer = Changer(notes, random.Random(self.chance.random()))
        self.journals = {
            name: Journal(notes / full)
            for name, full in (
                ("steady", "shop-dev-steady"),
                ("picky", "shop-dev-picky"),
                ("extra", "extra"),
                ("asked", "shop-dev-asked"),
            )
        }
        self.faults: list[BaseException] = []
        self.killed = self.killed_early = self.ended = 0
        (self.directory / "main.py").write_text(HANDLER)

    @property
    def kills(self) -> int:
        """How many there were."""
        return self.killed + self.killed_early

    def round(self) -> None:
        """One life of the stack."""
        (self.directory / "serverless.yml").write_text(project_file(self.chance, self.changer.notes))
        early = self.chance.random() < 0.1
        with process(self.directory, self.log, SHARDS, SHARD_AGE) as started:
            if early:
                time.sleep(self.chance.uniform(0.1, 1.5))
                started.kill()
                self.killed_early += 1
                return
            self._work(ready(started), enough=self.chance.randint(20, 400), pause_s=self.chance.uniform(0, 0.1))

    def _work(self, stack: Running, enough: int, pause_s: float) -> None:
        enough += sum(writer.acknowledged for writer in self.writers)
        over = threading.Event()
        threads = [self._thread(writer.work, stack.endpoint) for writer in self.writers]
        threads.append(self._thread(self.changer.work, stack.endpoint, stack.stream_arn, over))
        for thread in threads:
            thread.start()
        try:
            eventually(lambda: sum(writer.acknowledged for writer in self.writers) >= enough, timeout_s=60)
            time.sleep(pause_s)
            if self.chance.random() < 0.1:
                end(stack.process)
                self.ended += 1
            else:
                self.killed += 1
        finally:
            stack.process.kill()
            over.set()
            for thread in threads:
                thread.join()
        for fault in self.faults:
            raise fault

    def _thread(self, work: Callable[..., None], *args: Any) -> threading.Thread:
        def run() -> None:
            try:
                work(*args)
            except BaseException as fault:
                self.faults.append(fault)

        return threading.Thread(target=run)

    def settle(self) -> tuple[list[Record], list[dict[str, Any]]]:
        """Start it once more, and let it do all that is left; the stream's records and the table's items."""
        with process(self.directory, self.log, SHARDS, SHARD_AGE) as started:
            stack = ready(started)
            functions = client("lambda", stack.endpoint)
            self.changer.check(functions)
            if self.changer.mapping_id is not None:
                eventually(lambda: self._settled(functions), timeout_s=60)
            functions.close()
            eventually(lambda: not self._expiring(stack), timeout_s=60)
            records = stream_records(stack.endpoint, stack.stream_arn)
            numbers = {sequence_of(record) for record in records}
            for name in ("steady", "extra")[: 1 + (self.changer.mapping_id is not None)]:
                journal = self.journals[name]
                self._wait(lambda: numbers <= journal.read().done)  # noqa: B023 - called here and now
            self._wait(lambda: self.journals["asked"].read().asked >= self.changer.accepted)
            self._wait(lambda: self._lag(stack) == 0 and self._handled(numbers))
            items = self._scan(stack)
            end(started)
        return records, items

    def _wait(self, condition: Callable[[], bool]) -> None:
        """Wait for what may never be: the checks say better what is missing."""
        with contextlib.suppress(AssertionError):
            eventually(condition, timeout_s=SETTLED_WITHIN_S)

    def kept(self) -> list[int]:
        """The sequence numbers of what is in the failure store."""
        engine = Engine.open(self.directory / ".everwarm")
        try:
            store = FailureStore(engine.store, FAILURE, SystemClock())
            failures = store.page(limit=1_000_000)
            return [sequence_of(record) for failure in failures for record in store.records(failure.id)]
        finally:
            engine.close()

    @property
    def history(self) -> dict[str, list[Write]]:
        """All writes of all writers."""
        return {key: writes for writer in self.writers for key, writes in writer.history.items()}

    def _settled(self, functions: Any) -> bool:
        try:
            self.changer.settle(functions)
        except ClientError:
            return False  # a change is still being carried out
        return True

    def _handled(self, numbers: set[int]) -> bool:
        """Whether `picky` has at least been given everything."""
        return numbers <= {number for number, _ in self.journals["picky"].read().given}

    def _lag(self, stack: Running) -> float:
        """How old the oldest record is that is not done, by the stack's own figures."""
        with urllib.request.urlopen(f"{stack.endpoint}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return max(float(line.split()[-1]) for line in lines if line.startswith("everwarm_stream_lag_seconds{"))

    def _expiring(self, stack: Running) -> bool:
        return any(item["pk"]["S"].startswith(EXPIRING) for item in self._scan(stack))

    def _scan(self, stack: Running) -> list[dict[str, Any]]:
        dynamodb = client("dynamodb", stack.endpoint)
        pages = dynamodb.get_paginator("scan").paginate(TableName="cache", ConsistentRead=True)
        items = [item for page in pages for item in page["Items"]]
        dynamodb.close()
        return items


def test_killed_again_and_again(
    tmp_path: Path, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    crashes = Crashes(tmp_path, SEED)

    def say(text: str) -> None:
        with capsys.disabled():
            print(text, flush=True)  # noqa: T201 - progress, for whoever waits

    loud = ROUNDS > 10
    print(f"CRASH_SEED={SEED}")  # noqa: T201 - shown when the test fails
    if loud:
        say(f"\nCRASH_SEED={SEED} CRASH_ROUNDS={ROUNDS}, in {tmp_path}")
    while (number := crashes.kills) < ROUNDS:
        crashes.round()
        if loud and crashes.kills != number and crashes.kills % 10 == 0:
            acknowledged = sum(writer.acknowledged for writer in crashes.writers)
            say(f"  {crashes.kills} of {ROUNDS}: {acknowledged} writes acknowledged")
    records, items = crashes.settle()
    kept = crashes.kept()
    steady, picky = (crashes.journals[name].read() for name in ("steady", "picky"))
    check_stream(records, crashes.history)
    check_items(items, records)
    check_pairs([pair for writer in crashes.writers for pair in writer.pairs], records)
    check_done("steady", steady, set(), records)
    if crashes.changer.mapping_id is not None:
        check_done("extra", crashes.journals["extra"].read(), set(), records)
    check_done("picky", picky, set(kept), records)
    check_kept(kept, records, picky)
    assert crashes.journals["asked"].read().asked >= crashes.changer.accepted
    assert crashes.log.read_text().count("Traceback") == 0
    writes = [write for history in crashes.history.values() for write in history]
    told = (
        f"{crashes.killed} kills at work, {crashes.killed_early} while starting, {crashes.ended} ends; "
        f"{sum(write.acknowledged for write in writes)} of {len(writes)} writes acknowledged, none of those lost; "
        f"{crashes.changer.answered} changes of mappings, functions and shards; "
        f"{len(crashes.changer.accepted)} asynchronous calls, each made; "
        f"{len(records)} stream records, each once; {len(steady.given) - len(steady.done)} delivered again to steady; "
        f"{len(kept)} records in the failure store, each once, none missing"
    )
    record_property(f"killed {ROUNDS} times", told)
    if loud:
        say(told)
