"""A stack as a process of its own that can be killed: `run_stack.py`, started, waited for, ended."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.crash import run_stack


@dataclass
class Running:
    """A stack's process, and where it is reached."""

    process: subprocess.Popen[str]
    endpoint: str
    stream_arn: str


@contextmanager
def process(directory: Path, log: Path, *streams: str) -> Iterator[subprocess.Popen[str]]:
    """The stack's process, killed unless it has ended by then.

    Args:
        log: what it says on standard error is added to it.
        streams: with how many shards they begin, and at which age these are replaced.
    """
    command = [sys.executable, run_stack.__file__, str(directory), *streams]
    with (
        log.open("a") as stderr,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True) as started,
    ):
        try:
            yield started
        finally:
            started.kill()


def ready(started: subprocess.Popen[str]) -> Running:
    """The stack, once it is up."""
    assert started.stdout is not None
    line = started.stdout.readline()
    assert line, "the stack did not start; its log says why"
    return Running(started, *line.split())


def end(started: subprocess.Popen[str]) -> None:
    """Ask it to end, by ending its standard input, and wait."""
    started.communicate(timeout=30)
    assert started.returncode == 0


@contextmanager
def running(directory: Path, log: Path) -> Iterator[Running]:
    """A stack that is up, ended in the proper way unless it has been killed by then."""
    with process(directory, log) as started:
        yield ready(started)
        if started.poll() is None:
            end(started)
