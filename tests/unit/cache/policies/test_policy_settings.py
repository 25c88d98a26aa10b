"""What cannot be a policy: the error names the option, what is wrong, and something that is right."""

from datetime import timedelta
from typing import Any

import pytest

from everwarm.cache.policies.policy import Policy
from everwarm.cache.policies.settings import bytes_of
from everwarm.errors import SettingError


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"refresh": "10"}, r"refresh: '10' is not a length of time.*90s"),
        ({"refresh": "ten minutes"}, r"refresh: 'ten minutes' is not a length"),
        ({"refresh": 0}, r'refresh=0 is too short: 0.1 s is the least; write refresh="10m"'),
        ({"refresh": -5}, r"refresh=-5 is too short"),
        ({"refresh": timedelta(0)}, r"refresh=.* is too short"),
        ({"refresh": True}, r'refresh=True is not a length of time: write refresh="10m", a number of seconds'),
        ({"refresh": float("nan")}, r"refresh=nan is not a length of time"),
        ({"refresh": float("inf")}, r"refresh=inf is not a length of time"),
        ({"refresh": b"10m"}, r"refresh=b'10m' is not a length of time"),
        ({"keep": "1 day"}, r"keep: '1 day' is not a length of time"),
        ({"keep": 0}, r'keep=0 is too short.*write keep="1d"'),
        ({"refresh": "2h", "keep": "1h"}, r'keep \(1h\) is shorter than refresh \(2h\).*keep="4h" say, or None'),
        ({"keep": "5m"}, r"keep \(5m\) is shorter than refresh \(10m\)"),
        ({"schedule": "0 6 * * *", "keep": "6h"}, r'shorter than the longest pause of schedule.*1d.*keep="2d"'),
        ({"schedule": "0 6 * * *", "refresh": "10m"}, r"refresh and schedule are two ways.*give one"),
        ({"schedule": "6 o'clock"}, r"schedule=.* has 2 fields"),
        ({"schedule": "0 6 * * *", "zone": "Berlin"}, r'zone=\'Berlin\' is no time zone.*"Europe/Berlin"'),
        ({"schedule": "0 6 * * *", "early": 1.0}, r"early and schedule do not go together.*leave early away"),
        ({"jitter": "60%"}, r"jitter='60%': a share is between 0 and 50%.*jitter=\"10%\""),
        ({"jitter": 2}, r"jitter=2: a share is between 0 and 50%"),
        ({"jitter": -0.1}, r"jitter=-0.1: a share is between"),
        ({"jitter": "a lot"}, r"jitter: 'a lot' is not a length of time"),
        ({"jitter": timedelta(seconds=-1)}, r"jitter=.* is less than nothing"),
        ({"jitter": None}, r"jitter=None is neither a share nor a length of time"),
        ({"early": -1}, r"early=-1 is not a number of 0 or more: write early=1.0"),
        ({"early": "1"}, r"early='1' is not a number"),
        ({"early": True}, r"early=True is not a number"),
        ({"negative": 0}, r'negative=0 is too short.*write negative="1m"'),
        ({"backoff": "5m..1s"}, r"backoff: '5m..1s' is a range that ends before it begins"),
        ({"backoff": "..5m"}, r'backoff=\'..5m\' begins with less than.*backoff="1s..5m"'),
        ({"backoff": "1s.."}, r"backoff: '1s..' is a range without an end"),
        ({"backoff": 5}, r"backoff=5 is not a range of lengths of time"),
        ({"keep_warm": "sometimes"}, r'keep_warm=\'sometimes\' is not one of "always", "while-read", "never"'),
        ({"idle_periods": 0}, r"idle_periods=0 is not a whole number of 1 or more: write idle_periods=3"),
        ({"idle_periods": 1.5}, r"idle_periods=1.5 is not a whole number"),
        ({"lease": "0s"}, r'lease=\'0s\' is too short.*lease="60s"'),
        ({"lease": None}, r"lease=None is not a length of time"),
        ({"max_bytes": "a few"}, r'max_bytes=\'a few\' is not a size: write max_bytes="10KB", or a number of bytes'),
        ({"max_bytes": 0}, r"max_bytes=0 is too small"),
        ({"compress_above": -1}, r"compress_above=-1 is too small"),
        ({"compress_above": 1.5}, r"compress_above=1.5 is not a size"),
        ({"gap": True, "keep_warm": "while-read"}, r"keep_warm=.while-read.*with gap=True there is none"),
        ({"refesh": "10m"}, r"there is no option 'refesh'; there are refresh, keep"),
    ],
)
def test_what_cannot_be(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingError, match=problem):
        Policy.of(**given)


def test_a_function_s_settings_are_checked_with_the_common_ones() -> None:
    with pytest.raises(SettingError, match=r"keep \(1h\) is shorter than refresh \(1d\)"):
        Policy.of(keep="1h").but(refresh="1d")
    with pytest.raises(SettingError, match="early=0 for a function that has a schedule"):
        Policy.of(early=1.0).but(schedule="0 6 * * *")
    assert Policy.of(early=1.0).but(schedule="0 6 * * *", early=0).schedule is not None


@pytest.mark.parametrize("told", [None, "soon", True, object(), float("nan")])
def test_a_value_that_tells_no_length_of_time(told: object) -> None:
    policy = Policy.of(refresh=lambda value: told)  # type: ignore[arg-type,return-value]
    with pytest.raises(SettingError, match="refresh, as its function told it for a value"):
        policy.fresh_until(1_700_000_000.0, "value", 0.5)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("10KB", 10_240),
        ("10kB", 10_240),
        ("10 KiB", 10_240),
        ("1.5KB", 1536),
        ("1MB", 1_048_576),
        ("512B", 512),
        (7, 7),
    ],
)
def test_sizes(text: str | int, count: int) -> None:
    assert bytes_of("max_bytes", text) == count


@pytest.mark.parametrize("text", ["10", "KB", "-1KB", "10GB", "", None, 1.0, True])
def test_what_is_no_size(text: Any) -> None:
    with pytest.raises(SettingError, match=r"max_bytes=.* is not a size"):
        bytes_of("max_bytes", text)
