import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.lambdas.logs import writer as module
from everwarm.lambdas.logs.reader import LogReader
from everwarm.lambdas.logs.writer import LogWriter

Line = tuple[str, str | None, str]


def written(directory: Path | None, *lines: Line, clock: ManualClock | None = None) -> list[Line]:
    """Write some lines; what was told of them."""
    told: list[Line] = []
    writer = LogWriter(directory, lambda *line: told.append(line), clock)
    writer.start()
    for line in lines:
        writer.write(*line)
    writer.stop()
    return told


def texts(directory: Path, function_name: str) -> list[str]:
    reader = LogReader(directory, function_name)
    found = [entry.text for entry in reader.read()]
    reader.close()
    return found


def test_a_file_for_each_function(tmp_path: Path) -> None:
    lines: list[Line] = [("f", "id-1", "one\twith a tab"), ("g", "id-2", "two"), ("f", None, "three")]
    assert written(tmp_path / "logs", *lines, clock=ManualClock(1_700_000_000.25)) == lines
    assert {path.name: path.read_text() for path in (tmp_path / "logs").iterdir()} == {
        "f.log": "2023-11-14T22:13:20.250Z\tid-1\tone\twith a tab\n2023-11-14T22:13:20.250Z\t-\tthree\n",
        "g.log": "2023-11-14T22:13:20.250Z\tid-2\ttwo\n",
    }


def test_without_a_directory_lines_are_told_alone(tmp_path: Path) -> None:
    assert written(None, ("f", None, "one")) == [("f", None, "one")]


def test_files_are_put_aside_and_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FILE_BYTES", 1000)
    written(tmp_path, *(("f", None, f"line {n}") for n in range(1000)))
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert sorted(sizes) == ["f.log", "f.log.1", "f.log.2", "f.log.3", "f.log.4"]
    assert max(sizes.values()) < 1100
    found = texts(tmp_path, "f")
    assert found == [f"line {n}" for n in range(1000 - len(found), 1000)]
    assert len(found) > 80


def test_all_logs_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FILE_BYTES", 1000)
    monkeypatch.setattr(module, "TOTAL_BYTES", 10_000)
    for function in range(20):
        written(tmp_path, *((f"f{function}", None, f"line {n}") for n in range(100)))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 10_000 + 1000
    assert texts(tmp_path, "f19")[-1] == "line 99"


# A handler can print faster than a disk takes it, and the event loop must not wait for either.
def test_a_flood_is_cut_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PENDING_BYTES", 10_000)
    go_on = threading.Event()
    told: list[str] = []

    def tell(function: str, request_id: str | None, line: str) -> None:
        go_on.wait(10)
        told.append(line)

    writer = LogWriter(tmp_path, tell)
    writer.start()
    for n in range(1000):
        writer.write("f", None, f"line {n}")
    go_on.set()
    while writer._put_bytes != writer._done_bytes:
        threading.Event().wait(0.005)
    writer.write("f", "id-1", "after")
    writer.stop()
    count = len(told) - 2
    assert 0 < count < 100
    assert told[-2:] == [
        f"({1000 - count} lines are missing here: they came faster than they could be written)",
        "after",
    ]
    assert texts(tmp_path, "f") == told


@pytest.mark.parametrize("fault", ["full", "refused"])
def test_a_log_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    real: Callable[[Any], os.statvfs_result] = os.statvfs

    def full(path: Any) -> os.statvfs_result:
        found = real(path)
        return os.statvfs_result((*found[:4], 0, *found[5:10]))

    def refused(path: Any) -> os.statvfs_result:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "statvfs", full if fault == "full" else refused)
    assert written(tmp_path, ("f", None, "one"), ("f", None, "two")) == [("f", None, "one"), ("f", None, "two")]
    assert not (tmp_path / "f.log").exists()
    assert "the logs of functions are not written" in capsys.readouterr().out


def test_whoever_is_told_and_does_not_come_back_does_not_hold_up_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_S", 0.05)
    go_on = threading.Event()

    def tell(function: str, request_id: str | None, line: str) -> None:
        go_on.wait(10)

    writer = LogWriter(tmp_path, tell)
    writer.start()
    writer.write("f", None, "one")
    writer.stop()
    assert not go_on.is_set()
    go_on.set()
