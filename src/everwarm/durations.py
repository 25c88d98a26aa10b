"""Lengths of time as people write them: `90s`, `8m`, `1.5h`, `2d`, and ranges of them, `8m..28m`. Pure."""

import re

from everwarm.errors import SettingError

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}

_FORM = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhd])")


def seconds(text: str) -> float:
    """A length of time: a number and its unit, or `0`.

    Raises:
        SettingError: it is none.
    """
    if text == "0":
        return 0.0
    match = _FORM.fullmatch(text)
    if match is None:
        raise SettingError(
            f"{text!r} is not a length of time: write a number and s, m, h or d behind it, 90s, 8m, 48h or 2d say"
        )
    return float(match[1]) * _UNITS_S[match[2]]


def range_of_seconds(text: str) -> tuple[float, float]:
    """The least and the most of a range: `8m..28m`, `..48h` from nothing on, `8m` for exactly that.

    Raises:
        SettingError: it is none.
    """
    first, dots, last = text.partition("..")
    if not dots:
        return seconds(text), seconds(text)
    if not last:
        raise SettingError(f"{text!r} is a range without an end: write 8m..28m, or ..28m")
    low_s, high_s = seconds(first or "0"), seconds(last)
    if low_s > high_s:
        raise SettingError(f"{text!r} is a range that ends before it begins: write {last}..{first}")
    return low_s, high_s


def duration(length_s: float) -> str:
    """A length of time as `seconds` reads it, in the largest unit of which it is a whole number."""
    for unit, unit_s in reversed(_UNITS_S.items()):
        if length_s % unit_s == 0:
            return f"{length_s / unit_s:.0f}{unit}" if length_s else "0"
    return f"{length_s:.3f}s"
