"""The `functions` section: what a function is called, what runs it, and with which environment.

A function's settings lie over those of `provider`. Python and Node.js run here; other functions are named in a notice.

Not here: what triggers a function (`events.py`), running it (`everwarm.lambdas`).
Source: "AWS Lambda Functions", Serverless Framework documentation; the ranges are those of its v3 schema.
"""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from everwarm.lambdas.functions import Function
from everwarm.lambdas.runtime.runtimes import RUN_HERE, runs_here
from everwarm.serverless import asynchronous, naming
from everwarm.serverless.intrinsics import NotCreatedHere, Template
from everwarm.serverless.nodes import Node, Notice

DEFAULT_RUNTIME = "nodejs20.x"
DEFAULT_MEMORY_MB = 1024
DEFAULT_TIMEOUT_S = 6

_FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """A function as the file describes it.

    Attributes:
        key: its name inside the file.
        function: all but what may depend on tables that do not exist yet, the environment say.
        environment: the values before CloudFormation's functions in them are answered.
        node: all that the file says of it.
    """

    key: str
    function: Function
    environment: Mapping[str, Node]
    node: Node

    @property
    def logical_id(self) -> str:
        """The function's name in the framework's CloudFormation template."""
        return naming.function(self.key)


def read(
    functions: Node | None,
    provider: Node,
    template: Template,
    *,
    prefix: str,
    directory: Path,
    region: str,
    account: str,
) -> tuple[list[FunctionSource], list[Notice]]:
    """The functions that run here, and notices for those that do not.

    Args:
        functions: the section, a map or a list of maps.
        provider: the `provider` section.
        template: has the conditions that functions may depend on.
        prefix: `<service>-<stage>`, the first part of a function's name.
        directory: the project's.

    Raises:
        ProjectError: a function without a handler, a setting out of range, two functions of one name.
    """
    sources: dict[str, FunctionSource] = {}
    notices: list[Notice] = []
    for key, node in by_key(functions).items():
        settings = node.mapping(f"function {key}")
        condition = node.get("condition")
        if condition is not None and not template.holds(condition.text(f"condition of function {key}"), condition):
            continue
        if "handler" not in settings and node.get("image") is not None:
            notices.append(node.notice(f"the function {key} is a container image and is not run here"))
            continue
        given = node.get("runtime") or provider.get("runtime")
        runtime = DEFAULT_RUNTIME if given is None else given.text(f"runtime of function {key}")
        if not runs_here(runtime):
            notices.append(node.notice(f"the function {key} has the runtime {runtime}; only {RUN_HERE}"))
            continue
        name = _name(key, node, prefix)
        if name in sources:
            raise node.key_error(f"the functions {sources[name].key} and {key} are both called {name}")
        handler = node.get("handler")
        if handler is None:
            raise node.key_error(f"the function {key} has no handler")
        if node.get("layers") is not None or provider.get("layers") is not None:
            notices.append(node.notice(f"the layers of function {key} are not used here"))
        module = node.get("module")  # serverless-python-requirements: the directory that is packaged
        function = Function(
            name=name,
            handler=handler.text(f"handler of function {key}"),
            code_dir=directory if module is None else directory / module.text(f"module of function {key}"),
            runtime=runtime,
            memory_mb=_number(key, "memorySize", node, provider, DEFAULT_MEMORY_MB, 128, 10_240),
            timeout_s=_number(key, "timeout", node, provider, DEFAULT_TIMEOUT_S, 1, 900),
            region=region,
            account=account,
        )
        sources[name] = FunctionSource(key, function, _variables(key, node, provider), node)
    return list(sources.values()), notices


def build(source: FunctionSource, template: Template) -> tuple[Function, list[Notice]]:
    """The function with all that may depend on the template: environment, concurrency, destinations.

    A variable that depends on something that is not created here, a queue's URL say, stays unset, with a notice.

    Args:
        template: knows the attributes of the resources that exist.

    Raises:
        ProjectError: a variable that is neither text nor a number, or refers to nothing; a setting out of range.
    """
    environment: dict[str, str] = {}
    notices: list[Notice] = []
    for name, node in source.environment.items():
        try:
            value = template.evaluate(node)
        except NotCreatedHere as error:
            notices.append(node.notice(f"the environment variable {name} stays unset: {error.problem}"))
            continue
        if value is not None and value.value is not None:
            environment[name] = value.text(f"the environment variable {name}")
            if "{{resolve:" in environment[name]:
                text = f"the environment variable {name} stays as it is written: AWS alone knows what it refers to"
                notices.append(node.notice(text))
    settings, more_notices = asynchronous.read(source.key, source.node, template)
    function = dataclasses.replace(
        source.function,
        environment=environment,
        reserved_concurrency=_reserved_concurrency(source, template),
        asynchronous=settings,
    )
    return function, notices + more_notices


def _reserved_concurrency(source: FunctionSource, template: Template) -> int | None:
    given = source.node.get("reservedConcurrency")
    value = None if given is None else template.evaluate(given)
    if value is None or value.value is None:
        return None
    return value.whole_number(f"reservedConcurrency of function {source.key}", 0)


def by_key(functions: Node | None) -> dict[str, Node]:
    """The entries of the `functions` section, those that are not run here included."""
    if functions is None:
        return {}
    parts = functions.value if isinstance(functions.value, list) else [functions]
    found: dict[str, Node] = {}
    for part in parts:
        for key, node in part.mapping("functions").items():
            if key in found:
                raise node.key_error(f"the function {key} stands twice in functions")
            found[key] = node
    return found


def _name(key: str, node: Node, prefix: str) -> str:
    given = node.get("name")
    name = f"{prefix}-{key}" if given is None else given.text(f"name of function {key}")
    if not _FUNCTION_NAME.fullmatch(name):
        problem = f"the function name {name!r} has to be 1 to 64 letters, digits, - and _"
        raise node.key_error(problem) if given is None else given.error(problem)
    return name


def _number(key: str, setting: str, node: Node, provider: Node, default: int, low: int, high: int) -> int:
    given = node.get(setting) or provider.get(setting)
    return default if given is None else given.whole_number(f"{setting} of function {key}", low, high)


def _variables(key: str, node: Node, provider: Node) -> dict[str, Node]:
    """`provider.environment` under the function's own. A null of the function takes a variable away."""
    variables: dict[str, Node] = {}
    for owner, name in ((provider, "provider.environment"), (node, f"environment of function {key}")):
        given = owner.get("environment")
        for variable, value in (given.mapping(name) if given is not None else {}).items():
            if not _VARIABLE_NAME.fullmatch(variable):
                raise value.key_error(f"{variable!r} in {name} is not a name for an environment variable")
            variables[variable] = value
    return variables
