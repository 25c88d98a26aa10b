"""Takes the lines of all functions on the event loop, and writes them to files, and tells of them, on a thread.

Whatever a handler prints, the event loop does no more than put a line into a queue; what is in the queue and what is on
the disk is bounded. A log that cannot be written is no reason to stop anything.
"""

import contextlib
import os
import queue
import threading
from collections.abc import Sequence
from pathlib import Path

from everwarm.clock import Clock, SystemClock, monotonic
from everwarm.lambdas.logs.entry import Entry, files
from everwarm.lambdas.runtime.output import Log
from everwarm.log import get_logger

_log = get_logger(__name__)

FILE_BYTES = 5 * 1024 * 1024
"""A file that has reached it is put aside; with the four before it, a function has 25 MiB at the most, about."""

TOTAL_BYTES = 512 * 1024 * 1024
"""What all logs together may have; past it, the oldest files go, whichever function they are of."""

PENDING_BYTES = 16 * 1024 * 1024
LINE_OVERHEAD_BYTES = 200
"""What may wait to be written, and what a line costs on top of its text."""

GATHER_S = 0.02
"""How long lines are gathered, so that they are written together."""

STOP_S = 2.0

# The engine leaves 128 MiB of a disk free; logs leave some more, so that they are not what stops writes.
FREE_BYTES = 192 * 1024 * 1024

COMPLAIN_S = 60.0

# Function, time, request id, text: plain, as one is made for each line on the event loop.
_Line = tuple[str, float, str | None, str]


class LogWriter:
    """Writes from `start` to `stop`. Lines that come outside that time are lost."""

    def __init__(self, directory: Path | None, tell: Log, clock: Clock | None = None) -> None:
        """
        Args:
            directory: where the files are; None for no files.
            tell: told of each line, on the writer's thread.
            clock: for the lines' times; the machine's unless given, as the handlers' own.
        """
        self._directory = directory
        self._tell = tell
        self._clock = clock or SystemClock()
        self._queue: queue.SimpleQueue[_Line | None] = queue.SimpleQueue()
        # Each is written by one thread only, so none needs a lock.
        self._put_bytes = 0
        self._done_bytes = 0
        self._dropped: dict[str, int] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._complained_at = -COMPLAIN_S

    def start(self) -> None:
        """Begin to write."""
        self._thread = threading.Thread(target=self._run, name="everwarm-function-logs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, and end; after two seconds what is left is lost."""
        if self._thread is not None:
            self._stopping.set()
            self._queue.put(None)
            # A terminal that is held up holds up the thread that writes to it, but not the end.
            self._thread.join(STOP_S)
            self._thread = None

    def write(self, function_name: str, request_id: str | None, line: str) -> None:
        """One more line. From the event loop's thread only; never waits."""
        size_bytes = len(line) + LINE_OVERHEAD_BYTES
        if self._put_bytes - self._done_bytes + size_bytes > PENDING_BYTES:
            self._dropped[function_name] = self._dropped.get(function_name, 0) + 1
            return
        now = self._clock.now()
        if self._dropped and (dropped := self._dropped.pop(function_name, 0)):
            text = f"({dropped} lines are missing here: they came faster than they could be written)"
            self._put_bytes += len(text) + LINE_OVERHEAD_BYTES
            self._queue.put((function_name, now, None, text))
        self._put_bytes += size_bytes
        self._queue.put((function_name, now, request_id, line))

    def _run(self) -> None:
        going_on = True
        while going_on:
            first = self._queue.get()
            self._stopping.wait(GATHER_S)
            lines = [first]
            with contextlib.suppress(queue.Empty):
                while True:
                    lines.append(self._queue.get_nowait())
            whole = [line for line in lines if line is not None]
            going_on = len(whole) == len(lines)
            self._write(whole)
            for function_name, _, request_id, text in whole:
                self._tell(function_name, request_id, text)
            self._done_bytes += sum(len(text) + LINE_OVERHEAD_BYTES for *_, text in whole)

    def _write(self, lines: Sequence[_Line]) -> None:
        if self._directory is None or not lines:
            return
        by_function: dict[str, list[Entry]] = {}
        for function_name, time, request_id, text in lines:
            by_function.setdefault(function_name, []).append(Entry(time, request_id, text))
        try:
            self._directory.mkdir(exist_ok=True)
            disk = os.statvfs(self._directory)
            if disk.f_bavail * disk.f_frsize < min(FREE_BYTES, disk.f_blocks * disk.f_frsize // 8):
                self._complain("the disk is nearly full")
                return
            for function_name, entries in by_function.items():
                _append(self._directory, function_name, entries)
        except OSError as err:
            self._complain(err.strerror or str(err))

    def _complain(self, reason: str) -> None:
        if monotonic() - self._complained_at >= COMPLAIN_S:
            self._complained_at = monotonic()
            _log.warning("the logs of functions are not written", directory=str(self._directory), reason=reason)


def _append(directory: Path, function_name: str, entries: Sequence[Entry]) -> None:
    newest = files(directory, function_name)[0]
    rest = [entry.to_line().encode("utf-8", "replace") for entry in entries]
    while rest:
        with newest.open("ab") as file:
            left_bytes = FILE_BYTES - file.tell()
            count = 0
            while count < len(rest) and left_bytes > 0:
                left_bytes -= len(rest[count])
                count += 1
            file.write(b"".join(rest[:count]))
        rest = rest[count:]
        if left_bytes <= 0:
            _rotate(directory, function_name)


def _rotate(directory: Path, function_name: str) -> None:
    *younger, oldest = files(directory, function_name)
    oldest.unlink(missing_ok=True)
    for path, older in reversed(list(zip(younger, [*younger[1:], oldest], strict=True))):
        if path.exists():
            path.rename(older)
    _keep_to_total(directory)


def _keep_to_total(directory: Path) -> None:
    found = [(path, path.stat()) for path in directory.glob("*.log*")]
    total_bytes = sum(stat.st_size for _, stat in found)
    for path, stat in sorted(found, key=lambda pair: pair[1].st_mtime):
        if total_bytes <= TOTAL_BYTES:
            return
        path.unlink(missing_ok=True)
        total_bytes -= stat.st_size
