"""A project directory, a clock and a witness for each test, and stacks that are stopped when it ends."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from everwarm import Stack
from everwarm.clock import ManualClock
from tests.stack.support import Project, Witness, eventually, serverless_yml


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project whose handler records what it gets. No worker of it outlives the test."""
    directory = tmp_path / "project"
    directory.mkdir()
    project = Project(directory)
    project.write(serverless_yml())
    yield project
    eventually(lambda: not project.workers_alive())


@pytest.fixture
def start(project: Project, clock: ManualClock, witness: Witness) -> Iterator[Callable[..., Stack]]:
    """`start(**settings)`: the project's stack, in memory and on the manual clock unless told otherwise."""
    stacks: list[Stack] = []

    def make(**settings: Any) -> Stack:
        if "data" not in settings:
            settings.setdefault("memory", True)
        stack = Stack(project.directory, **{"clock": clock, "observer": witness, "environ": {}, **settings})
        stacks.append(stack)
        stack.start()
        return stack

    yield make
    for stack in stacks:
        stack.stop()
