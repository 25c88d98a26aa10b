"""Which runtimes run here, and by which command. Pure but for looking whether programs and files are there.

Not here: what the command finds in its environment (`environment.py`).
"""

import importlib.util
import os
import sys
from collections.abc import Mapping

from everwarm.errors import FunctionError
from everwarm.lambdas.functions import Function
from everwarm.lambdas.runtime import launcher


def command(function: Function, parent: Mapping[str, str]) -> list[str]:
    """The program and its arguments that run a function.

    Args:
        parent: this process's environment.

    Raises:
        FunctionError: what a person can do something about before a process is tried.
    """
    if not function.runtime.startswith("python"):
        raise FunctionError(f"function {function.name} has the runtime {function.runtime}; only Python runs here")
    if not function.code_dir.is_dir():
        raise FunctionError(f"function {function.name}: there is no directory {function.code_dir}")
    if importlib.util.find_spec("awslambdaric") is None:
        raise FunctionError("Python functions need the package awslambdaric: pip install awslambdaric")
    # -P: the launcher's directory is none of the handler's business
    return [sys.executable, "-P", launcher.__file__, str(os.getpid()), function.handler]
