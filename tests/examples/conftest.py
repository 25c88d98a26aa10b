"""What the tests of the examples share: where the example lies, and its modules, imported as its own scripts do it."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.examples.osls import installed

EXAMPLE = Path(__file__).parents[2] / "examples" / "rates"
MODULES = {path.stem for path in EXAMPLE.glob("*.py")}


@pytest.fixture(scope="session")
def example_dir() -> Path:
    """The example's own directory. Tests leave nothing in it."""
    return EXAMPLE


@pytest.fixture(scope="session")
def osls() -> Path:
    """The directory that has osls installed, as the lock file says."""
    return installed()


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Imports a module of the example by its name, `main` say. It is forgotten again after the test."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    before = {name: sys.modules.pop(name) for name in MODULES & sys.modules.keys()}
    yield importlib.import_module
    for name in MODULES:
        sys.modules.pop(name, None)
    sys.modules.update(before)
