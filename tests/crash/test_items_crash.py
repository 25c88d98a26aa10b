"""An engine that is killed amid writes of items: after that its indexes and counts are those of its items.

Nothing acknowledged is lost, and of a transaction there is all or nothing. `CRASH_ROUNDS` and `CRASH_SEED` are as in
`test_stack_crash.py`.
"""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from everwarm.dynamodb.engine import Engine
from tests.crash import write_items
from tests.crash.write_items import KEYS, caller

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "3"))
SEED = int(os.environ.get("CRASH_SEED", str(random.SystemRandom().randrange(10**6))))


def acknowledged(data: Path, name: str, kill_after: int) -> Iterator[tuple[tuple[str, int], str]]:
    """What the writers say before they are dead: a key, and the number that its item has, or `gone`."""
    command = [sys.executable, write_items.__file__, str(data), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for number, line in enumerate(process.stdout):
            if number == kill_after:
                process.kill()
            # A last line may be cut short by the kill; then it was not acknowledged.
            if line.endswith("\n"):
                writer, sk, now = line.split()
                yield (writer, int(sk)), now
    assert process.returncode == -9


def scanned(call: Any, **more: Any) -> dict[tuple[str, int], dict[str, Any]]:
    """All items of the table or of an index of it, by their keys."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    start: dict[str, Any] = {}
    while True:
        page = orjson.loads(orjson.dumps(call("Scan", {"TableName": "cache", **more, **start})))
        for item in page["Items"]:
            assert (item["pk"]["S"], int(item["sk"]["N"])) not in found
            found[item["pk"]["S"], int(item["sk"]["N"])] = item
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def number_of(item: dict[str, Any]) -> int:
    return int(item["n"]["N"])


def test_killed_amid_writes(tmp_path: Path) -> None:
    print(f"CRASH_SEED={SEED}")  # noqa: T201 - shown when the test fails
    chance = random.Random(SEED)
    for number in range(ROUNDS):
        data = tmp_path / f"round-{number}"
        said = dict(acknowledged(data, f"{SEED}/{number}", chance.randrange(50, 3000)))
        with closing(Engine.open(data)) as engine:
            call = caller(engine)
            items = scanned(call)
            check_acknowledged(items, said)
            check_twins(items)
            check_followers(call, items)


def check_acknowledged(items: dict[tuple[str, int], dict[str, Any]], said: dict[tuple[str, int], str]) -> None:
    """What was said last of a key holds, or one more write came after it: each thread has one under way at the most."""
    newer: dict[str, int] = {}
    for key, now in said.items():
        item = items.get(key)
        found = "gone" if item is None else str(number_of(item))
        if found != now:
            writer = key[0]
            newer[writer] = newer.get(writer, 0) + 1
            assert now == "gone" or item is None or number_of(item) > int(now)
    # The write under way may have been a transaction of two.
    assert all(count <= 2 for count in newer.values())


def check_twins(items: dict[tuple[str, int], dict[str, Any]]) -> None:
    """A twin is written by transactions only, so its item has its number, or one of a later write."""
    for (writer, sk), twin in items.items():
        if sk >= KEYS and (item := items.get((writer, sk - KEYS))) is not None:
            assert number_of(item) >= number_of(twin)


def check_followers(call: Any, items: dict[tuple[str, int], dict[str, Any]]) -> None:
    """Indexes and counts are those of the items."""
    assert scanned(call, IndexName="local") == items
    assert scanned(call, IndexName="global") == items
    table = call("DescribeTable", {"TableName": "cache"})["Table"]
    for described in (table, *table["LocalSecondaryIndexes"], *table["GlobalSecondaryIndexes"]):
        assert described["ItemCount"] == len(items)
    assert table["LocalSecondaryIndexes"][0]["IndexSizeBytes"] == table["TableSizeBytes"]
