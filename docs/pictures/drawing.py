"""Timelines as SVG: lanes with bars, timers, loads and readers along one axis of time, and a legend of what occurs.

A light panel lies behind, so that a picture reads the same on a dark page. The pictures themselves are in
`timelines.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from xml.sax.saxutils import escape

WIDTH = 720
_LEFT, _RIGHT = 108, 694
_TOP, _LANE, _BAR = 46, 46, 20
_AXIS, _LEGEND_ROW, _BOTTOM = 34, 22, 12

INK, FAINT, PANEL, EDGE, BAND = "#1f2933", "#5f6b7a", "#fcfbf8", "#d8d4cb", "#f1efe8"
_WINDOW = "#b9c4d3"
FONT = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
# Of a letter at 12 px, in the widest of the usual fonts.
_LETTER = 7.0


class Kind(Enum):
    """What a bar stands for: its fill, its line, and its name in the legend."""

    FRESH = ("#a9dcb4", "#2d8a4a", "fresh")
    STALE = ("#f9d48a", "#b0761b", "stale, and served")
    GONE = ("#ffffff", "#98a2ae", "not there")
    ABSENT = ("#d6c8f0", "#6a4bb4", "known not to exist")
    LOAD = ("#9cc4ee", "#2463a6", "load")
    ERROR = ("#f2a7a0", "#b3261e", "load that fails")
    WAIT = ("#e6e3da", "#8c8778", "waits")

    @property
    def fill(self) -> str:
        return self.value[0]

    @property
    def line(self) -> str:
        return self.value[1]

    @property
    def label(self) -> str:
        return self.value[2]

    @property
    def dashes(self) -> str:
        return ' stroke-dasharray="4 3"' if self is Kind.GONE else ""


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasts."""

    start: float
    end: float
    kind: Kind
    text: str = ""


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer, from its setting to its end; hollow if nothing comes of it."""

    start: float
    due: float
    fires: bool = True
    text: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A reader comes; its colour is that of what it gets, if there is one answer to that."""

    at: float
    got: Kind | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """How something rises, from 0 to 1, over time."""

    points: tuple[tuple[float, float], ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A few words behind a moment."""

    at: float
    text: str


Mark = Bar | Timer | Read | Curve | Note


@dataclass(frozen=True, slots=True)
class Lane:
    """One row."""

    label: str
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class Picture:
    """A timeline.

    Attributes:
        end: where the axis ends; it begins at 0.
        ticks: moments, with what stands below them.
        lines: moments at which a line goes through all lanes.
        windows: stretches behind all lanes, in one of which a refresh comes.
    """

    title: str
    end: float
    ticks: Sequence[tuple[float, str]]
    lanes: Sequence[Lane]
    lines: Sequence[float] = ()
    windows: Sequence[tuple[float, float]] = ()

    def svg(self) -> str:
        """The picture as a file. The same picture makes the same file."""
        legend, rows = _legend(self._entries())
        axis_y = _TOP + _LANE * len(self.lanes)
        height = axis_y + _AXIS + rows * _LEGEND_ROW + _BOTTOM
        parts = [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
                f'width="{WIDTH}" height="{height}" '
                f'role="img" font-family="{FONT}" font-size="12" fill="{INK}">'
            ),
            f"<title>{escape(self.title)}</title>",
            (
                f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8" fill="{PANEL}" '
                f'stroke="{EDGE}"/>'
            ),
            written(16, 27, self.title, size=14, weight="600"),
        ]
        for number, lane in enumerate(self.lanes):
            y = _TOP + _LANE * number
            if number % 2 == 0:
                parts.append(f'<rect x="8" y="{y}" width="{WIDTH - 16}" height="{_LANE}" rx="4" fill="{BAND}"/>')
            parts.append(written(16, y + _LANE / 2 + 8, lane.label, weight="600"))
        for start, end in self.windows:
            x, width = self._x(start), self._x(end) - self._x(start)
            parts += _window(x, _TOP, width, axis_y - _TOP)
        for moment in self.lines:
            x = self._x(moment)
            parts.append(
                f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{axis_y}" stroke="{FAINT}" stroke-dasharray="2 3"/>'
            )
        for number, lane in enumerate(self.lanes):
            for mark in lane.marks:
                parts += self._drawn(mark, _TOP + _LANE * number)
        parts.append(f'<line x1="{_LEFT}" y1="{axis_y}" x2="{_RIGHT}" y2="{axis_y}" stroke="{FAINT}"/>')
        for moment, label in self.ticks:
            x = self._x(moment)
            parts.append(
                f'<line x1="{x:.1f}" y1="{axis_y}" x2="{x:.1f}" y2="{axis_y + 5}" stroke="{FAINT}"/>'
                + written(
                    min(x, WIDTH - 12 - len(label) * _LETTER / 2), axis_y + 19, label, anchor="middle", fill=FAINT
                )
            )
        parts += [f'<g transform="translate(0 {axis_y + _AXIS})">', *legend, "</g>", "</svg>"]
        return "\n".join(parts) + "\n"

    def _x(self, moment: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * moment / self.end

    def _drawn(self, mark: Mark, top: float) -> list[str]:
        middle = top + _LANE / 2 + 4
        match mark:
            case Bar():
                x, end = self._x(mark.start), self._x(mark.end)
                return [*_bar(x, middle, max(end - x, 3.0), mark.kind), *_fitting(x, end, middle + 4.5, mark.text)]
            case Timer():
                x, due = self._x(mark.start), self._x(mark.due)
                return [*_timer(x, due, middle, fires=mark.fires), written(due + 10, middle + 4.5, mark.text)]
            case Read():
                x = self._x(mark.at)
                anchor = "start" if x < _LEFT + 40 else "end" if x > _RIGHT - 40 else "middle"
                shift = {"start": -6, "end": 6, "middle": 0}[anchor]
                words = written(x + shift, top + 15, mark.text, anchor=anchor)
                behind = BAND if round((top - _TOP) / _LANE) % 2 == 0 else PANEL
                if anchor == "middle" and mark.text:
                    width = len(mark.text) * _LETTER
                    words = (
                        f'<rect x="{x - width / 2:.1f}" y="{top + 3}" width="{width:.1f}" height="15" fill="{behind}"/>'
                        + words
                    )
                return [*_reader(x, top + 22, mark.got), words]
            case Curve():
                base, rise = top + _LANE - 5, _LANE - 12
                points = [(self._x(moment), base - rise * share) for moment, share in mark.points]
                way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
                first, last = points[0][0], points[-1][0]
                return [
                    (
                        f'<polygon points="{first:.1f},{base} {way} {last:.1f},{base}" fill="{Kind.LOAD.fill}" '
                        f'fill-opacity="0.5"/>'
                    ),
                    f'<polyline points="{way}" fill="none" stroke="{Kind.LOAD.line}" stroke-width="1.5"/>',
                    written(first, middle + 4.5, mark.text),
                ]
            case Note():
                return [written(self._x(mark.at), middle + 4.5, mark.text, fill=FAINT)]

    def _entries(self) -> list[tuple[str, list[str]]]:
        """What the legend has to explain, in a fixed order."""
        marks = [mark for lane in self.lanes for mark in lane.marks]
        kinds = {mark.kind for mark in marks if isinstance(mark, Bar)}
        found = [(kind.label, _bar(0, 0, 22, kind, height=12)) for kind in Kind if kind in kinds]
        if any(isinstance(mark, Timer) and mark.fires for mark in marks):
            found.append(("timer, and its end", _timer(0, 20, 0, fires=True)))
        if any(isinstance(mark, Timer) and not mark.fires for mark in marks):
            found.append(("timer that ends in nothing", _timer(0, 20, 0, fires=False)))
        if self.windows:
            found.append(("refreshed somewhere here", _window(0, -8, 22, 16)))
        reads = [mark for mark in marks if isinstance(mark, Read)]
        if reads:
            coloured = any(mark.got is not None for mark in reads)
            found.append(("reader, in the colour of what it gets" if coloured else "reader", _reader(10, -7, None)))
        return found


def _legend(entries: Sequence[tuple[str, list[str]]]) -> tuple[list[str], int]:
    """The legend's parts, from its top left corner, and how many rows it has."""
    parts, x, row = [], 16.0, 0
    for label, swatch in entries:
        width = 30 + len(label) * _LETTER * 0.95 + 14
        if x > 16 and x + width > WIDTH - 16:
            x, row = 16.0, row + 1
        y = row * _LEGEND_ROW + 8
        parts.append(f'<g transform="translate({x:.1f} {y})">{"".join(swatch)}{written(30, 4, label, fill=FAINT)}</g>')
        x += width
    return parts, row + 1


def _bar(x: float, middle: float, width: float, kind: Kind, height: float = _BAR) -> list[str]:
    return [
        (
            f'<rect x="{x:.1f}" y="{middle - height / 2:.1f}" width="{width:.1f}" height="{height}" rx="3" '
            f'fill="{kind.fill}" stroke="{kind.line}"{kind.dashes}/>'
        )
    ]


def _timer(x: float, due: float, middle: float, *, fires: bool) -> list[str]:
    fill = INK if fires else PANEL
    return [
        (
            f'<line x1="{x:.1f}" y1="{middle:.1f}" x2="{due:.1f}" y2="{middle:.1f}" stroke="{INK}" '
            f'stroke-dasharray="1 4" stroke-width="1.5" stroke-linecap="round"/>'
        ),
        f'<circle cx="{due:.1f}" cy="{middle:.1f}" r="5" fill="{fill}" stroke="{INK}" stroke-width="1.5"/>',
    ]


def _window(x: float, y: float, width: float, height: float) -> list[str]:
    return [f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" fill="{_WINDOW}" fill-opacity="0.45"/>']


def _reader(x: float, top: float, got: Kind | None) -> list[str]:
    fill, line = (got.fill, got.line) if got else (PANEL, INK)
    return [
        (
            f'<path d="M{x - 7:.1f} {top:.1f}h14l-7 14z" fill="{fill}" stroke="{line}" stroke-width="1.5" '
            f'stroke-linejoin="round"/>'
        )
    ]


def _fitting(x: float, end: float, y: float, text: str) -> list[str]:
    """Words in the middle of a bar, or behind it where they find no room."""
    if not text:
        return []
    if len(text) * _LETTER + 8 <= end - x:
        return [written((x + end) / 2, y, text, anchor="middle")]
    return [written(max(end, x + 3) + 6, y, text)]


def written(
    x: float, y: float, text: str, *, size: int = 12, weight: str = "", anchor: str = "", fill: str = ""
) -> str:
    if not text:
        return ""
    more = f' font-size="{size}"' if size != 12 else ""
    more += f' font-weight="{weight}"' if weight else ""
    more += f' text-anchor="{anchor}"' if anchor and anchor != "start" else ""
    more += f' fill="{fill}"' if fill else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{more}>{escape(text)}</text>'
