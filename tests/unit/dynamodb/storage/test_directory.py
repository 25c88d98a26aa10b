"""The data directory: one process at a time, one format, and nobody else's files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from everwarm.dynamodb.storage.store import Store
from everwarm.errors import StorageFormatError, StorageLocked, StorageUnwritable

OPEN_IN_A_CHILD = """
import sys
from pathlib import Path
from everwarm.dynamodb.storage.store import Store
from everwarm.errors import StorageLocked
try:
    Store.open(Path(sys.argv[1])).close()
except StorageLocked as err:
    sys.exit(str(err))
"""


def open_in_a_child(path: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", OPEN_IN_A_CHILD, str(path)], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_second_process_is_refused_and_told_by_whom(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "data")
    refused = open_in_a_child(tmp_path / "data")
    store.close()
    assert refused.returncode == 1
    assert f"process id {os.getpid()}" in refused.stderr
    assert str(tmp_path / "data") in refused.stderr
    assert "Traceback" not in refused.stderr
    assert open_in_a_child(tmp_path / "data").returncode == 0


def test_a_second_store_in_this_process_is_refused_too(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    with pytest.raises(StorageLocked, match=f"process id {os.getpid()}"):
        Store.open(tmp_path)
    store.close()


def test_another_format_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    (tmp_path / "FORMAT").write_text("everwarm 999\n")
    with pytest.raises(StorageFormatError, match="'everwarm 999'"):
        Store.open(tmp_path)
    assert (tmp_path / "FORMAT").read_text() == "everwarm 999\n"


# The refusal has to let go of the lock: whoever repairs the directory opens it next.
def test_a_refused_directory_is_not_left_locked(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    written = (tmp_path / "FORMAT").read_text()
    (tmp_path / "FORMAT").write_text("something else")
    with pytest.raises(StorageFormatError):
        Store.open(tmp_path)
    (tmp_path / "FORMAT").write_text(written)
    Store.open(tmp_path).close()


def test_a_directory_of_something_else_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(StorageFormatError, match=r"'thesis\.tex'"):
        Store.open(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnwritable, match=r"file/data cannot be written to \(Not a directory\)\. Name another"):
        Store.open(tmp_path / "file" / "data")


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text("")
    with pytest.raises(StorageFormatError, match="is a file"):
        Store.open(file)


def test_git_does_not_see_it(tmp_path: Path) -> None:
    Store.open(tmp_path / ".everwarm").close()
    assert (tmp_path / ".everwarm" / ".gitignore").read_text() == "*\n"


# A crash between the first files and the last leaves a directory that opens all the same.
def test_an_unfinished_directory_is_finished(tmp_path: Path) -> None:
    (tmp_path / "LOCK").write_text("12345\n")
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / "FORMAT.new").write_text("ever")
    store = Store.open(tmp_path)
    store.update(lambda tx: tx.put(b"k", b"v"))
    store.close()
