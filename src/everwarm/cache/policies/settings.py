"""What users write for a policy, and how it becomes numbers: lengths of time, spreads, sizes. Pure.

What the numbers mean is in `policy.py`; schedules are read by `schedule.py`, rates by `limits.py`.
"""

import math
import re
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypedDict, TypeVar

from everwarm.durations import duration, range_of_seconds, seconds
from everwarm.errors import SettingError

Length = str | float | timedelta
"""A length of time: `"10m"`, seconds, or a timedelta."""

LengthOf = Callable[[Any], Length]
"""A length of time that a loader's result tells itself."""

KeepOf = Callable[[Any], Length | None]
"""The same, or None for ever."""

Size = str | int
"""A number of bytes: `"10KB"`, or the number."""

SHORTEST_S = 0.1
"""No setting is shorter: it would be a loop rather than a cache."""


class KeepWarm(StrEnum):
    """Who keeps an entry fresh."""

    ALWAYS = "always"
    WHILE_READ = "while-read"
    NEVER = "never"


class Settings(TypedDict, total=False):
    """The options of a policy, as users write them. What is not given has the default of `Policy.of`."""

    refresh: Length | LengthOf | None
    keep: Length | KeepOf | None
    jitter: Length
    schedule: str | None
    zone: str
    early: float
    negative: Length | None
    backoff: str
    keep_warm: str
    idle_periods: int
    lease: Length
    max_bytes: Size | None
    compress_above: Size | None
    gap: bool


def length_s(option: str, value: object, example: str) -> float:
    """A length of time in seconds, `SHORTEST_S` at the least.

    Args:
        option: its name, for the error.
        example: what would be right.

    Raises:
        SettingError: it is none, or too short.
    """
    found_s = _seconds(option, value, example)
    if found_s < SHORTEST_S:
        raise SettingError(f"{option}={value!r} is too short: {SHORTEST_S} s is the least; write {example} say")
    return found_s


def told_length_s(option: str, value: object, shortest_s: float, example: str) -> float:
    """A length of time that a loader's result has told.

    Args:
        shortest_s: taken for anything shorter, for a source may well say 0 or less.

    Raises:
        SettingError: it is none.
    """
    return max(_seconds(f"{option}, as its function told it for a value", value, example, "="), shortest_s)


def _seconds(option: str, value: object, example: str, says: str = "=") -> float:
    match value:
        case str():
            try:
                return seconds(value)
            except SettingError as error:
                raise SettingError(f"{option}: {error}") from None
        case timedelta():
            return value.total_seconds()
        case int() | float() if not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    raise SettingError(
        f"{option}{says}{value!r} is not a length of time: write {example}, a number of seconds, or a timedelta"
    )


def jitter_of(value: object) -> tuple[float, float]:
    """A spread: as a share, and as seconds; one of them is 0.

    Raises:
        SettingError: it is none, or a share of more than a half.
    """
    right = 'write jitter="10%", 0.1 for the same, or "30s"; 0 for none'
    match value:
        case str() if re.fullmatch(r"[0-9]+(\.[0-9]+)?%", value):
            share = float(value[:-1]) / 100
        case int() | float() if not isinstance(value, bool) and math.isfinite(value):
            share = float(value)
        case str() | timedelta():
            spread_s = _seconds("jitter", value, '"30s"')
            if spread_s < 0:
                raise SettingError(f"jitter={value!r} is less than nothing: {right}")
            return 0.0, spread_s
        case _:
            raise SettingError(f"jitter={value!r} is neither a share nor a length of time: {right}")
    if not 0 <= share <= 0.5:
        raise SettingError(f"jitter={value!r}: a share is between 0 and 50%; {right}")
    return share, 0.0


def backoff_of(value: object) -> tuple[float, float]:
    """The first pause between two tries, and the longest, in seconds.

    Raises:
        SettingError: it is no range, or begins with next to nothing.
    """
    right = 'write backoff="1s..5m": the first pause, and the longest'
    if not isinstance(value, str):
        raise SettingError(f"backoff={value!r} is not a range of lengths of time: {right}")
    try:
        first_s, last_s = range_of_seconds(value)
    except SettingError as error:
        raise SettingError(f"backoff: {error}") from None
    if first_s < SHORTEST_S:
        raise SettingError(f"backoff={value!r} begins with less than {duration(SHORTEST_S)}: {right}")
    return first_s, last_s


_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([KM]?)(?:i?B)", re.IGNORECASE)
_UNITS = {"": 1, "K": 1024, "M": 1024**2}


def bytes_of(option: str, value: object, least: int = 0) -> int:
    """A number of bytes. A KB has 1024, as in DynamoDB's 400 KB.

    Raises:
        SettingError: it is none, or fewer than `least`.
    """
    match value:
        case str() if size := _SIZE.fullmatch(value):
            found = int(float(size[1]) * _UNITS[size[2].upper()])
        case int() if not isinstance(value, bool):
            found = value
        case _:
            raise SettingError(f'{option}={value!r} is not a size: write {option}="10KB", or a number of bytes')
    if found < least:
        raise SettingError(f'{option}={value!r} is too small: write {option}="10KB" say, or None for none')
    return found


E = TypeVar("E", bound=StrEnum)


def choice_of(option: str, value: object, choices: type[E]) -> E:
    """One of a few words.

    Raises:
        SettingError: it is none of them.
    """
    for choice in choices:
        if choice == value:
            return choice
    words = ", ".join(f'"{choice}"' for choice in choices)
    raise SettingError(f"{option}={value!r} is not one of {words}")


def number_of(option: str, value: object, *, least: float, example: str) -> float:
    """A number.

    Raises:
        SettingError: it is none, or too small.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= least:
        return value
    raise SettingError(f"{option}={value!r} is not a number of {least:g} or more: write {option}={example} say")


def count_of(option: str, value: object, *, least: int, example: str) -> int:
    """A whole number.

    Raises:
        SettingError: it is none, or too small.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    raise SettingError(f"{option}={value!r} is not a whole number of {least} or more: write {option}={example} say")
