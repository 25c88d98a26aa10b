"""Reads the log of one function from its files, the oldest line first, and goes on where it was, across rotation.

It needs no stack that runs, and none that does notices.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from everwarm.lambdas.logs.entry import Entry, files


class LogReader:
    """A place in a log. To be closed."""

    def __init__(self, directory: Path, function_name: str) -> None:
        self._directory = directory
        self._function_name = function_name
        self._file: IO[bytes] | None = None
        self._open_line = b""

    def read(self) -> Iterator[Entry]:
        """What has come since the last time."""
        while True:
            if self._file is not None:
                yield from self._rest(self._file)
            following = self._next()
            if following is None:
                return
            # Between the reading and the looking, the last lines may have come into a file that was then put aside.
            if self._file is not None:
                yield from self._rest(self._file)
                self._file.close()
            self._file = following
            self._open_line = b""

    def close(self) -> None:
        """Read no more."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _rest(self, file: IO[bytes]) -> Iterator[Entry]:
        for line in file:
            self._open_line += line
            if not line.endswith(b"\n"):
                return  # it is just being written
            entry = Entry.from_line(self._open_line.decode("utf-8", "replace"))
            self._open_line = b""
            if entry is not None:
                yield entry

    def _next(self) -> IO[bytes] | None:
        """The file that follows the open one; None if that is the newest, or there is none at all."""
        # Opened from the newest on: what is put aside meanwhile is then met twice, and nothing is missed.
        opened: list[IO[bytes]] = []
        mine = None if self._file is None else _identity(self._file)
        try:
            for path in files(self._directory, self._function_name):
                with contextlib.suppress(FileNotFoundError):
                    opened.append(path.open("rb"))
                    if _identity(opened[-1]) == mine:
                        opened.pop().close()
                        break
            return opened.pop() if opened else None
        finally:
            for file in opened:
                file.close()


def _identity(file: IO[bytes]) -> tuple[int, int]:
    stat = os.fstat(file.fileno())
    return stat.st_dev, stat.st_ino
