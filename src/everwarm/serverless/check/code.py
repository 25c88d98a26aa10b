"""The code of a function, as text: the handler's file and the modules of the project that it imports.

It is not run, and not understood: rules ask it for words, so as not to tell people of what their code clearly sees to.

Not here: which of these files the package has (`packaging.py`).
"""

import ast
import contextlib
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

MOST_FILES = 200
LARGEST_BYTES = 1_000_000

_NODE_SUFFIXES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")
_NODE_IMPORT = re.compile(r"""(?:require\(\s*|\bfrom\s+|\bimport\s+|\bimport\(\s*)['"](\.{1,2}/[^'"]+)['"]""")
_Imports = Callable[[Path, str, str], Iterator[str]]
_COMMENT = re.compile(r"^\s*(#|//|\*).*$", re.MULTILINE)
_CACHE = r"\bfrom\s+everwarm[\w.]*\s+import\s*(?:\([^)]*|[^\n]*)\bCache\b", r"\beverwarm\.Cache\b"
_ITS_HANDLER = r"\w\.handler\b"


@dataclass(frozen=True, slots=True)
class Code:
    """What there is to read of a function.

    Attributes:
        files: by their paths below the function's directory, with slashes; the handler's comes first. Empty where it
            was not found.
        lacks_handler: whether the handler's file is there, and clearly has no such function.
        mistakes: what this Python says of those files that it cannot parse, by their paths.
    """

    files: dict[str, str]
    lacks_handler: bool = False
    mistakes: dict[str, str] = field(default_factory=dict)

    @property
    def is_found(self) -> bool:
        """Whether there is anything to read."""
        return bool(self.files)

    def has(self, *words: str) -> bool:
        """Whether one of the words, regular expressions, stands anywhere but in a comment."""
        pattern = re.compile("|".join(words))
        return any(pattern.search(_COMMENT.sub("", text)) for text in self.files.values())

    @property
    def is_cache(self) -> bool:
        """Whether the handler is that of an `everwarm.Cache`, whose writes and answers are not to be seen here."""
        return self.has(*_CACHE) and self.has(_ITS_HANDLER)


def read(directory: Path, handler: str, runtime: str) -> Code:
    """Read the code of a function.

    Args:
        directory: the function's code.
        handler: `path/to/module.function`.
        runtime: AWS's identifier.
    """
    module, _, function = handler.rpartition(".")
    if runtime.startswith("python"):
        return _python(directory, module, function)
    start = next(
        (f"{module}{suffix}" for suffix in _NODE_SUFFIXES if (directory / f"{module}{suffix}").is_file()), None
    )
    files: dict[str, str] = {}
    if start is not None:
        _follow(directory, start, files, _node_imports)
    # Exports have more forms than a look from outside could tell.
    return Code(files)


def _python(directory: Path, module: str, function: str) -> Code:
    # Lambda's client takes both, slashes for folders and dots.
    imports = partial(_python_imports, _installed(directory))
    start = _module_file(directory, module.replace("/", ".").split("."))
    files: dict[str, str] = {}
    if start is None:
        return Code(files)
    _follow(directory, start, files, imports)
    mistakes = {name: parsed for name, text in files.items() if isinstance(parsed := _parsed(text), str)}
    return Code(files, lacks_handler=start in files and _lacks(files[start], function), mistakes=mistakes)


def _follow(directory: Path, start: str, files: dict[str, str], imports: _Imports) -> None:
    waiting = [start]
    while waiting and len(files) < MOST_FILES:
        name = waiting.pop(0)
        if name in files:
            continue
        try:
            if (directory / name).stat().st_size > LARGEST_BYTES:
                continue
            files[name] = (directory / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        waiting += imports(directory, name, files[name])


def _module_file(directory: Path, parts: list[str]) -> str | None:
    stem = "/".join(parts)
    return next((name for name in (f"{stem}.py", f"{stem}/__init__.py") if (directory / name).is_file()), None)


def _installed(directory: Path) -> frozenset[str]:
    """The packages that pip has put beside the code: what their files say is not the author's."""
    names: set[str] = set()
    for record in directory.glob("*.dist-info/RECORD"):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            lines = record.read_text(encoding="utf-8").splitlines()
            names |= {line.partition("/")[0].partition(",")[0].removesuffix(".py") for line in lines}
    return frozenset(names)


def _parsed(text: str) -> ast.Module | str:
    """A module; or else what this Python says of it."""
    try:
        with warnings.catch_warnings():
            # Of an escape that will be refused some day, say: that is between the author and Python.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError) as error:
        return str(error)


def _python_imports(installed: frozenset[str], directory: Path, name: str, text: str) -> Iterator[str]:
    """The files of the project that a module imports."""
    tree = _parsed(text)
    if isinstance(tree, str):
        return
    package = name.split("/")[:-1]
    for node in ast.walk(tree):
        wanted: list[list[str]] = []
        if isinstance(node, ast.Import):
            wanted = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = base + (node.module.split(".") if node.module else [])
            wanted = [base, *([*base, alias.name] for alias in node.names)]
        for parts in wanted:
            if parts and parts[0] in installed:
                continue
            # What is imported first runs the packages above it.
            for end in range(1, len(parts) + 1):
                if (found := _module_file(directory, parts[:end])) is not None:
                    yield found


def _lacks(text: str, function: str) -> bool:
    """Whether a module clearly has no such name at its top level."""
    tree = _parsed(text)
    if isinstance(tree, str):
        return False
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found = name == function
            case ast.Name(id=name, ctx=ast.Store()):
                found = name == function
            case ast.alias(name=name, asname=asname):
                found = name == "*" or function in (asname, name)
            case _:
                continue
        if found:
            return False
    return "__getattr__" not in text and "globals()" not in text


def _node_imports(directory: Path, name: str, text: str) -> Iterator[str]:
    folder = Path(name).parent
    for target in _NODE_IMPORT.findall(text):
        base = (folder / target).as_posix()
        parts: list[str] = []
        for part in base.split("/"):
            if part == "..":
                if not parts:
                    break  # outside the directory
                parts.pop()
            elif part != ".":
                parts.append(part)
        else:
            stem = "/".join(parts)
            names = [stem, *(f"{stem}{suffix}" for suffix in _NODE_SUFFIXES), f"{stem}/index.js"]
            found = next((one for one in names if (directory / one).is_file()), None)
            if found is not None:
                yield found
