"""A stack on a disk that fills up and is emptied again: what clients see, and that everything goes on by itself.

Not here: how the store does it (tests/unit/dynamodb/storage/test_full.py).
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from everwarm import Stack
from everwarm.clock import ManualClock
from everwarm.dynamodb.storage import room
from everwarm.errors import StorageFailed
from tests.stack.support import Project, client, eventually, expire, put
from tests.wire.refused import refused

Start = Callable[..., Stack]


class Disk:
    """A small file system."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._ballast = place / "ballast"

    def fill(self) -> None:
        """Leave less than what is kept in reserve."""
        disk = os.statvfs(self.place)
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - 2 * 2**20)

    def empty(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)], capture_output=True)
    if made.returncode != 0:
        pytest.skip(f"a file system cannot be mounted here: {made.stderr.decode().strip()}")
    monkeypatch.setattr(room, "LOOK_EVERY_S", 0.0)
    yield Disk(place)
    subprocess.run(["umount", "--lazy", str(place)], check=True)


# SDKs retry a 500 by themselves; the text is for the person who looks why.
def test_writes_are_refused_reads_go_on_and_so_does_everything_when_there_is_room(
    disk: Disk, start: Start, clock: ManualClock, project: Project
) -> None:
    stack = start(data=disk.place / "data")
    expire(stack, clock, "ann")
    eventually(project.expired_keys)
    put(stack, "bob", clock.now() + 10)
    eventually(lambda: len(project.received()) == 3)
    dynamodb = client("dynamodb", stack.endpoint)
    dynamodb.create_table(
        TableName="other",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    disk.fill()
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            with refused("InternalServerError", begins="The disk is nearly full: less than 6 MiB are left for "):
                put(stack, "cid", clock.now() + 10)
        clock.advance(10)  # bob is due, and cannot be deleted
        for _ in range(5):
            clock.advance(1)
        assert "Item" in dynamodb.get_item(TableName="cache", Key={"pk": {"S": "bob"}})
        assert len(dynamodb.scan(TableName="cache")["Items"]) == 1
        dynamodb.delete_table(TableName="other")  # gives room back
        assert project.expired_keys() == ["ann"]
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == [
        "the disk is nearly full: writes are refused until there is room"
    ]
    disk.empty()
    eventually(lambda: project.expired_keys() == ["ann", "bob"], meanwhile=lambda: clock.advance(1))
    put(stack, "cid", clock.now() + 3600)
    eventually(lambda: len(project.received()) == 5)
    assert [record["eventName"] for record in project.received()] == ["INSERT", "REMOVE", "INSERT", "REMOVE", "INSERT"]
    dynamodb.close()


# What is done and cannot be noted as done is noted later; nothing is called twice for that.
def test_a_batch_that_is_done_while_the_disk_is_full(
    disk: Disk, start: Start, clock: ManualClock, project: Project, tmp_path: Path
) -> None:
    go_on = tmp_path / "go-on"
    project.write_handler(f"""
        import json, os, time

        def handler(event, context):
            with open("records", "a") as file:
                for record in event["Records"]:
                    file.write(json.dumps({{**record, "receivedAt": 0}}) + "\\n")
            while not os.path.exists({str(go_on)!r}):
                time.sleep(0.01)
    """)
    stack = start(data=disk.place / "data")
    put(stack, "ann", clock.now() + 3600)
    eventually(project.received)
    disk.fill()
    go_on.touch()
    with refused("InternalServerError"):
        put(stack, "bob", clock.now() + 3600)
    disk.empty()

    def bob_is_put() -> bool:
        try:
            put(stack, "bob", clock.now() + 3600)
        except Exception:
            return False
        return True

    eventually(bob_is_put)
    eventually(lambda: len(project.received()) >= 2, meanwhile=lambda: clock.advance(1))
    stack.stop()
    assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in project.received()] == ["ann", "bob"]
    stack = start(data=disk.place / "data")
    put(stack, "cid", clock.now() + 3600)
    eventually(lambda: len(project.received()) >= 3)
    assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in project.received()] == ["ann", "bob", "cid"]


# A stack that was stopped when the disk was full is started again: what is there can be read.
def test_a_start_when_the_disk_is_nearly_full(disk: Disk, start: Start, clock: ManualClock, project: Project) -> None:
    stack = start(data=disk.place / "data")
    put(stack, "ann", clock.now() + 3600)
    eventually(project.received)
    stack.stop()
    disk.fill()
    stack = start(data=disk.place / "data")
    dynamodb = client("dynamodb", stack.endpoint)
    assert "Item" in dynamodb.get_item(TableName="cache", Key={"pk": {"S": "ann"}})
    with refused("InternalServerError", begins="The disk is nearly full"):
        put(stack, "bob", clock.now() + 3600)
    disk.empty()
    put(stack, "bob", clock.now() + 3600)
    eventually(lambda: len(project.received()) == 2)
    dynamodb.close()


# Nothing can be made of a new project there, and a person is told why.
def test_a_first_start_when_the_disk_is_nearly_full(disk: Disk, start: Start) -> None:
    disk.fill()
    with pytest.raises(StorageFailed, match="The disk is nearly full"):
        start(data=disk.place / "data")
