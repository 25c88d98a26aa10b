"""How much memory worker processes use: read while calls run, and at most now and then for quick ones.

One task watches all workers with a call under way; when there is none, it sleeps. A call that is over before the watch
has come by twice costs nothing but being put on its list and taken off again.

Not here: what becomes of a worker that uses too much (`worker.py`).
"""

import asyncio
import contextlib
import itertools
import os
import resource
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from everwarm.log import get_logger

_log = get_logger(__name__)

_LINUX = sys.platform == "linux"

TICK_S = 0.05
"""Between two looks. What a handler can take in that time, it can have too much."""

THOROUGH_LOOK = 20
"""Every so many looks, quick calls are looked at, too: many of them can leave behind what a slow one would."""


@dataclass(eq=False, slots=True)
class Watched:
    """A process group with a call under way.

    Attributes:
        group: its id, which is that of the worker's process.
        limit_bytes: what it may use.
        exceeded: called once when it uses more.
        peak_bytes: the most that was seen.
        fresh: whether the call began after the last look.
    """

    group: int
    limit_bytes: int
    exceeded: Callable[[], None]
    peak_bytes: int = 0
    fresh: bool = True


class MemoryWatch:
    """Looks after the process groups that it is told of, until it is told that their call is over."""

    def __init__(self) -> None:
        self._watched: set[Watched] = set()
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self, watched: Watched) -> None:
        """A call begins."""
        watched.fresh = True
        self._watched.add(watched)
        self._some.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="memory watch")

    def end(self, watched: Watched) -> None:
        """It is over. May be called twice."""
        self._watched.discard(watched)

    async def stop(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _run(self) -> None:
        for look in itertools.count(1):
            await self._some.wait()
            await asyncio.sleep(TICK_S)
            if not self._watched:
                self._some.clear()
                continue
            try:
                self._look([one for one in self._watched if not one.fresh or look % THOROUGH_LOOK == 0])
            except Exception:
                # A system that tells nothing of its processes must not take the calls along.
                _log.exception("the memory of functions could not be read")

    def _look(self, at: Sequence[Watched]) -> None:
        for watched in self._watched:
            watched.fresh = False
        used = group_bytes({watched.group for watched in at}) if at else {}
        for watched in at:
            now_bytes = used.get(watched.group, 0)
            if now_bytes > watched.limit_bytes:
                now_bytes = shared_once_bytes(watched.group, now_bytes)
            watched.peak_bytes = max(watched.peak_bytes, now_bytes)
            if now_bytes > watched.limit_bytes:
                self._watched.discard(watched)
                watched.exceeded()


def members(groups: Iterable[int]) -> list[tuple[int, int]]:
    """The processes of some groups, as pairs of process and group."""
    wanted = set(groups)
    found = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            if (group := os.getpgid(pid)) in wanted:
                found.append((pid, group))
    return found


def group_bytes(groups: Iterable[int]) -> dict[int, int]:
    """The resident memory of all processes of each group; what they share is counted for each of them."""
    used: dict[int, int] = {}
    for pid, group in members(groups):
        used[group] = used.get(group, 0) + resident_bytes(pid)
    return used


def resident_bytes(pid: int) -> int:
    """What a process uses now; 0 for one that is gone."""
    if _LINUX:
        # psutil would read more than one file for it, and this is done often.
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * resource.getpagesize()
        return 0
    with contextlib.suppress(psutil.Error):
        resident: int = psutil.Process(pid).memory_info().rss
        return resident
    return 0


def shared_once_bytes(group: int, resident_bytes: int) -> int:
    """What a group uses if memory that several of its processes share counts once, where the system tells.

    A handler that forks has little more than one that does not. It is asked for only where the answer matters: for a
    large process it takes a millisecond and more.

    Args:
        resident_bytes: the group's, as `group_bytes` has it.
    """
    pids = [pid for pid, _ in members([group])]
    if len(pids) < 2 or not _LINUX:
        return resident_bytes
    total = 0
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            total += psutil.Process(pid).memory_full_info().pss
    return total or resident_bytes


def peak_bytes(pid: int) -> int:
    """The most that a process has ever used, where the system tells, else what it uses now; 0 for one that is gone."""
    if _LINUX:
        with contextlib.suppress(OSError, ValueError, IndexError):
            status = Path(f"/proc/{pid}/status").read_bytes()
            return int(status.partition(b"VmHWM:")[2].split(maxsplit=1)[0]) * 1024
        return 0
    return resident_bytes(pid)
