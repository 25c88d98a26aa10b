"""python -m benchmarks.triggers.instructions: what an expiration costs, in the processor's instructions.

All of everwarm's process is counted, from deletion to the function's answer, without the function's own. Times swing by
half and more on a machine that others share; the count is the same within a hundredth whatever else runs. So it tells
whether a change makes the drain cheaper, and not how many items a second that are. Needs Debian's valgrind.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.triggers.everwarm_up import PROJECT, connect, first_of_each, put
from benchmarks.triggers.notes import Notes
from everwarm.clock import ManualClock
from everwarm.observer import Observer
from everwarm.stack import Stack

ITEMS = 5000
SETTLE_S = 15.0
"""Until what begins with a stack has begun; under valgrind all takes fifty times as long."""

PATIENCE_S = 600.0


class Silent(Observer):
    """The function's lines cost what they cost, and are not printed."""

    def printed(self, function_name: str, request_id: str | None, line: str) -> None:
        """Nothing."""


def main() -> None:
    """Count, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.triggers.instructions", description=__doc__)
    parser.add_argument("--items", type=int, default=ITEMS, help=f"how many fall due at once ({ITEMS})")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        _drain(given.items)
        return
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is not installed: sudo apt-get install valgrind")
    print(f"{_count(given.items) / given.items:,.0f} instructions an item")


def _count(items: int) -> int:
    with tempfile.TemporaryDirectory(prefix="everwarm-bench-") as directory:
        counter = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--fair-sched=yes"]
        counter += [f"--callgrind-out-file={directory}/out"]
        measured = [sys.executable, "-m", "benchmarks.triggers.instructions", "--inside", "--items", str(items)]
        environ = {**os.environ, "PYTHONHASHSEED": "0", "TMPDIR": directory}
        done = subprocess.run([*counter, *measured], env=environ, capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or found is None:
        sys.exit(f"it could not be counted:\n{done.stderr[-2000:]}")
    return int(found[1])


def _drain(items: int) -> None:
    """Have items fall due at once, and count until the function has noted the last; in the process that is counted."""
    directory = Path(tempfile.mkdtemp())
    os.environ.update({"NOTES": str(directory / "notes"), "EVENTS": "REMOVE"})
    clock = ManualClock(time.time())
    notes = Notes(directory / "notes")
    with Stack(PROJECT, data=directory / "data", clock=clock, observer=Silent()) as stack:
        put(connect("dynamodb", stack.endpoint), [clock.now() + 1 + n / items for n in range(items)])
        time.sleep(SETTLE_S)
        _counting("on")
        clock.advance(2)
        came = first_of_each(notes.wait(items, PATIENCE_S))
        _counting("off")
    if len(came) < items:
        sys.exit(f"{items - len(came)} of {items} items did not come")


def _counting(switch: str) -> None:
    subprocess.run(["callgrind_control", "--instr=" + switch, str(os.getpid())], check=True, capture_output=True)


if __name__ == "__main__":
    main()
