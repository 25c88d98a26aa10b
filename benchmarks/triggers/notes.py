"""What the function has noted: read while it is being written, and summed up."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from everwarm.clock import monotonic

LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Note:
    """One item at the function.

    Attributes:
        item: its id.
        wanted: the moment at which it was due, or sent, in epoch seconds.
        came: the moment at which the function began.
    """

    item: str
    wanted: float
    came: float


class Notes:
    """The function's notes in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_bytes = 0
        self.all: list[Note] = []

    def wait(self, count: int, timeout_s: float) -> list[Note]:
        """All notes, as soon as there are so many items, or when the time is up."""
        until = monotonic() + timeout_s
        items = {note.item for note in self.all}
        while len(items) < count and monotonic() < until:
            sleep(LOOK_S)
            items.update(note.item for note in self._more())
        return self.all

    def _more(self) -> list[Note]:
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._read_bytes)
            text = file.read()
        text = text[: text.rfind(b"\n") + 1]
        self._read_bytes += len(text)
        more = list(_notes(text.decode()))
        self.all += more
        return more


def _notes(text: str) -> Iterator[Note]:
    for line in text.splitlines():
        came, *items = line.split()
        for item in items:
            name, _, wanted = item.partition("=")
            yield Note(name, float(wanted), float(came))
