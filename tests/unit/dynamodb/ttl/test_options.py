"""`--ttl-delay` and `--ttl-cool-down`: what they can be, and the chance that decides how late a deletion is."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.dynamodb.ttl.options import PROMPT, Delay, TimeToLiveOptions
from everwarm.errors import SettingError

NOW_MS = 1_700_000_000_000
TABLE_ID = str(uuid.UUID(int=7))
MINUTE_MS = 60_000


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("0", Delay(0, 0)),
        ("8m", Delay(8 * MINUTE_MS, 8 * MINUTE_MS)),
        ("8m..28m", Delay(8 * MINUTE_MS, 28 * MINUTE_MS)),
        ("..48h", Delay(0, 48 * 60 * MINUTE_MS)),
        ("0.5s..365d", Delay(500, 365 * 24 * 60 * MINUTE_MS)),
    ],
)
def test_forms(text: str, delay: Delay) -> None:
    assert Delay.parse(text) == delay
    assert Delay.parse(str(delay)) == delay


@pytest.mark.parametrize("text", ["", "soon", "8", "8m..", "28m..8m", "366d", "..366d"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(SettingError):
        Delay.parse(text)


def test_both_are_off_unless_asked_for() -> None:
    assert TimeToLiveOptions.parse() == PROMPT
    assert not PROMPT.delay
    assert PROMPT.cool_down_s == 0
    assert TimeToLiveOptions.parse("8m", "1h").cool_down_s == 3600


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, NOW_MS * 2), st.binary(max_size=40))
def test_within_the_range_and_always_the_same(low: int, width: int, due: int, key: bytes) -> None:
    delay = Delay(low, low + width)
    moment = delay.moment_ms(due, TABLE_ID, key)
    assert due + low <= moment <= due + low + width
    assert moment == Delay(low, low + width).moment_ms(due, TABLE_ID, key)


def test_an_exact_delay_leaves_nothing_to_chance() -> None:
    assert Delay.parse("8m").moment_ms(NOW_MS, TABLE_ID, b"a") == NOW_MS + 8 * MINUTE_MS


# A thousand items that fall due together are deleted all over the range; those of AWS come in no known order either.
def test_all_over_the_range() -> None:
    delay = Delay.parse("8m..28m")
    late = [delay.moment_ms(NOW_MS, TABLE_ID, b"%d" % number) - NOW_MS for number in range(1000)]
    for tenth in range(10):
        start = (8 + 2 * tenth) * MINUTE_MS
        assert 50 < sum(start <= one < start + 2 * MINUTE_MS for one in late) < 200


# So a key that comes back again and again is not always the last.
def test_another_chance_for_each_time_and_each_table() -> None:
    delay = Delay.parse("..1h")
    by_due = {delay.moment_ms(NOW_MS + n, TABLE_ID, b"a") - n for n in range(50)}
    by_table = {delay.moment_ms(NOW_MS, str(uuid.UUID(int=n)), b"a") for n in range(50)}
    assert len(by_due) > 45
    assert len(by_table) > 45
