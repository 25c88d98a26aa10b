"""The processes of a run: a Redis, an `everwarm up`, and a worker for each contestant; each ends with its block.

Servers have one core, workers another: a contestant that asks a server gets a whole one for the server besides its own.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import redis

from benchmarks.cache.contestants.base import Surroundings
from benchmarks.cache.roster import PEERS_PYTHON, Entrant
from benchmarks.triggers.everwarm_up import free_port
from everwarm.clock import monotonic

START_S = 30.0
ANSWER_S = 300.0
ROOT = Path(__file__).resolve().parents[2]


def cores() -> tuple[int | None, int | None]:
    """A core for the servers and one for the workers; none where there are no two, or no way to choose."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    found = sorted(os.sched_getaffinity(0))
    return (found[0], found[1]) if len(found) > 1 else (None, None)


def lacking(entrant: Entrant) -> str | None:
    """What this machine lacks for a contestant; None if it can be measured."""
    if entrant.needs_peers and not PEERS_PYTHON.exists():
        return "the environment that `make bench-cache` sets up"
    if entrant.needs_redis and shutil.which("redis-server") is None:
        return "redis-server"
    return None


@contextmanager
def redis_up(directory: Path, core: int | None) -> Iterator[int]:
    """A Redis that keeps nothing on disk; gives its port."""
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", str(directory), "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _pin(process, core)
        with redis.Redis(port=port) as client:
            until = monotonic() + START_S
            while True:
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    if monotonic() > until:
                        raise
                    sleep(0.05)
        yield port
    finally:
        _end(process)


@contextmanager
def everwarm_up(directory: Path, core: int | None) -> Iterator[str]:
    """An `everwarm up` without a project, durable; gives its endpoint."""
    port = free_port()
    command = [sys.executable, "-m", "everwarm", "up", "--data", str(directory / "data"), "--port", str(port)]
    log = directory / "log"
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=directory, env=environ(), stdout=file, stderr=subprocess.STDOUT)
    try:
        _pin(process, core)
        until = monotonic() + START_S
        while "Ready." not in log.read_text():
            if monotonic() > until or process.poll() is not None:
                raise RuntimeError(f"everwarm did not start:\n{log.read_text()}")
            sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(process)


class WorkerProcess:
    """A contestant's process; a context manager that ends it."""

    def __init__(self, entrant: Entrant, surroundings: Surroundings, core: int | None) -> None:
        command = [
            entrant.python,
            "-m",
            "benchmarks.cache.worker",
            f"benchmarks.cache.contestants.{entrant.made_by}",
            str(surroundings.directory),
            str(surroundings.redis_port),
            surroundings.endpoint,
            "" if core is None else str(core),
        ]
        self._title = entrant.title
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environ(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._read()

    def ask(self, what: str, **settings: Any) -> dict[str, Any]:
        """Have something measured.

        Raises:
            RuntimeError: the worker has ended; what it said is on standard error.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"what": what, **settings}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._read())
        return answer

    def __enter__(self) -> "WorkerProcess":
        return self

    def __exit__(self, *_: object) -> None:
        # It ends when its standard input does, so that it also ends if this process is killed.
        self._process.communicate(timeout=ANSWER_S)

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker of {self._title} ended (exit status {self._process.wait()})")
        return line


def environ() -> dict[str, str]:
    """For processes that import this checkout, in whichever environment."""
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}


def _pin(process: "subprocess.Popen[bytes]", core: int | None) -> None:
    # Right after the start: threads that a process makes later are where their maker is.
    if core is not None:
        os.sched_setaffinity(process.pid, {core})


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(30)
