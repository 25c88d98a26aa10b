"""A project, and `everwarm up` processes of which none outlives its test."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.support import COMMAND, ENVIRON, HANDLER, PROJECT, Up


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one table, whose function greets for each batch of its stream."""
    directory = tmp_path / "shop"
    directory.mkdir()
    (directory / "serverless.yml").write_text(PROJECT, encoding="utf-8")
    (directory / "main.py").write_text(HANDLER, encoding="utf-8")
    return directory


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    """`up(*args)`: an `everwarm up` on a free port, once it is ready."""
    processes: list[subprocess.Popen[str]] = []

    def start(*args: str | Path) -> Up:
        log_file = tmp_path / f"log-{len(processes)}"
        with log_file.open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [*COMMAND, "up", *map(str, args), "--port", "0"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=ENVIRON,
                cwd=tmp_path,
            )
        processes.append(process)
        assert process.stdout is not None
        shown = ""
        for line in process.stdout:
            shown += line
            if line.startswith("Ready"):
                return Up(process, shown, log_file)
        raise AssertionError(f"it ended before it was ready: {shown}{log_file.read_text(encoding='utf-8')}")

    yield start
    for process in processes:
        process.kill()
        process.communicate()
