"""A disk that is full, for real: a small file system where one may be mounted, a limit of the kernel's everywhere.

Writes are refused, reads go on, what was acknowledged is there, and it goes on when there is room.
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from everwarm.dynamodb.storage import room
from everwarm.dynamodb.storage.store import Store
from everwarm.errors import StorageFailed, StorageFull

MIB = 2**20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)], capture_output=True)
    if made.returncode != 0:
        pytest.skip(f"a file system cannot be mounted here: {made.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses: whoever asks looks at the disk and tries to go on."""
    monkeypatch.setattr(room, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr("everwarm.dynamodb.storage.store.FIRST_RECOVERY_S", 0.0)
    monkeypatch.setattr("everwarm.dynamodb.storage.store.LAST_RECOVERY_S", 0.0)


def put(store: Store, key: bytes, value: bytes = b"v") -> None:
    store.update(lambda tx: tx.put(key, value))


def fill(disk: Path, left_mib: float) -> Path:
    """Have somebody else's file take all but some of the disk."""
    ballast = disk / "ballast"
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free - int(left_mib * MIB))
    return ballast


def put_until_refused(store: Store) -> list[bytes]:
    """The keys of the puts that were acknowledged before the first that was refused."""
    acknowledged: list[bytes] = []
    try:
        for number in range(10_000):
            put(store, b"%05d" % number, os.urandom(50_000))
            acknowledged.append(b"%05d" % number)
    except StorageFailed:
        return acknowledged
    pytest.fail("none was refused")


# The first line of defence: RocksDB never meets the end of the disk.
def test_writes_stop_before_the_disk_is_full(small_disk: Path) -> None:
    store = Store.open(small_disk / "data")
    put(store, b"k")
    ballast = fill(small_disk, left_mib=5)  # a tenth of it is kept in reserve
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(StorageFull, match=r"nearly full: less than 6 MiB are left for .*/data"):
                put(store, b"more")
    assert [entry["log_level"] for entry in logs] == ["error"]  # told once, not with every write
    assert store.get(b"k") == b"v"
    assert store.get(b"more") is None
    store.update(lambda tx: tx.delete_range(b"a", b"b"), frees=True)  # what gives room back goes on
    ballast.unlink()
    put(store, b"more")
    store.close()
    assert Store.open(small_disk / "data").get(b"more") == b"v"


# The second line, for those who fill it faster than we look, and for quotas.
def test_a_disk_without_a_byte_left(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "RESERVE_BYTES", 0)
    store = Store.open(small_disk / "data")
    ballast = fill(small_disk, left_mib=4)
    acknowledged = put_until_refused(store)
    assert len(acknowledged) > 10
    with pytest.raises(StorageFailed, match="No space left on device"):
        put(store, b"more")
    assert all(store.get(key) for key in acknowledged)
    ballast.unlink()
    put(store, b"more")
    assert all(store.get(key) for key in acknowledged)
    store.close()
    store = Store.open(small_disk / "data")
    assert all(store.get(key) for key in [*acknowledged, b"more"])
    store.close()


def test_a_kill_while_the_disk_is_full_loses_nothing(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "RESERVE_BYTES", 0)
    store = Store.open(small_disk / "data")
    ballast = fill(small_disk, left_mib=4)
    acknowledged = put_until_refused(store)
    copy = small_disk.parent / "as-a-kill-leaves-it"
    subprocess.run(["cp", "-r", str(small_disk / "data"), str(copy)], check=True)
    store.close()
    ballast.unlink()
    left = Store.open(copy)
    assert all(left.get(key) for key in acknowledged)
    put(left, b"more")
    left.close()


def test_a_start_on_a_full_disk_says_so(small_disk: Path) -> None:
    Store.open(small_disk / "data").close()
    fill(small_disk, left_mib=0)
    with pytest.raises(StorageFailed, match=r"cannot be opened .*No space left"):
        Store.open(small_disk / "data")


# Needs no file system of its own: the kernel refuses to let a file grow over a limit, in the middle of a write.
def test_a_kernel_that_refuses_a_write(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MIB, hard))
    try:
        acknowledged = put_until_refused(store)
        assert len(acknowledged) > 10
        with structlog.testing.capture_logs() as logs:
            for _ in range(3):
                with pytest.raises(StorageFailed, match="File too large"):
                    put(store, b"more")
        assert logs == []
        assert all(store.get(key) for key in acknowledged)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    put(store, b"more")
    assert all(store.get(key) for key in [*acknowledged, b"more"])
    store.close()
    store = Store.open(tmp_path / "data")
    assert all(store.get(key) for key in [*acknowledged, b"more"])
    store.close()
