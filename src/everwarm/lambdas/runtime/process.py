"""A worker's operating system process: started in a session of its own, ended with all that it has started.

It is started by `subprocess`, which has the child borrow our memory until it has become the program. Asyncio's loops
copy the tables of that memory first, and with 2 GB of it nothing else gets its turn for 200 ms and more.

Not here: what it says over its Runtime API and what that means (`worker.py`).
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import psutil

from everwarm.aside import aside

STOP_GRACE_S = 1.0

MARK = "AWS_LAMBDA_LOG_STREAM_NAME"
"""In the environment of a worker and of all that it has started, with a value that no other worker has."""


class WorkerProcess:
    """A runtime's process, which leads a process group of its own."""

    def __init__(self, process: subprocess.Popen[bytes], mark: str | None, on_exit: Callable[[int], None]) -> None:
        self._process = process
        self._mark = mark
        self._watch = asyncio.create_task(self._report_exit(on_exit), name=f"worker process {process.pid}")

    @classmethod
    def start(
        cls,
        arguments: Sequence[str],
        *,
        code_dir: Path,
        environment: Mapping[str, str],
        output: int,
        on_exit: Callable[[int], None],
    ) -> "WorkerProcess":
        """On the event loop's thread, which the kernel takes for the parent: the process ends with it.

        Args:
            arguments: the program and what it is to do.
            output: the file descriptor for stdout and stderr.
            on_exit: called once with the return code, as `subprocess` gives it.

        Raises:
            OSError: the system refuses.
        """
        process = subprocess.Popen(
            arguments,
            cwd=code_dir,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        return cls(process, environment.get(MARK), on_exit)

    @property
    def pid(self) -> int:
        """The id of the process, and of its group."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once, with its children; also those of its group that it has left behind by ending."""
        strays = self._strays()
        self._signal(signal.SIGKILL)
        _kill(strays)

    async def stop(self) -> None:
        """Ask it to end, then end it. Returns when it is gone."""
        strays = self._strays()  # while it can be seen whose they are
        self._signal(signal.SIGTERM)
        await asyncio.wait([self._watch], timeout=STOP_GRACE_S)
        self.kill()
        _kill(strays)
        if self._mark and sys.platform == "linux":
            await aside(partial(_kill_marked, f"{MARK}={self._mark}".encode()))
        await self._watch

    async def _report_exit(self, on_exit: Callable[[int], None]) -> None:
        await _exit_of(self._process)
        on_exit(self._process.wait())

    def _strays(self) -> list[psutil.Process]:
        """Its descendants that have left its group for one of their own."""
        found: list[psutil.Process] = []
        if self._process.returncode is None:
            with contextlib.suppress(psutil.Error, OSError):
                for child in psutil.Process(self.pid).children(recursive=True):
                    with contextlib.suppress(OSError):
                        if os.getpgid(child.pid) != self.pid:
                            found.append(child)
        return found

    def _signal(self, number: signal.Signals) -> None:
        # macOS answers "not permitted" for a group of which only zombies are left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


async def _exit_of(process: subprocess.Popen[bytes]) -> None:
    """Return when a process has ended."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    try:
        descriptor = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        # A system without such descriptors: a thread waits.
        def wait() -> None:
            process.wait()
            with contextlib.suppress(RuntimeError):  # the loop is gone
                loop.call_soon_threadsafe(ended.set)

        threading.Thread(target=wait, name=f"exit of process {process.pid}", daemon=True).start()
        await ended.wait()
        return
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _kill_marked(mark: bytes) -> None:
    """End daemons: they have left their group, and who started them has ended, so their environment alone tells."""
    for pid in psutil.pids():
        with contextlib.suppress(OSError):  # gone, or another user's
            if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                os.kill(pid, signal.SIGKILL)
