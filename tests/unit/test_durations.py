"""Lengths of time as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.durations import duration, range_of_seconds, seconds
from everwarm.errors import SettingError


@pytest.mark.parametrize(
    ("text", "length_s"),
    [("0", 0), ("90s", 90), ("8m", 480), ("48h", 172_800), ("7d", 604_800), ("1.5h", 5400), ("0s", 0), ("0.25s", 0.25)],
)
def test_a_number_and_its_unit(text: str, length_s: float) -> None:
    assert seconds(text) == length_s


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 m", "5M", "5w", "1e3s", "5m30s", ".5h", "5.h", "٣m", "nan"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="not a length of time: write a number and s, m, h or d behind it"):
        seconds(text)


@pytest.mark.parametrize(
    ("text", "range_s"),
    [("0", (0, 0)), ("8m", (480, 480)), ("8m..28m", (480, 1680)), ("..48h", (0, 172_800)), ("0..1m", (0, 60))],
)
def test_ranges(text: str, range_s: tuple[float, float]) -> None:
    assert range_of_seconds(text) == range_s


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("8m..", "a range without an end"),
        ("..", "a range without an end"),
        ("28m..8m", "ends before it begins: write 8m..28m"),
        ("8..28m", "'8' is not a length of time"),
        ("8m...28m", "'.28m' is not a length of time"),
        ("8m-28m", "'8m-28m' is not a length of time"),
    ],
)
def test_what_is_no_range(text: str, problem: str) -> None:
    with pytest.raises(SettingError, match=problem):
        range_of_seconds(text)


@given(st.integers(0, 10**12))
def test_written_and_read_again(length_ms: int) -> None:
    assert round(seconds(duration(length_ms / 1000)) * 1000) == length_ms
