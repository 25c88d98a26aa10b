"""CloudFormation's functions: Ref, Fn::GetAtt, Fn::Sub and their like replaced by what they stand for.

Not here: the short tags (`yaml_file.py` has made them long), the framework's own `${variables}` (`variables.py`).
Source: "Intrinsic function reference" and "Pseudo parameters reference", CloudFormation User Guide.
"""

import base64
import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from everwarm.errors import ProjectError
from everwarm.serverless.json_text import json_text
from everwarm.serverless.nodes import Node, Place

Attributes = Mapping[str, Mapping[str, str]]
"""What resources that exist are known by: `{logical id: {"Ref": name, "Arn": ..., "StreamArn": ...}}`."""

# Zones, networks and macros of an account.
_ASK_AWS = frozenset({"Fn::Cidr", "Fn::GetAZs", "Fn::Transform"})

_IN_SUB = re.compile(r"\$\{([^}]*)\}")


class NotCreatedHere(ProjectError):
    """The value belongs to something that exists on AWS but is not created on this machine."""


@dataclass(frozen=True, slots=True)
class Template:
    """The parts of a CloudFormation template that values refer to.

    Attributes:
        resources, conditions, parameters, mappings: the sections of these names.
        pseudo: the pseudo parameters, `AWS::Region` say.
        attributes: the resources that exist.
        generated: logical ids of resources that the framework adds and that are not created here.
        extensions: what the author changes in resources that the framework adds, by logical id.
    """

    resources: Mapping[str, Node] = field(default_factory=dict)
    conditions: Mapping[str, Node] = field(default_factory=dict)
    parameters: Mapping[str, Node] = field(default_factory=dict)
    mappings: Mapping[str, Node] = field(default_factory=dict)
    pseudo: Mapping[str, str] = field(default_factory=dict)
    attributes: Attributes = field(default_factory=dict)
    generated: frozenset[str] = frozenset()
    extensions: Mapping[str, Node] = field(default_factory=dict)

    def with_attributes(self, attributes: Attributes) -> "Template":
        """The same template, with more resources that exist."""
        return dataclasses.replace(self, attributes={**self.attributes, **attributes})

    def evaluate(self, node: Node) -> Node | None:
        """The value with every function in it answered; None where it is AWS::NoValue, that is, to be left out.

        Raises:
            NotCreatedHere: it depends on a resource that is not created on this machine.
            ProjectError: a function that is not known or wrongly used, a name that stands for nothing.
        """
        if isinstance(node.value, list):
            values = [self.evaluate(child) for child in node.value]
            return dataclasses.replace(node, value=[value for value in values if value is not None])
        if not isinstance(node.value, dict):
            return node
        if (call := _call(node)) is not None:
            return self._function(*call, node)
        children = {key: self.evaluate(child) for key, child in node.value.items()}
        return dataclasses.replace(node, value={key: child for key, child in children.items() if child is not None})

    def is_wanted(self, logical_id: str, resource: Node) -> bool:
        """Whether a resource is there: it has no condition, or one that holds."""
        condition = resource.get("Condition")
        return condition is None or self.holds(condition.text(f"Condition of {logical_id}"), condition)

    def holds(self, condition: str, at: Node) -> bool:
        """Whether the condition of this name is true."""
        return self._condition(condition, at, ())

    def _function(self, name: str, argument: Node, at: Node) -> Node | None:
        functions: dict[str, Callable[[Node, Node], Node | None]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::If": self._if,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Base64": self._base64,
            "Fn::Length": self._length,
            "Fn::ToJsonString": self._to_json,
            "Fn::ImportValue": self._import_value,
        }
        if name in _ASK_AWS:
            raise _not_created(at.place, f"{name} is answered by AWS alone")
        if name not in functions:
            raise at.error(f"{name} is a function that everwarm does not have")
        return functions[name](argument, at)

    def _ref(self, argument: Node, at: Node) -> Node | None:
        return self._referred(argument.text("what Ref names"), at)

    def _referred(self, name: str, at: Node) -> Node | None:
        if name == "AWS::NoValue":
            return None
        if name in self.pseudo:
            return dataclasses.replace(at, value=self.pseudo[name])
        if name in self.parameters:
            return self._parameter(name, at)
        return self.attribute(name, "Ref", at)

    def _parameter(self, name: str, at: Node) -> Node:
        default = self.parameters[name].get("Default")
        if default is None:
            raise at.error(f"the parameter {name} has no Default, and there is nobody here to give it a value")
        kind = self.parameters[name].get("Type")
        if kind is not None and kind.value in ("CommaDelimitedList", "List<Number>"):
            parts = default.text(f"Default of the parameter {name}").split(",")
            return dataclasses.replace(at, value=Node.of([part.strip() for part in parts], default.place).value)
        return dataclasses.replace(default, key_place=at.key_place)

    def _get_att(self, argument: Node, at: Node) -> Node:
        if isinstance(argument.value, str):
            parts = argument.value.split(".", 1)
        else:
            parts = [part.text("a part of Fn::GetAtt") for part in argument.sequence("Fn::GetAtt")]
        if len(parts) != 2:
            raise at.error("Fn::GetAtt takes a logical id and an attribute: Table.StreamArn")
        return self.attribute(parts[0], parts[1], at)

    def attribute(self, logical_id: str, attribute: str, at: Node) -> Node:
        """What Fn::GetAtt would answer; `Ref` is an attribute, too. Errors as for `evaluate`."""
        if attribute in self.attributes.get(logical_id, {}):
            return dataclasses.replace(at, value=self.attributes[logical_id][attribute])
        if logical_id in self.attributes:
            has = ", ".join(name for name in self.attributes[logical_id] if name != "Ref")
            hint = "; a stream needs StreamSpecification" if attribute == "StreamArn" else ""
            raise at.error(f"{logical_id} has no attribute {attribute}, only {has}{hint}")
        if logical_id in self.resources or logical_id in self.generated:
            raise _not_created(at.place, f"{logical_id} is not created here")
        raise at.error(f"there is no resource or parameter called {logical_id}")

    def _sub(self, argument: Node, at: Node) -> Node:
        local: dict[str, Node | None] = {}
        if isinstance(argument.value, list):
            if len(argument.value) != 2:
                raise at.error("Fn::Sub takes a text, or a list of a text and a map")
            variables = argument.value[1].mapping("the map of Fn::Sub")
            local = {name: self.evaluate(value) for name, value in variables.items()}
            argument = argument.value[0]

        def one(found: re.Match[str]) -> str:
            name = found.group(1).strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in local:
                value = local[name]
            elif "." in name and name not in self.parameters:
                logical_id, attribute = name.split(".", 1)
                value = self.attribute(logical_id, attribute, at)
            else:
                value = self._referred(name, at)
            if value is None:
                raise at.error(f"{name} has no value that Fn::Sub could put into text")
            return value.text(f"{name} in Fn::Sub")

        return dataclasses.replace(at, value=_IN_SUB.sub(one, argument.text("the text of Fn::Sub")))

    def _arguments(self, name: str, argument: Node, count: int) -> list[Node]:
        given = argument.sequence(name)
        values = [value for value in map(self.evaluate, given) if value is not None]
        if len(given) != count or len(values) != count:
            raise argument.error(f"{name} takes a list of {count} values")
        return values

    def _join(self, argument: Node, at: Node) -> Node:
        separator, listed = self._arguments("Fn::Join", argument, 2)
        texts = [value.text("a value of Fn::Join") for value in listed.sequence("what Fn::Join joins")]
        return dataclasses.replace(at, value=separator.text("the separator of Fn::Join").join(texts))

    def _select(self, argument: Node, at: Node) -> Node:
        index, listed = self._arguments("Fn::Select", argument, 2)
        values = listed.sequence("what Fn::Select selects from")
        wanted = index.whole_number("the index of Fn::Select")
        if not 0 <= wanted < len(values):
            raise at.error(f"there is no value {wanted} in the list of {len(values)} that Fn::Select takes")
        return dataclasses.replace(values[wanted], key_place=at.key_place)

    def _split(self, argument: Node, at: Node) -> Node:
        separator, text = self._arguments("Fn::Split", argument, 2)
        by = separator.text("the separator of Fn::Split")
        if not by:
            raise at.error("the separator of Fn::Split is empty")
        parts = text.text("what Fn::Split splits").split(by)
        return dataclasses.replace(at, value=Node.of(parts, at.place).value)

    def _if(self, argument: Node, at: Node) -> Node | None:
        branches = argument.sequence("Fn::If")
        if len(branches) != 3:
            raise at.error("Fn::If takes a condition's name and two values")
        chosen = branches[1] if self.holds(branches[0].text("the condition of Fn::If"), at) else branches[2]
        return self.evaluate(dataclasses.replace(chosen, key_place=at.key_place))

    def _find_in_map(self, argument: Node, at: Node) -> Node:
        name, *keys = (key.text("a key of Fn::FindInMap") for key in self._arguments("Fn::FindInMap", argument, 3))
        found = self.mappings.get(name)
        for key in keys:
            found = found.get(key) if found is not None else None
        if found is None:
            raise at.error(f"Mappings has no {'.'.join([name, *keys])}")
        return dataclasses.replace(found, key_place=at.key_place)

    def _base64(self, argument: Node, at: Node) -> Node:
        value = self.evaluate(argument)
        text = "" if value is None else value.text("what Fn::Base64 takes")
        return dataclasses.replace(at, value=base64.b64encode(text.encode()).decode())

    def _length(self, argument: Node, at: Node) -> Node:
        value = self.evaluate(argument)
        listed = [] if value is None else value.sequence("what Fn::Length counts")
        return dataclasses.replace(at, value=len(listed))

    def _to_json(self, argument: Node, at: Node) -> Node:
        value = self.evaluate(argument)
        if value is None:
            raise at.error("Fn::ToJsonString takes a map or a list")
        return dataclasses.replace(at, value=json_text(value))

    def _import_value(self, argument: Node, at: Node) -> Node:
        raise _not_created(at.place, "Fn::ImportValue takes a value of another stack, which is not created here")

    def _condition(self, name: str, at: Node, asked: tuple[str, ...]) -> bool:
        if name not in self.conditions:
            raise at.error(f"there is no condition called {name}")
        if name in asked:
            raise self.conditions[name].error(f"the condition {name} refers to itself")
        return self._truth(self.conditions[name], (*asked, name))

    def _truth(self, node: Node, asked: tuple[str, ...]) -> bool:
        name, argument = _call(node, "Condition") or ("", node)
        match name:
            case "Condition":
                return self._condition(argument.text("a condition's name"), node, asked)
            case "Fn::Equals":
                left, right = self._arguments(name, argument, 2)
                return left.text("what Fn::Equals compares") == right.text("what Fn::Equals compares")
            case "Fn::Not":
                if len(argument.sequence(name)) != 1:
                    raise node.error("Fn::Not takes a list of one condition")
                return not self._truth(argument.sequence(name)[0], asked)
            case "Fn::And":
                return all(self._truth(part, asked) for part in argument.sequence(name))
            case "Fn::Or":
                return any(self._truth(part, asked) for part in argument.sequence(name))
        raise node.error("a condition is one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition")


def _call(node: Node, *more_names: str) -> tuple[str, Node] | None:
    """The function that a value is a call of, and its argument."""
    if not isinstance(node.value, dict) or len(node.value) != 1:
        return None
    ((name, argument),) = node.value.items()
    return (name, argument) if name == "Ref" or name.startswith("Fn::") or name in more_names else None


def _not_created(place: Place, problem: str) -> NotCreatedHere:
    return NotCreatedHere(problem, place.path, place.line, place.column)
