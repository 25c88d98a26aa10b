"""The circle of an entry that refreshes itself: value, timer, expiry, stream, loader. docs/circle.svg, by `make docs`.

A light panel lies behind, as behind the timelines.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from docs.pictures.drawing import BAND, EDGE, FAINT, FONT, INK, PANEL, WIDTH, Kind, written

PATH = Path("docs/circle.svg")
_HEIGHT = 316
_TITLE = "How an entry refreshes itself"
_HEAD = 7


@dataclass(frozen=True, slots=True)
class Box:
    """Something that takes part, with what it is and a line on it."""

    x: int
    y: int
    width: int
    name: str
    line: str
    kind: Kind | None = None
    height: int = 52

    def svg(self) -> list[str]:
        fill, edge = (self.kind.fill, self.kind.line) if self.kind else (PANEL, FAINT)
        middle = self.x + self.width / 2
        return [
            (
                f'<rect x="{self.x}" y="{self.y}" width="{self.width}" height="{self.height}" rx="6" fill="{fill}" '
                f'stroke="{edge}"/>'
            ),
            written(middle, self.y + 22, self.name, weight="600", anchor="middle"),
            written(middle, self.y + 40, self.line, anchor="middle"),
        ]


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one to the next; straight, with words beside it."""

    x: int
    y: int
    to_x: int
    to_y: int
    text: str = ""
    both_ways: bool = False

    def svg(self) -> list[str]:
        parts = [
            f'<line x1="{self.x}" y1="{self.y}" x2="{self.to_x}" y2="{self.to_y}" stroke="{INK}" stroke-width="1.5"/>',
            self._head(self.to_x, self.to_y, self.x, self.y),
        ]
        if self.both_ways:
            parts.append(self._head(self.x, self.y, self.to_x, self.to_y))
        if self.text and self.y == self.to_y:
            parts.append(written((self.x + self.to_x) / 2, self.y - 8, self.text, anchor="middle"))
        elif self.text:
            parts.append(written(self.x + 10, (self.y + self.to_y) / 2 + 4, self.text))
        return parts

    def _head(self, x: int, y: int, from_x: int, from_y: int) -> str:
        across, down = (x > from_x) - (x < from_x), (y > from_y) - (y < from_y)
        back_x, back_y = x - across * _HEAD, y - down * _HEAD
        side_x, side_y = down * _HEAD * 0.6, across * _HEAD * 0.6
        return (
            f'<path d="M{x} {y}L{back_x + side_x:.1f} {back_y + side_y:.1f}L{back_x - side_x:.1f} '
            f'{back_y - side_y:.1f}z" fill="{INK}"/>'
        )


BOXES = (
    Box(16, 78, 112, "readers", "get it at once"),
    Box(204, 78, 232, "history:EUR/KRW:30", "the value, kept for a day", Kind.FRESH),
    Box(204, 140, 232, "timer#history:EUR/KRW:30", "expires when ten minutes are over", Kind.STALE),
    Box(536, 140, 168, "1. it expires", "and is deleted"),
    Box(536, 248, 168, "2. the stream", "tells of the deletion"),
    Box(236, 248, 168, "3. your function", "loads the value again", Kind.LOAD),
    Box(16, 248, 112, "its source", "slow, or dear"),
)
ARROWS = (
    Arrow(204, 104, 128, 104),
    Arrow(436, 166, 536, 166, "Time to Live"),
    Arrow(620, 192, 620, 248),
    Arrow(536, 274, 404, 274, "Lambda, or here"),
    Arrow(236, 274, 128, 274, both_ways=True),
    Arrow(320, 248, 320, 206, "4. value and next timer, together"),
)


def svg() -> str:
    """The picture as a file. It is the same each time."""
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {_HEIGHT}" width="{WIDTH}" '
                f'height="{_HEIGHT}" role="img" font-family="{FONT}" font-size="12" fill="{INK}">'
            ),
            f"<title>{escape(_TITLE)}</title>",
            (
                f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{_HEIGHT - 1}" rx="8" fill="{PANEL}" '
                f'stroke="{EDGE}"/>'
            ),
            written(16, 27, _TITLE, size=14, weight="600"),
            f'<rect x="188" y="44" width="264" height="162" rx="6" fill="{BAND}" stroke="{EDGE}"/>',
            written(204, 65, "the table", fill=FAINT),
            *(part for box in BOXES for part in box.svg()),
            *(part for arrow in ARROWS for part in arrow.svg()),
            "</svg>\n",
        ]
    )


def pictures() -> Mapping[Path, str]:
    """As `timelines.pictures`."""
    return {PATH: svg()}
