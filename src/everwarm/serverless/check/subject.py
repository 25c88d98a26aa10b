"""What the rules look at: a project, each of its triggers with all that belongs to it, and the code.

The code of functions is read here, once and before any rule; rules are functions of what they are given.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from everwarm.lambdas.functions import Function
from everwarm.serverless.check import code
from everwarm.serverless.check.code import Code
from everwarm.serverless.check.finding import Finding, Rule, Weight
from everwarm.serverless.functions import FunctionSource
from everwarm.serverless.iam import Role, role
from everwarm.serverless.mappings import Trigger
from everwarm.serverless.nodes import Node, Place
from everwarm.serverless.packaging import Package, package
from everwarm.serverless.project import Project
from everwarm.serverless.stream_event import PROPERTIES
from everwarm.serverless.tables import TableResource

_SETTING = {name: setting for setting, name in PROPERTIES.items()}


@dataclass(frozen=True, slots=True)
class CheckedFunction:
    """A function, and what is known of it besides its settings.

    Attributes:
        function: as it is built, with its environment.
        source: as the file has it.
    """

    function: Function
    source: FunctionSource
    code: Code
    role: Role
    package: Package

    @property
    def key(self) -> str:
        """Its name inside the file."""
        return self.source.key

    @property
    def place(self) -> Place:
        """Where it begins in the file."""
        return self.source.node.key_place

    def place_of(self, *settings: str) -> Place:
        """Where the first of these settings stands that the function has; else where the function begins."""
        for setting in settings:
            if (node := self.source.node.get(setting)) is not None:
                return node.key_place
        return self.place


@dataclass(frozen=True, slots=True)
class CheckedTrigger:
    """A trigger, its function, and its table where the file has it."""

    trigger: Trigger
    called: CheckedFunction
    table: TableResource | None

    @property
    def words(self) -> str:
        """The trigger, in words."""
        if self.trigger.is_event:
            return f"the stream event of function {self.trigger.function_key}"
        return f"the mapping {self.trigger.logical_id}"

    @property
    def view_type(self) -> str | None:
        """What the stream's records carry; None where the file does not have the table."""
        if self.table is None:
            return None
        view_type: str = self.table.create_request["StreamSpecification"]["StreamViewType"]
        return view_type

    def given(self, name: str) -> Node | None:
        """A setting as the author gave it, by CloudFormation's name; None where it is a default."""
        node = self.trigger.properties.get(name)
        return None if node is None or node.key_place == self.trigger.node.key_place else node

    def place_of(self, name: str) -> Place:
        """Where a setting stands; where it is a default, where the trigger begins."""
        node = self.given(name)
        return self.trigger.node.key_place if node is None else node.key_place

    def setting(self, name: str) -> str:
        """What the author calls a setting, by CloudFormation's name."""
        return _SETTING.get(name, name) if self.trigger.is_event else name

    def fix(self, **settings: str) -> str:
        """Settings to paste, by CloudFormation's names, as the author's own kind of map has them."""
        return "\n".join(f"{self.setting(name)}: {value}" for name, value in settings.items())

    def finding(self, rule: Rule, name: str, what: str, fix: str = "", lighter: Weight | None = None) -> Finding:
        """A finding about a setting."""
        return Finding(rule, self.place_of(name), what, fix, lighter)


@dataclass(frozen=True, slots=True)
class Subject:
    """All that is checked."""

    project: Project
    functions: tuple[CheckedFunction, ...]
    triggers: tuple[CheckedTrigger, ...]

    @classmethod
    def of(cls, project: Project) -> "Subject":
        """Read the code of a project's functions, and put all parts together."""
        functions = {}
        provider = project.root.get("provider")
        for function, source in zip(project.functions(project.template.attributes), project.sources, strict=True):
            functions[source.key] = CheckedFunction(
                function,
                source,
                code.read(function.code_dir, function.handler, function.runtime),
                role(provider, source.node, project.template),
                package(project.root, source.node, project.path.name),
            )
        tables = {table.logical_id: table for table in project.tables}
        triggers = tuple(
            CheckedTrigger(
                trigger,
                functions[trigger.function_key],
                None if trigger.table_logical_id is None else tables[trigger.table_logical_id],
            )
            for trigger in project.triggers
        )
        return cls(project, tuple(functions.values()), triggers)

    def tables_of(self, function: CheckedFunction) -> Iterator[TableResource]:
        """The tables of the file that a function's environment names, by name or by ARN, or its code, in quotes."""
        values = set(function.function.environment.values())
        for table in self.project.tables:
            arn = self.project.template.attributes[table.logical_id]["Arn"]
            if table.name in values or arn in values or function.code.has(rf"""['"]{re.escape(table.name)}['"]"""):
                yield table
