"""What `${source:address, fallback}` stands for: every variable of a project file replaced by its value.

A value that is one variable takes that variable's type; a variable inside text becomes text. The first source that
has a value other than null gives it. Sources that need AWS (`ssm`, `cf`, `s3`), JavaScript or a plugin have no value
here, so that their fallback counts.

Not here: the syntax (`variable_syntax.py`), reading files (`included_files.py`).
Source: "Variables" and "Parameters", Serverless Framework documentation.
"""

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from everwarm.account import ACCOUNT, DEFAULT_REGION
from everwarm.serverless.included_files import IncludedFiles
from everwarm.serverless.nodes import Node, Scalar
from everwarm.serverless.variable_syntax import Call, Literal, Parts, Variable, VariableSyntaxError, parse

DEFAULT_STAGE = "dev"

_NEEDS_AWS = frozenset({"ssm", "cf", "s3"})


@dataclass(frozen=True, slots=True)
class Outside:
    """What variables are answered from besides the files.

    Attributes:
        stage: the stage asked for; None leaves it to `provider.stage`.
        options: command-line options, for `${opt:}`; `region` overrules `provider.region`.
        params: command-line parameters, for `${param:}`.
        environ: environment variables, for `${env:}`.
    """

    stage: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)


class _NoValue(Exception):
    """A source that has no value for an address; the text says why."""


class Variables:
    """The variables of one project.

    Args:
        root: the project file as it is written.
        directory: where the project file lies; included files lie in it, too.
        outside: what else variables are answered from.
    """

    def __init__(self, root: Node, directory: Path, outside: Outside) -> None:
        self._root = root
        self._outside = outside
        self._files = IncludedFiles(directory)
        self._instance_id = uuid.uuid4().hex
        # By identity: the same text at two places is two values. The trees, and these tables, keep the nodes alive.
        self._resolved: dict[int, Node] = {}
        self._expanded: dict[int, Node] = {}
        self._under_way: set[tuple[str, int]] = set()
        self._sources: dict[str, Callable[[tuple[str, ...], str, Node], Node]] = {
            "self": self._from_self,
            "sls": self._from_sls,
            "opt": self._from_options,
            "env": self._from_environ,
            "param": self._from_params,
            "file": self._from_file,
            "strToBool": self._from_text,
            "aws": self._from_aws,
        }

    def stage(self) -> str:
        """The stage: asked for, or `provider.stage`, or `dev`."""
        if self._outside.stage is not None:
            return self._outside.stage
        given = self._find(self._root, ["provider", "stage"])
        return DEFAULT_STAGE if given is None else given.text("provider.stage")

    def region(self) -> str:
        """The region: asked for, or `provider.region`, or `us-east-1`."""
        if "region" in self._outside.options:
            return self._outside.options["region"]
        given = self._find(self._root, ["provider", "region"])
        return DEFAULT_REGION if given is None else given.text("provider.region")

    def resolve(self, node: Node) -> Node:
        """The value with every variable in it replaced, however deep.

        Raises:
            ProjectError: a variable without a value, or that refers to itself, with the place of the value.
        """
        return self._resolve(node, node)

    def _resolve(self, node: Node, variable: Node) -> Node:
        """As `resolve`; `variable` is the value whose variable led here, to be blamed for a circle."""
        if id(node) in self._resolved:
            return self._resolved[id(node)]
        self._enter("resolve", node, variable)
        expanded = self._expand(node)
        variable = variable if expanded is node else node
        if isinstance(expanded.value, dict):
            children = {key: self._resolve(child, variable) for key, child in expanded.value.items()}
            expanded = dataclasses.replace(expanded, value=children)
        elif isinstance(expanded.value, list):
            items = [self._resolve(child, variable) for child in expanded.value]
            expanded = dataclasses.replace(expanded, value=items)
        self._leave("resolve", node)
        self._resolved[id(node)] = expanded
        return expanded

    def _expand(self, node: Node) -> Node:
        """The value itself without variables; what a map or a list holds stays as it is written."""
        if not isinstance(node.value, str) or "${" not in node.value:
            return node
        if id(node) not in self._expanded:
            self._enter("expand", node, node)
            try:
                parts = parse(node.value)
            except VariableSyntaxError as error:
                raise node.error(str(error)) from error
            if len(parts) == 1 and isinstance(parts[0], Variable):
                found = self._value(parts[0], node)
                # A file's value keeps its own place: that is where it has to be changed. Its key is here.
                found = self._final(dataclasses.replace(found, key_place=node.key_place))
            else:
                found = self._made(self._join(parts, node), node)
            self._expanded[id(node)] = found
            self._leave("expand", node)
        return self._expanded[id(node)]

    def _enter(self, what: str, node: Node, variable: Node) -> None:
        if (what, id(node)) in self._under_way:
            raise variable.error(f"{variable.kind} refers to itself")
        self._under_way.add((what, id(node)))

    def _leave(self, what: str, node: Node) -> None:
        self._under_way.discard((what, id(node)))

    def _made(self, value: Scalar, at: Node) -> Node:
        return self._final(dataclasses.replace(at, value=value))

    def _final(self, node: Node) -> Node:
        """Mark a value as one in which `${` is no variable any more."""
        self._expanded[id(node)] = node
        return node

    def _join(self, parts: Parts, at: Node) -> str:
        texts = []
        for part in parts:
            if isinstance(part, Variable):
                # Blamed on the place of use: where it stands, a list may be just what is wanted.
                value = dataclasses.replace(self._value(part, at), place=at.place)
                texts.append(value.text(f"{part.text} inside text"))
            else:
                texts.append(part)
        return "".join(texts)

    def _value(self, variable: Variable, at: Node) -> Node:
        reasons = []
        for source in variable.sources:
            if isinstance(source, Literal):
                return self._made(source.value, at)
            try:
                found = self._value(source, at) if isinstance(source, Variable) else self._ask(source, at)
            except _NoValue as no_value:
                reasons.append(str(no_value))
                continue
            if found.value is not None:
                return found
            reasons.append("its value is null")
        raise at.error(
            f"{variable.text} has no value: {'; '.join(reasons)}. "
            f"A fallback may be given: {variable.text[:-1]}, 'some value'}}"
        )

    def _ask(self, call: Call, at: Node) -> Node:
        if call.source in _NEEDS_AWS:
            raise _NoValue(f"{call.source} asks AWS, and has no answer on this machine")
        if call.source not in self._sources:
            raise _NoValue(f"{call.source} is not a source that everwarm knows")
        parameters = tuple(self._join(parameter, at) for parameter in call.parameters)
        address = self._join(call.address or (), at)
        return self._expand(self._sources[call.source](parameters, address, at))

    def _find(self, start: Node, keys: Iterable[str]) -> Node | None:
        """The value at the end of a way of keys and list indexes; None where it ends early or at null."""
        node = self._expand(start)
        for key in keys:
            if isinstance(node.value, dict) and key in node.value:
                node = self._expand(node.value[key])
            elif isinstance(node.value, list) and key.isdecimal() and len(key) < 9 and int(key) < len(node.value):
                node = self._expand(node.value[int(key)])
            else:
                return None
        return None if node.value is None else node

    def _from_self(self, parameters: tuple[str, ...], address: str, at: Node) -> Node:
        found = self._find(self._root, address.split(".") if address else [])
        if found is None:
            raise _NoValue(f"the file has no {address}")
        return found

    def _from_sls(self, parameters: tuple[str, ...], address: str, at: Node) -> Node:
        if address == "stage":
            return self._made(self.stage(), at)
        if address == "instanceId":
            return self._made(self._instance_id, at)
        raise _NoValue(f"sls has stage and instanceId, not {address!r}")

    def _from_options(self, parameters: tuple[str, ...], address: str, at: Node) -> Node:
        if address == "stage" and self._outside.stage is not None:
            return self._made(self._outside.stage, at)
        if address not in self._outside.options:
            raise _NoValue(f"there is no option --{address}")
        return self._made(self._outside.options[address], at)

    def _from_environ(self, parameters: tuple[str, ...], address: str, at: Node) -> Node:
        if address not in self._outside.environ:
            raise _NoValue(f"there is no environment variable {address}")
        return self._made(self._outside.environ[address], at)

    def _from_params(self, parameters: tuple[str, ...], address: str, at: Node) -> Node:
        if address in self._outside.params:
            return self._made(self._outside.params[address], at)
        for stage in (self.stage(), "default"):
            for way in (["params", stage, address], ["stages", stage, "params", address]):
                if (found := self._find(self._root, way)) is not None:
                    return found
        raise _NoValue(f"there is no parameter {address}")

    def _from_file(self, parameters: tuple[str, ...], address: str, at: Node) -> Node:
        name = parameters[0] if parameters else ""
        if name.endswith((".js", ".cjs", ".mjs", ".ts")):
            raise _NoValue(f"{name} is JavaScript, which is not run here")
        content = self._files.read(name, at)
        if content is None:
            raise _NoValue(f"there is no file {name!r}")
        found = self._find(content, address.split(".") if address else [])
        if found is None:
            raise _NoValue(f"{name} has no {address}")
        return found

    def _from_text(self, parameters: tuple[str, ...], address: str, at: Node) -> Node:
        text = parameters[0].strip().lower() if parameters else ""
        if text not in ("true", "1", "false", "0"):
            raise at.error(f"strToBool takes true, false, 1 or 0, not {text!r}")
        return self._made(text in ("true", "1"), at)

    def _from_aws(self, parameters: tuple[str, ...], address: str, at: Node) -> Node:
        if address == "region":
            return self._made(self.region(), at)
        if address == "accountId":
            return self._made(ACCOUNT, at)
        raise _NoValue(f"aws has region and accountId, not {address!r}")
