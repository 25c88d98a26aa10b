"""Files that a function needs and its package lacks, and those that no package should have.

Not here: what the patterns of a package mean (`everwarm.serverless.packaging`).
"""

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
DATA_IN_PACKAGE = Rule(
    "data-in-package",
    Weight.WARNING,
    "The package takes in .everwarm, the data of everwarm up.",
    "All items of the local tables would go to AWS with the code, and a package may have 50 MB at the most.",
)

DATA_DIRECTORY = ".everwarm"


def find(subject: Subject) -> Iterator[Finding]:
    """What there is to say of each function's package."""
    is_bundled = any(word in str(subject.project.root.get("plugins")) for word in ("esbuild", "webpack", "bundle"))
    for function in subject.functions:
        if not is_bundled:
            yield from _handler(function)
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
