"""A disk that has no byte left, again and again, under load: then what is there is compared with what was acknowledged.

Nothing is kept in reserve here, so that the storage engine itself meets the end of the disk, in the middle of commits,
while others read.
"""

import contextlib
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from everwarm import Stack
from everwarm.dynamodb.storage import room
from tests.crash.project import HANDLER, Journal, project_file
from tests.crash.run_stack import Silent
from tests.stack.support import client, eventually, key_of, sequence_of, stream_records

ROUNDS = 3
PADDING = "x" * 20_000


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system of 192 MiB, of which nothing is kept in reserve."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192m", "tmpfs", str(place)], capture_output=True)
    if made.returncode != 0:
        pytest.skip(f"a file system cannot be mounted here: {made.stderr.decode().strip()}")
    monkeypatch.setattr(room, "RESERVE_BYTES", 0)
    monkeypatch.setattr("everwarm.dynamodb.storage.store.FIRST_RECOVERY_S", 0.05)
    monkeypatch.setattr("everwarm.dynamodb.storage.store.LAST_RECOVERY_S", 0.1)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


class Clients:
    """Two that write and two that read, whatever the writers are told.

    Attributes:
        acknowledged, refused: the keys of puts, by what became of them.
        codes: what writers were told in the place of an answer.
        unread: what readers were told but an answer.
    """

    def __init__(self, endpoint: str) -> None:
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self.codes: set[str] = set()
        self.unread: list[BaseException] = []
        self._endpoint = endpoint
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(f"writer-{n}",)) for n in range(2)]
        self._threads += [threading.Thread(target=self._read) for _ in range(2)]

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, name: str) -> None:
        dynamodb = client("dynamodb", self._endpoint)
        number = 0
        while not self._stop.is_set():
            number += 1
            key = f"{name}-{number}"
            try:
                dynamodb.put_item(TableName="cache", Item={"pk": {"S": key}, "n": {"N": "1"}, "text": {"S": PADDING}})
            except ClientError as err:
                self.refused.append(key)
                self.codes.add(err.response["Error"]["Code"])
                time.sleep(0.01)
            else:
                self.acknowledged.append(key)
        dynamodb.close()

    def _read(self) -> None:
        dynamodb = client("dynamodb", self._endpoint)
        try:
            while not self._stop.is_set():
                if self.acknowledged:
                    key = random.choice(self.acknowledged)
                    assert "Item" in dynamodb.get_item(TableName="cache", Key={"pk": {"S": key}})
                dynamodb.scan(TableName="cache", Limit=20)
        except BaseException as err:
            self.unread.append(err)
        finally:
            dynamodb.close()


def fill(disk: Path) -> Path:
    """Have somebody else's file take the last byte."""
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(64 * 1024)):
            pass
    return ballast


def test_without_a_byte_left(disk: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "serverless.yml").write_text(project_file(random.Random(1), tmp_path))
    (project / "main.py").write_text(HANDLER)
    with Stack(project, data=disk / "data", observer=Silent()) as stack:
        with Clients(stack.endpoint) as clients:
            for _ in range(ROUNDS):
                written = len(clients.acknowledged)
                eventually(lambda: len(clients.acknowledged) > written + 20, timeout_s=30)  # noqa: B023 - here and now
                ballast = fill(disk)
                refused = len(clients.refused)
                eventually(lambda: len(clients.refused) > refused + 10, timeout_s=30)  # noqa: B023 - here and now
                ballast.unlink()
            written = len(clients.acknowledged)
            eventually(lambda: len(clients.acknowledged) > written + 20, timeout_s=30)
        assert clients.unread == []
        assert clients.codes == {"InternalServerError"}
        check(stack, clients, Journal(tmp_path / "shop-dev-steady"))
    with Stack(project, data=disk / "data", observer=Silent()) as stack:
        check(stack, clients, Journal(tmp_path / "shop-dev-steady"))


def check(stack: Stack, clients: Clients, steady: Journal) -> None:
    """What is acknowledged is there; each put that was made is in the stream once, and came to the function."""
    dynamodb = client("dynamodb", stack.endpoint)
    pages: Any = dynamodb.get_paginator("scan").paginate(TableName="cache", ConsistentRead=True)
    there = {item["pk"]["S"] for page in pages for item in page["Items"]}
    dynamodb.close()
    assert there.issuperset(clients.acknowledged)
    assert there.issubset([*clients.acknowledged, *clients.refused])
    arn = stack.tables[0].stream_arn
    assert arn is not None
    records = stream_records(stack.endpoint, arn)
    numbers = [sequence_of(record) for record in records]
    assert len(set(numbers)) == len(numbers)
    assert sorted(map(key_of, records)) == sorted(there)
    eventually(lambda: steady.read().done.issuperset(numbers), timeout_s=60)
    assert steady.done == set(numbers)
