"""What a worker process prints: from its pipe to whole, bounded lines of text.

`OutputPipe` reads, `Lines` cuts. Whose line it is, the worker knows.
"""

import asyncio
import os
import re
from collections.abc import Callable, Iterator

# Where a log line goes: function name, request id (None outside a call), text without its line end.
Log = Callable[[str, str | None, str], None]

LONGEST_LINE_BYTES = 16 * 1024
MOST_BYTES_PER_CALL = 1024 * 1024
# What a line costs on top of its text, so that a million empty words are a flood, too: 1 MiB is 10,485 lines at most.
LINE_OVERHEAD_BYTES = 100

FLOOD_NOTICE = "(too much output in one call: the rest of it is not shown)"

# What is read at once is cut into lines at once, so it must not be much. A pipe holds 64 KiB: a drain that ends after
# many times that is a full one.
READ_BYTES = 4 * 1024
MOST_READS_PER_DRAIN = 256

# awslambdaric ends the lines of a traceback with a carriage return, to keep them together in CloudWatch.
_LINE_END = re.compile(rb"[\r\n]+")


class Lines:
    """Cuts bytes into lines. Blank ones are left out, long ones come in pieces, a flood is cut off until `end`."""

    def __init__(self) -> None:
        self._open = b""
        self._left_bytes = MOST_BYTES_PER_CALL

    def feed(self, data: bytes) -> Iterator[str]:
        """The lines that `data` completes."""
        if self._left_bytes <= 0:
            return  # nobody sees them, so they are not even cut
        *whole, self._open = _LINE_END.split(self._open + data)
        for line in whole:
            yield from self._pieces(line)
        if len(self._open) >= LONGEST_LINE_BYTES:
            last = len(self._open) // LONGEST_LINE_BYTES * LONGEST_LINE_BYTES
            line, self._open = self._open[:last], self._open[last:]
            yield from self._pieces(line)

    def end(self) -> Iterator[str]:
        """A call is over: what it left without a line end. The next one may print its share again."""
        line, self._open = self._open, b""
        yield from self._pieces(line)
        self._left_bytes = MOST_BYTES_PER_CALL

    def _pieces(self, line: bytes) -> Iterator[str]:
        for start in range(0, len(line), LONGEST_LINE_BYTES):
            if self._left_bytes <= 0:
                return
            piece = line[start : start + LONGEST_LINE_BYTES]
            self._left_bytes -= len(piece) + LINE_OVERHEAD_BYTES
            yield piece.decode("utf-8", "replace") if self._left_bytes > 0 else FLOOD_NOTICE


class OutputPipe:
    """A pipe whose one end becomes a process's stdout and stderr, and whose other end is read here as data comes."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._lines = Lines()
        self._loop = asyncio.get_running_loop()
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._loop.add_reader(self._read_end, self._read)

    @property
    def write_end(self) -> int:
        """The file descriptor for the process."""
        return self._write_end

    def close_write_end(self) -> None:
        """Once the process has its copy: ours would keep the pipe from ending."""
        if self._write_end != -1:
            os.close(self._write_end)
            self._write_end = -1

    async def end_call(self) -> None:
        """Read what the process has written until now, and see it off as the end of a call.

        A process prints into the pipe before it posts its answer, so when the answer is here, the lines are, too.
        """
        for _ in range(MOST_READS_PER_DRAIN):
            if not self._read():
                break
            await asyncio.sleep(0)
        self._emit(self._lines.end())

    def close(self) -> None:
        """Read what is left, then no more."""
        for _ in range(MOST_READS_PER_DRAIN):
            if not self._read():
                break
        self._emit(self._lines.end())
        if self._read_end != -1:
            self._loop.remove_reader(self._read_end)
            os.close(self._read_end)
            self._read_end = -1
        self.close_write_end()

    def _read(self) -> bool:
        """Read once; False when there is nothing, now or for ever."""
        if self._read_end == -1:
            return False
        try:
            data = os.read(self._read_end, READ_BYTES)
        except BlockingIOError:
            return False
        if not data:
            self._loop.remove_reader(self._read_end)
            return False
        self._emit(self._lines.feed(data))
        return True

    def _emit(self, lines: Iterator[str]) -> None:
        for line in lines:
            self._on_line(line)
