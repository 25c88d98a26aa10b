"""The files of a project: the project file itself, and what `${file(...)}` names.

Not here: what `${file(path):key}` does with a file (`variables.py`).
"""

import json
import os
from pathlib import Path

from everwarm.errors import ProjectError
from everwarm.serverless import yaml_file
from everwarm.serverless.nodes import Node, Place

# CloudFormation takes templates of 1 MB; a project file larger than this is some other file.
LARGEST_BYTES = 4 * 1024 * 1024


def read_text(path: Path) -> str:
    """A file's text.

    Raises:
        ProjectError: no such file, one that cannot be read, is too large or is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
        if len(content) > LARGEST_BYTES:
            raise ProjectError(f"the file is larger than {LARGEST_BYTES:,} bytes", str(path))
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProjectError("the file is not UTF-8 text", str(path)) from error
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL in it
        raise ProjectError(
            f"the file cannot be read: {getattr(error, 'strerror', None) or error}", str(path)
        ) from error


class IncludedFiles:
    """Reads the files of a project's directory, each one once.

    Args:
        directory: no file outside it is read, as in the framework.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._read: dict[Path, Node] = {}

    def read(self, name: str, at: Node) -> Node | None:
        """A file's content: YAML and JSON as values, anything else as text.

        Args:
            name: its path, from the project's directory.
            at: the value that names it, for errors.

        Returns:
            The content, the same object each time, or None where there is no such file.

        Raises:
            ProjectError: a path out of the directory, a file that cannot be read or is malformed.
        """
        # Not Path.resolve(): a symbolic link inside the directory is followed, wherever it leads.
        top = Path(os.path.normpath(self.directory.absolute()))
        path = Path(os.path.normpath(top / name))
        if path == top or not path.is_relative_to(top):
            raise at.error(f"the file {name!r} is not inside the project's directory")
        if path not in self._read:
            try:
                if not path.exists():
                    return None
            except (OSError, ValueError) as error:
                raise at.error(f"{name!r} is not a path: {error}") from error
            self._read[path] = _parse(path, str(self.directory / path.relative_to(top)))
        return self._read[path]


def _parse(path: Path, shown: str) -> Node:
    text = read_text(path)
    start = Place(shown, 1, 1)
    match path.suffix:
        case ".yml" | ".yaml":
            return yaml_file.load(text, shown)
        case ".json" | ".tfstate":
            try:
                return Node.of(json.loads(text), start)
            except json.JSONDecodeError as error:
                raise Place(shown, error.lineno, error.colno).error(f"this is not JSON: {error.msg}") from error
            except (ValueError, RecursionError) as error:
                raise start.error(f"this is not JSON that can be read here: {error}") from error
    return Node.of(text, start)
