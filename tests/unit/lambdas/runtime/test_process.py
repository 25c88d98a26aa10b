"""No process outlives what it was started for. A file's lock tells: it is free when all that hold it are gone."""

import asyncio
import fcntl
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from everwarm.clock import monotonic
from everwarm.lambdas.runtime.pool import FunctionPool

# A worker and a child of its own, which inherits the lock, both busy for longer than any test.
WITH_CHILD = """
    import fcntl, os, time
    lock = open("lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    def handler(event, context):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        if event == "exit":
            os._exit(1)
        time.sleep(60 if event == "hang" else 0)
"""

PARENT = """
    import asyncio, sys
    from pathlib import Path
    from everwarm.lambdas.functions import Function
    from everwarm.lambdas.runtime.pool import FunctionPool

    async def main():
        function = Function("f", "main.handler", Path(sys.argv[1]), timeout_s=60)
        pool = FunctionPool(function, endpoint_url="http://127.0.0.1:1", log=lambda *_: None)
        await pool.invoke(b'"warm up"')
        print("warm", flush=True)
        await pool.invoke(sys.argv[2].encode())
        await asyncio.sleep(60)

    asyncio.run(main())
"""

LOCKED = """
    import fcntl, time
    lock = open("lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    def handler(event, context):
        if event == "hang":
            open("hanging", "w").close()
            time.sleep(60)
"""


# A child in a session of its own, as daemons are started.
WITH_DAEMON = """
    import fcntl, os, subprocess, time
    def handler(event, context):
        lock = open("lock", "w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.Popen(["sleep", "60"], pass_fds=[lock.fileno()], start_new_session=True)
        time.sleep(event)
"""


# A daemon whose parents have ended: nothing but its environment tells whose it is.
WITH_ORPHAN = """
    import fcntl, os, time
    def handler(event, context):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                lock = open("lock", "w")
                fcntl.flock(lock, fcntl.LOCK_EX)
                open("locked", "w").close()
                time.sleep(60)
            os._exit(0)
        os.wait()
        while not os.path.exists("locked"):
            time.sleep(0.01)
"""


async def freed(path: Path, within_s: float = 5.0) -> bool:
    """Whether nobody holds the file's lock any more."""
    until = monotonic() + within_s
    with path.open("w") as file:
        while monotonic() < until:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                await asyncio.sleep(0.01)
            else:
                return True
    return False


async def test_a_call_whose_time_is_up_takes_children_in_other_sessions_along(
    pool_of: Callable[..., FunctionPool], tmp_path: Path
) -> None:
    pool = pool_of(WITH_DAEMON, timeout_s=0.5)
    assert (await pool.invoke(b"60")).function_error == "Unhandled"
    assert await freed(tmp_path / "lock")


async def test_a_stopped_pool_takes_children_in_other_sessions_along(
    pool_of: Callable[..., FunctionPool], tmp_path: Path
) -> None:
    pool = pool_of(WITH_DAEMON, timeout_s=30)
    assert (await pool.invoke(b"0")).function_error is None
    await pool.stop()
    assert await freed(tmp_path / "lock")


@pytest.mark.skipif(sys.platform != "linux", reason="where processes show their environment")
async def test_a_stopped_pool_takes_daemons_along(pool_of: Callable[..., FunctionPool], tmp_path: Path) -> None:
    pool = pool_of(WITH_ORPHAN, timeout_s=30)
    assert (await pool.invoke(b"0")).function_error is None
    assert not await freed(tmp_path / "lock", within_s=0.05)
    await pool.stop()
    assert await freed(tmp_path / "lock")


@pytest.mark.parametrize("event", [b'"hang"', b'"exit"'])
async def test_a_failed_call_takes_its_children_along(
    pool_of: Callable[..., FunctionPool], tmp_path: Path, event: bytes
) -> None:
    pool = pool_of(WITH_CHILD, timeout_s=0.5)
    assert (await pool.invoke(event)).function_error == "Unhandled"
    assert await freed(tmp_path / "lock")


async def test_stopping_takes_the_children_along(pool_of: Callable[..., FunctionPool], tmp_path: Path) -> None:
    pool = pool_of(WITH_CHILD)
    assert (await pool.invoke(b'"return"')).function_error is None
    assert not await freed(tmp_path / "lock", within_s=0.05)
    await pool.stop()
    assert await freed(tmp_path / "lock")


@pytest.mark.parametrize(
    "event",
    [
        "idle",
        pytest.param(
            "hang", marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals a parent's death")
        ),
    ],
)
async def test_a_killed_parent_takes_its_worker_along(tmp_path: Path, event: str) -> None:
    (tmp_path / "main.py").write_text(textwrap.dedent(LOCKED))
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT), str(tmp_path), f'"{event}"'],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"warm\n"
        assert not await freed(tmp_path / "lock", within_s=0.05)
        async with asyncio.timeout(10):
            while event == "hang" and not (tmp_path / "hanging").exists():
                await asyncio.sleep(0.005)
        parent.kill()
    assert await freed(tmp_path / "lock")


# As on macOS, where the kernel has no descriptors for processes.
async def test_an_exit_is_noticed_by_a_thread_elsewhere(
    pool_of: Callable[..., FunctionPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(pid: int) -> int:
        raise OSError("no such thing here")

    monkeypatch.setattr(os, "pidfd_open", refuse, raising=False)
    pool = pool_of("import os\ndef handler(event, context): os._exit(event) if event else None")
    assert b"exit status 7" in (await pool.invoke(b"7")).payload
    assert (await pool.invoke(b"0")).payload == b"null"
