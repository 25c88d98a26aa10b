"""Files that a function needs and its package lacks, those that no package should have, and those that cannot be run.

Not here: what the patterns of a package mean (`everwarm.serverless.packaging`).
"""

import re
import sys
from collections.abc import Iterator

from everwarm.serverless.check.finding import Finding, Rule, Weight
from everwarm.serverless.check.subject import CheckedFunction, Subject

NO_HANDLER = Rule(
    "handler-not-found",
    Weight.ERROR,
    "There is no such file, or no such function in it.",
    "Each call ends in Runtime.ImportModuleError or Runtime.HandlerNotFound, so each batch fails.",
)
NOT_IN_PACKAGE = Rule(
    "not-in-package",
    Weight.ERROR,
    "The package leaves out a file that the code imports.",
    "Here the file is found, as the function runs where it lies. On AWS it is missing: each call ends in "
    "Runtime.ImportModuleError.",
)
SYNTAX_ERROR = Rule(
    "syntax-error",
    Weight.ERROR,
    "A file of the code is no Python.",
    "Each call ends in Runtime.UserCodeSyntaxError, so each batch fails. It is looked at by the Python "
    "that runs everwarm, and the functions here; where the runtime is a newer one, this is a warning.",
)
DATA_IN_PACKAGE = Rule(
    "data-in-package",
    Weight.WARNING,
    "The package takes in .everwarm, the data of everwarm up.",
    "All items of the local tables would go to AWS with the code, and a package may have 250 MB unpacked.",
)

DATA_DIRECTORY = ".everwarm"

_PYTHON = re.compile(r"python(\d+)\.(\d+)")


def find(subject: Subject) -> Iterator[Finding]:
    """What there is to say of each function's package."""
    is_bundled = any(word in str(subject.project.root.get("plugins")) for word in ("esbuild", "webpack", "bundle"))
    for function in subject.functions:
        if not is_bundled:
            yield from _handler(function)
        yield from _mistakes(function)
        if function.package.is_known:
            yield from _left_out(function)
            yield from _data(function, subject)


def _handler(function: CheckedFunction) -> Iterator[Finding]:
    module, _, name = function.function.handler.rpartition(".")
    place = function.place_of("handler")
    if not function.code.is_found:
        suffix = ".py" if function.function.runtime.startswith("python") else ".js"
        yield Finding(
            NO_HANDLER, place, f"function {function.key} has no file {module}{suffix}", "handler: FILE.FUNCTION"
        )
    elif function.code.lacks_handler:
        file = next(iter(function.code.files))
        yield Finding(NO_HANDLER, place, f"{file} has no {name}", "handler: FILE.FUNCTION")


def _mistakes(function: CheckedFunction) -> Iterator[Finding]:
    version = _PYTHON.fullmatch(function.function.runtime)
    is_newer = version is not None and (int(version[1]), int(version[2])) > sys.version_info[:2]
    for name, mistake in function.code.mistakes.items():
        yield Finding(
            SYNTAX_ERROR,
            function.place_of("handler"),
            f"{name} is no Python {sys.version_info.major}.{sys.version_info.minor}: {mistake}",
            lighter=Weight.WARNING if is_newer else None,
        )


def _left_out(function: CheckedFunction) -> Iterator[Finding]:
    for name in function.code.files:
        decided = function.package.decides(name)
        if decided is not None and decided.leaves_out:
            yield Finding(
                NOT_IN_PACKAGE,
                function.place if decided.node is None else decided.node.place,
                f"!{decided.text} leaves {name} out of the package of function {function.key}, whose code needs it",
                f"package:\n  patterns:\n    - ...  # as they are, and last:\n    - {name}",
            )


def _data(function: CheckedFunction, subject: Subject) -> Iterator[Finding]:
    if not (subject.project.directory / DATA_DIRECTORY).is_dir() or not function.package.has(f"{DATA_DIRECTORY}/data"):
        return
    package = subject.project.root.get("package")
    yield Finding(
        DATA_IN_PACKAGE,
        subject.project.root.place if package is None else package.key_place,
        f"the package would take in {DATA_DIRECTORY}, where everwarm up keeps its data",
        f"package:\n  patterns:\n    - '!{DATA_DIRECTORY}/**'",
    )
