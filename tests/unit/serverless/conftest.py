"""Projects out of text: files written to a directory and read back with `load`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from everwarm.errors import ProjectError
from everwarm.serverless import Project, load
from everwarm.serverless.nodes import Node
from everwarm.serverless.variables import Outside, Variables
from everwarm.serverless.yaml_file import load as load_yaml

# Two lines, so that what follows begins at line 3.
HEADER = "service: shop\nprovider: {name: aws, runtime: python3.12}\n"


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    """`project(text, header=True, files={name: text}, **what load takes)`."""

    def make(text: str, *, header: bool = True, files: dict[str, str] | None = None, **given: Any) -> Project:
        for name, content in (files or {}).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content, encoding="utf-8")
        path = tmp_path / "serverless.yml"
        path.write_text(HEADER + text if header else text, encoding="utf-8")
        return load(path, **{"environ": {}, **given})

    return make


@pytest.fixture
def error(project: Callable[..., Project]) -> Callable[..., ProjectError]:
    """The error that `project(...)` raises."""

    def make(*args: Any, **kwargs: Any) -> ProjectError:
        with pytest.raises(ProjectError) as raised:
            project(*args, **kwargs)
        return raised.value

    return make


@pytest.fixture
def resolved(tmp_path: Path) -> Callable[..., Any]:
    """`resolved(text, files=..., **what Outside takes)`: a file's `custom` with its variables replaced."""

    def make(text: str, *, files: dict[str, str] | None = None, **outside: Any) -> Any:
        for name, content in (files or {}).items():
            (tmp_path / name).write_text(content, encoding="utf-8")
        root = load_yaml(text, "serverless.yml")
        return plain(Variables(root, tmp_path, Outside(**outside)).resolve(root)).get("custom")

    return make


def plain(node: Node) -> Any:
    """A node as an ordinary Python value."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value
