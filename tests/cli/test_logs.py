"""`everwarm logs` beside an `everwarm up`, and after it."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.cli.support import COMMAND, ENVIRON, Up, run


def test_a_log_is_followed_and_stays(up: Callable[..., Up], project: Path) -> None:
    running = up(project)
    running.put("a")
    running.logged("hello from")
    following = subprocess.Popen(
        [*COMMAND, "logs", "main", str(project), "--follow"], stdout=subprocess.PIPE, text=True, env=ENVIRON
    )
    try:
        assert following.stdout is not None
        first = [following.stdout.readline() for _ in range(4)]
        running.put("b")
        second = [following.stdout.readline() for _ in range(4)]
        for lines in (first, second):
            assert [line.split()[2] for line in lines] == ["START", "hello", "END", "REPORT"]
        following.send_signal(signal.SIGINT)
        assert following.wait(10) == 0
    finally:
        following.kill()
        following.communicate()
    running.end(signal.SIGTERM)
    shown = run("logs", "main", str(project))
    assert (shown.returncode, shown.stdout) == (0, "".join(first + second))
    unknown = run("logs", "nobody", str(project))
    assert (unknown.returncode, unknown.stderr.strip()) == (
        1,
        "everwarm: there is no log of a function nobody. There are logs of: shop-dev-main",
    )
