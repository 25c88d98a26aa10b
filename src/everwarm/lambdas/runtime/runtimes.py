"""Which runtimes run here, and by which command.

Not here: what the command finds in its environment (`environment.py`).
"""

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from everwarm.errors import FunctionError
from everwarm.lambdas.functions import Function
from everwarm.lambdas.runtime import launcher

BOOTSTRAP = Path(__file__).with_name("bootstrap.mjs")

RUN_HERE = "Python (python3.x) and Node.js (nodejs20.x, say) run here"

_JAVASCRIPT = ("", ".js", ".mjs", ".cjs")
_TYPESCRIPT = (".ts", ".mts", ".cts", ".tsx")


def runs_here(runtime: str) -> bool:
    """Whether functions of a runtime, by AWS's identifier, can be run at all."""
    return runtime.startswith(("python", "nodejs"))


def command(function: Function, parent: Mapping[str, str]) -> list[str]:
    """The program and its arguments that run a function.

    Args:
        parent: this process's environment.

    Raises:
        FunctionError: what a person can do something about before a process is tried.
    """
    if not runs_here(function.runtime):
        raise FunctionError(f"function {function.name} has the runtime {function.runtime}; only {RUN_HERE}")
    if not function.code_dir.is_dir():
        raise FunctionError(f"function {function.name}: there is no directory {function.code_dir}")
    return _node(function, parent) if function.runtime.startswith("nodejs") else _python(function)


def _python(function: Function) -> list[str]:
    if importlib.util.find_spec("awslambdaric") is None:
        raise FunctionError("Python functions need the package awslambdaric: pip install awslambdaric")
    # -P: the launcher's directory is none of the handler's business
    return [sys.executable, "-P", launcher.__file__, str(os.getpid()), function.handler]


def _node(function: Function, parent: Mapping[str, str]) -> list[str]:
    node = shutil.which("node", path=parent.get("PATH"))
    if node is None:
        raise FunctionError(
            f"function {function.name} has the runtime {function.runtime}, and there is no program node on the PATH: "
            "install Node.js"
        )
    if (source := _typescript(function)) is not None:
        raise FunctionError(
            f"function {function.name}: {source} is TypeScript. Compile it, with tsc or esbuild say, and let the "
            "handler name the JavaScript file"
        )
    # As on AWS, so that a heap is collected before the function has more than it may.
    heap_mb = max(64, function.memory_mb * 9 // 10)
    # -I, -S: the fastest start there is for the launcher.
    start = [sys.executable, "-I", "-S", launcher.__file__, str(os.getpid()), "--"]
    return [*start, node, f"--max-old-space-size={heap_mb}", str(BOOTSTRAP)]


def _typescript(function: Function) -> str | None:
    """The handler's file, if it is there in TypeScript alone."""
    path = PurePosixPath(function.handler)
    stem = function.code_dir / path.with_name(path.name.partition(".")[0])
    if any(stem.with_name(stem.name + suffix).is_file() for suffix in _JAVASCRIPT):
        return None
    for suffix in _TYPESCRIPT:
        if stem.with_name(stem.name + suffix).is_file():
            return str(path.with_name(path.name.partition(".")[0] + suffix))
    return None
