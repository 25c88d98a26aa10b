"""Tools and libraries from npm, for tests that need Node.js: installed once, below `.tools`, by their lock files."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

TOOLS = Path(__file__).parents[1] / ".tools"


def run(command: list[str], cwd: Path, env: Mapping[str, str], timeout_s: float) -> str:
    """Run a command, and give back what it printed; whatever it started ends with it."""
    with subprocess.Popen(
        command, cwd=cwd, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        try:
            output, _ = process.communicate(timeout=timeout_s)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0, f"{' '.join(command)}\n{output}"
    return output


def install(locked: Path, name: str) -> Path:
    """The directory below `.tools` that has what a lock file names; the network is needed the first time only.

    Args:
        locked: the directory with `package.json` and `package-lock.json`.
        name: of the directory.
    """
    tool = TOOLS / name
    installed = tool / "installed.json"
    lock = (locked / "package-lock.json").read_text()
    if not installed.is_file() or installed.read_text() != lock:
        tool.mkdir(parents=True, exist_ok=True)
        for file in ("package.json", "package-lock.json"):
            shutil.copyfile(locked / file, tool / file)
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], tool, os.environ, timeout_s=300)
        installed.write_text(lock)  # last, so that a broken-off installation is begun again
    return tool
