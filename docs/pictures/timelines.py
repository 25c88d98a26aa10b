"""python -m docs.pictures.timelines (or `make docs`): the pictures of docs/cache, one function each.

How they are drawn stands in `drawing.py`. Loads are drawn longer than they are.
"""

import math
from collections.abc import Mapping
from pathlib import Path

from docs.pictures.drawing import Bar, Curve, Kind, Lane, Note, Picture, Read, Timer

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("docs/cache/pictures")

FRESH, STALE, GONE, ABSENT = Kind.FRESH, Kind.STALE, Kind.GONE, Kind.ABSENT
LOAD, ERROR, WAIT = Kind.LOAD, Kind.ERROR, Kind.WAIT


def minutes(*moments: float) -> list[tuple[float, str]]:
    return [(moment, f"{moment:g} min" if moment else "0") for moment in moments]


def refresh() -> Picture:
    return Picture(
        'refresh="10m"',
        32,
        minutes(0, 5, 10, 15, 20, 25, 30),
        [
            Lane("readers", [Read(0, FRESH, "waits"), Read(5, FRESH), Read(10.5, STALE, "at once"), Read(16, FRESH)]),
            Lane(
                "value",
                [
                    Bar(0, 1, GONE),
                    Bar(1, 10, FRESH, "first"),
                    Bar(10, 11, STALE),
                    Bar(11, 20, FRESH, "second"),
                    Bar(20, 21, STALE),
                    Bar(21, 30, FRESH, "third"),
                    Bar(30, 31, STALE),
                    Bar(31, 32, FRESH),
                ],
            ),
            Lane("timer", [Timer(1, 10), Timer(11, 20), Timer(21, 30)]),
            Lane("loader", [Bar(0, 1, LOAD), Bar(10, 11, LOAD), Bar(20, 21, LOAD), Bar(30, 31, LOAD)]),
        ],
        lines=[10, 20, 30],
    )


def keep() -> Picture:
    tries = [Bar(0.17 + number * 0.5, 0.17 + number * 0.5 + 0.06, ERROR) for number in range(48)]
    return Picture(
        'keep="1d", and a source that is down for longer',
        30,
        [(0, "last load"), (6, "6 h"), (12, "12 h"), (18, "18 h"), (24, "1 day"), (30, "30 h")],
        [
            Lane("readers", [Read(5, STALE), Read(12, STALE), Read(19, STALE), Read(27, ERROR, "gets the error")]),
            Lane(
                "value", [Bar(0, 0.17, FRESH), Bar(0.17, 24, STALE, "the last one that there was"), Bar(24, 30, GONE)]
            ),
            Lane("loader", [*tries, Bar(27, 27.15, ERROR)]),
        ],
        lines=[24],
    )


def jitter() -> Picture:
    dues = {"a": (9.8, 19.1), "b": (9.15, 18.75), "c": (9.55, 19.3), "d": (9.3, 18.5)}
    lanes = []
    for key, (first, second) in dues.items():
        values = [Bar(0, first, FRESH), Bar(first, second, FRESH), Bar(second, 22, FRESH)]
        lanes.append(Lane(f"entry {key}", [*values, Timer(first, first), Timer(second, second)]))
    return Picture(
        'refresh="10m", jitter="10%": four entries that were loaded together',
        22,
        [(0, "0"), (5, "5 min"), (9, "9"), (10, "10 min"), (15, "15 min"), (18, "18"), (20, "20 min")],
        lanes,
        windows=[(9, 10), (18, 20)],
    )


def schedule() -> Picture:
    hours = [(hour, f"{hour:02}:00") for hour in range(0, 25, 3)]
    return Picture(
        'schedule="0 */6 * * *"',
        24.6,
        hours,
        [
            Lane("readers", [Read(8, FRESH, "the first, waits"), Read(11, FRESH), Read(15, FRESH), Read(21, FRESH)]),
            Lane(
                "value",
                [
                    Bar(0, 8.3, GONE),
                    Bar(8.3, 12, FRESH, "until 12:00"),
                    Bar(12, 12.3, STALE),
                    Bar(12.3, 18, FRESH, "until 18:00"),
                    Bar(18, 18.3, STALE),
                    Bar(18.3, 24, FRESH, "until 00:00"),
                    Bar(24, 24.3, STALE),
                ],
            ),
            Lane("timer", [Timer(8.3, 12), Timer(12.3, 18), Timer(18.3, 24)]),
            Lane("loader", [Bar(8, 8.3, LOAD), Bar(12, 12.3, LOAD), Bar(18, 18.3, LOAD), Bar(24, 24.3, LOAD)]),
        ],
        lines=[6, 12, 18, 24],
    )


def per_entry() -> Picture:
    quick = [
        Bar(0, 4, FRESH, "4 min"),
        Bar(4, 8, FRESH, "4 min"),
        Bar(8, 11, FRESH, "3 min"),
        Bar(11, 21, FRESH, "10 min"),
    ]
    slow = [Bar(0, 20, FRESH, "20 min"), Bar(20, 30, FRESH, "20 min")]
    return Picture(
        "refresh=max_age: every value tells its own time",
        30,
        minutes(0, 5, 10, 15, 20, 25, 30),
        [
            Lane("/prices", [*quick, Bar(21, 30, FRESH, "10 min")]),
            Lane("timer", [Timer(0, 4), Timer(4, 8), Timer(8, 11), Timer(11, 21)]),
            Lane("/terms", slow),
            Lane("timer", [Timer(0, 20)]),
        ],
    )


def early() -> Picture:
    load_s, end = 2.0, 20.0
    points = tuple((moment / 10, math.exp(-(end - moment / 10) / load_s)) for moment in range(80, 201))
    reads = [2, 5.2, 8, 10.4, 12.6, 14, 15.2]
    return Picture(
        "early=1.0: a load takes 2 s, the value is fresh until 20 s",
        26,
        [(0, "0"), (5, "5 s"), (10, "10 s"), (15, "15 s"), (20, "20 s"), (25, "25 s")],
        [
            Lane("chance", [Curve(points), Note(0.3, "of one reader to refresh it early")]),
            Lane(
                "readers",
                [
                    *(Read(at, FRESH) for at in reads),
                    Read(17, FRESH, "this one"),
                    *(Read(at, FRESH) for at in (18, 20, 22, 24)),
                ],
            ),
            Lane("value", [Bar(0, 19, FRESH, "first"), Bar(19, 26, FRESH, "second")]),
            Lane("timer", [Timer(0, 20, fires=False), Timer(20.6, 26)]),
            Lane("loader", [Bar(17, 19, LOAD)]),
        ],
        lines=[17, 20],
    )


def negative() -> Picture:
    return Picture(
        'negative="1m"',
        120,
        [(0, "0"), (15, "15 s"), (30, "30 s"), (60, "1 min"), (90, "90 s"), (120, "2 min")],
        [
            Lane(
                "readers",
                [
                    Read(3, ABSENT),
                    Read(25, ABSENT, "NotFound, at once"),
                    Read(45, ABSENT),
                    Read(80, FRESH, "waits, and gets it"),
                    Read(105, FRESH),
                ],
            ),
            Lane(
                "entry",
                [
                    Bar(0, 7, GONE),
                    Bar(7, 67, ABSENT, "nothing there, for a minute"),
                    Bar(67, 84, GONE),
                    Bar(84, 120, FRESH),
                ],
            ),
            Lane("loader", [Bar(3, 7, LOAD, "raises NotFound"), Bar(80, 84, LOAD, "finds it")]),
        ],
    )


def backoff() -> Picture:
    tries = [0.0, 2.0, 6.0, 13.0, 27.0]
    marks: list[Bar] = [Bar(at, at + 0.5, ERROR) for at in tries]
    timers = [Timer(at + 0.5, then) for at, then in zip(tries, [*tries[1:], 52.0], strict=True)]
    return Picture(
        'backoff="1s..5m": a source that is down for half a minute',
        70,
        [(0, "refresh is due"), (10, "10 s"), (20, "20 s"), (30, "30 s"), (40, "40 s"), (50, "50 s"), (60, "60 s")],
        [
            Lane("readers", [Read(4, STALE), Read(20, STALE, "at once"), Read(40, STALE), Read(60, FRESH)]),
            Lane(
                "value", [Bar(0, 53, STALE, "the old value, with failures=5 and the error"), Bar(53, 70, FRESH, "new")]
            ),
            Lane("timer", timers),
            Lane("loader", [*marks, Bar(52, 53, LOAD)]),
        ],
        lines=[52],
    )


def keep_warm() -> Picture:
    reads = (0, 4, 11, 17)
    always = [Bar(start, start + 10, FRESH) for start in range(0, 90, 10)]
    while_read = [Bar(start, start + 10, FRESH) for start in range(0, 60, 10)]
    return Picture(
        'refresh="10m", and nobody reads after a while',
        90,
        minutes(0, 10, 20, 30, 40, 50, 60, 70, 80, 90),
        [
            Lane("readers", [*(Read(at, None) for at in reads), Read(75, None, "one more")]),
            Lane("always", always),
            Lane("timers", [Timer(at, at) for at in range(10, 91, 10)]),
            Lane(
                "while-read",
                [*while_read, Bar(60, 75, STALE, "let go"), Bar(75, 85, FRESH), Bar(85, 90, FRESH)],
            ),
            Lane("timers", [*(Timer(at, at) for at in range(10, 51, 10)), Timer(60, 60, fires=False), Timer(85, 85)]),
            Lane(
                "never",
                [
                    Bar(0, 10, FRESH),
                    Bar(10, 11, STALE),
                    Bar(11, 21, FRESH),
                    Bar(21, 75, STALE),
                    Bar(75, 85, FRESH),
                    Bar(85, 90, STALE),
                ],
            ),
        ],
    )


def limits() -> Picture:
    def waiting(number: int, asked: float, begins: float, ends: float) -> Lane:
        before = [Bar(asked, begins, WAIT)] if begins > asked else []
        return Lane(f"load {number}", [*before, Bar(begins, ends, LOAD)])

    return Picture(
        'concurrency=2, rate="3/10s": six entries are due at once',
        20,
        [(0, "0"), (4, "4 s"), (8, "8 s"), (10, "10 s"), (14, "14 s"), (20, "20 s")],
        [
            waiting(1, 0, 0, 4),
            waiting(2, 0, 0, 6),
            waiting(3, 0, 4, 8),
            waiting(4, 0, 10, 14),
            waiting(5, 0, 10, 13),
            waiting(6, 0, 14, 18),
        ],
        lines=[10],
    )


def gap() -> Picture:
    return Picture(
        'gap=True, refresh="10m"',
        32,
        minutes(0, 5, 10, 15, 20, 25, 30),
        [
            Lane("readers", [Read(5, FRESH), Read(10.6, FRESH, "waits"), Read(16, FRESH), Read(25, FRESH)]),
            Lane(
                "the item",
                [Bar(0, 10, FRESH), Bar(10, 12, GONE), Bar(12, 22, FRESH), Bar(22, 24, GONE), Bar(24, 32, FRESH)],
            ),
            Lane("loader", [Bar(10, 12, LOAD), Bar(22, 24, LOAD)]),
        ],
        lines=[10, 22],
    )


PICTURES = (refresh, keep, jitter, schedule, per_entry, early, negative, backoff, keep_warm, limits, gap)


def pictures() -> Mapping[Path, str]:
    """The pictures as they have to be, by their paths from the repository's root."""
    return {FOLDER / f"{make.__name__.replace('_', '-')}.svg": make().svg() for make in PICTURES}


if __name__ == "__main__":
    for path, content in pictures().items():
        (ROOT / path).write_text(content, encoding="utf-8")
