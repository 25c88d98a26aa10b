"""One line of a function's log, and the files that hold them.

`<function>.log` is the newest, `<function>.log.1` the one before it, and so on. A line has a time, a request id (`-`
outside a call) and the text, with tabs between them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

LOG_DIRECTORY = "logs"
"""Its name in the data directory."""

SUFFIX = ".log"
OLDEST = 4
"""The number of the oldest file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line.

    Attributes:
        time: epoch seconds.
        request_id: of the call during which it was printed; None outside a call.
    """

    time: float
    request_id: str | None
    text: str

    def to_line(self) -> str:
        """As it stands in a file."""
        return f"{shown_time(self.time)}\t{self.request_id or '-'}\t{self.text}\n"

    @classmethod
    def from_line(cls, line: str) -> "Entry | None":
        """None for a line that is none, say because a full disk has cut it off."""
        time, _, rest = line.rstrip("\n").partition("\t")
        request_id, tab, text = rest.partition("\t")
        try:
            moment = datetime.fromisoformat(time)
        except ValueError:
            return None
        if not tab or moment.tzinfo is None:
            return None
        return cls(moment.timestamp(), None if request_id == "-" else request_id, text)


def shown_time(time: float) -> str:
    """Epoch seconds in ISO's form, in UTC."""
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def files(directory: Path, function_name: str) -> list[Path]:
    """Where the log of a function is, the newest first; whether such a file exists is another matter."""
    newest = directory / f"{function_name}{SUFFIX}"
    return [newest, *(newest.with_name(f"{newest.name}.{n}") for n in range(1, OLDEST + 1))]


def functions_in(directory: Path) -> list[str]:
    """The functions that have a log."""
    return sorted(path.name.removesuffix(SUFFIX) for path in directory.glob(f"*{SUFFIX}"))
