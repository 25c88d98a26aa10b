from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.lambdas.logs import writer as module
from everwarm.lambdas.logs.entry import Entry, functions_in
from everwarm.lambdas.logs.reader import LogReader


def append(directory: Path, *texts: str) -> None:
    module._append(directory, "f", [Entry(1_700_000_000.0, None, text) for text in texts])


def texts(reader: LogReader) -> list[str]:
    return [entry.text for entry in reader.read()]


@given(
    st.floats(0, 4e9).map(lambda time: round(time, 3)),
    st.none() | st.uuids().map(str),
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])),
)
def test_a_line_is_read_as_it_was_written(time: float, request_id: str | None, text: str) -> None:
    assert Entry.from_line(Entry(time, request_id, text).to_line()) == Entry(time, request_id, text)


@pytest.mark.parametrize("line", ["", "x\n", "2023-11-14T22:13:20.250Z\n", "2023-11-14T22:13:20.250\tid\ttext\n"])
def test_what_is_no_line(line: str) -> None:
    assert Entry.from_line(line) is None


def test_a_log_that_is_not_there_may_come(tmp_path: Path) -> None:
    reader = LogReader(tmp_path, "f")
    assert texts(reader) == []
    append(tmp_path, "one")
    assert texts(reader) == ["one"]
    append(tmp_path, "two")
    assert texts(reader) == ["two"]
    reader.close()


# However many files were put aside between two looks.
@pytest.mark.parametrize("lines", [1, 10, 40])
def test_following_across_rotation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int) -> None:
    monkeypatch.setattr(module, "FILE_BYTES", 500)
    reader = LogReader(tmp_path, "f")
    expected, found = [], []
    for turn in range(20):
        new = [f"{turn}.{n}" for n in range(lines)]
        append(tmp_path, *new)
        expected += new
        found += texts(reader)
    assert found == expected
    reader.close()


def test_a_line_that_is_half_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    reader = LogReader(tmp_path, "f")
    append(tmp_path, "one")
    with (tmp_path / "f.log").open("a") as file:
        file.write("2023-11-14T22:13:20.250Z\tid-1\tt")
        file.flush()
        assert texts(reader) == ["one"]
        file.write("wo\n")
    assert texts(reader) == ["two"]
    reader.close()


def test_which_functions_have_a_log(tmp_path: Path) -> None:
    for name in ("b.log", "a.log", "a.log.1"):
        (tmp_path / name).touch()
    assert functions_in(tmp_path) == ["a", "b"]
    assert functions_in(tmp_path / "nowhere") == []
