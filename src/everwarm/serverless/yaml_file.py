"""YAML text into nodes, as the Serverless Framework's loader reads it.

YAML 1.2: `yes` and a date are text. CloudFormation's short tags become their long form, `!GetAtt Table.Arn` for one
`{"Fn::GetAtt": ["Table", "Arn"]}`. A key that stands twice in a map is an error, as it is in the framework.

Not here: what the values mean.
"""

from collections.abc import Callable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from everwarm.errors import ProjectError
from everwarm.serverless.nodes import Node, Place, Scalar, number_text

_YAML_TAG = "tag:yaml.org,2002:"
_MERGE_TAG = f"{_YAML_TAG}merge"

# Source: "Intrinsic function reference", CloudFormation User Guide. Ref and Condition have no `Fn::`.
_FN_NAMES = (
    "And Base64 Cidr Equals FindInMap GetAtt GetAZs If ImportValue Join Length Not Or Select Split Sub ToJsonString "
    "Transform"
)
_SHORT_TAGS = {"!Ref": "Ref", "!Condition": "Condition"} | {f"!{name}": f"Fn::{name}" for name in _FN_NAMES.split(" ")}

# An alias inside an alias inside an alias makes a small file a large one.
MOST_VALUES = 100_000
MOST_LEVELS = 100


def load(text: str, path: str) -> Node:
    """The one document that a YAML text holds.

    Args:
        text: the file's content.
        path: the file's name, for errors.

    Raises:
        ProjectError: broken YAML, a key that stands twice, an unknown tag; with line and column.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False  # the later one counts, as the YAML specification says
    try:
        root = yaml.compose(text)
    except ReaderError as error:
        before = text[: error.position]
        place = Place(path, before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise place.error(f"this is not YAML: {error.reason}") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _place(path, mark).error(f"this is not YAML: {error.problem or error.context}") from error
    except RecursionError as error:
        raise ProjectError("this is nested too deeply", path, 1, 1) from error
    except (YAMLError, ValueError, AssertionError, AttributeError, IndexError, TypeError) as error:
        # The parser meets some malformed texts with an error that is not its own.
        raise ProjectError(f"this is not YAML: {error}", path, 1, 1) from error
    if root is None:
        return Node.of(None, Place(path, 1, 1))
    return _Converter(path).node(root, levels=0)


def _place(path: str, mark: Any) -> Place:
    return Place(path, mark.line + 1, mark.column + 1) if mark is not None else Place(path, 1, 1)


class _Converter:
    """Turns one file's YAML nodes into ours, counting them."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.values = 0

    def node(self, yaml_node: Any, *, levels: int, key_place: Place | None = None) -> Node:
        place = _place(self.path, yaml_node.start_mark)
        self.values += 1
        if levels > MOST_LEVELS or self.values > MOST_VALUES:
            raise place.error(f"the file has more than {MOST_LEVELS} levels or {MOST_VALUES:,} values")
        tag = str(yaml_node.tag)
        if tag in _SHORT_TAGS:
            return self._function(_SHORT_TAGS[tag], yaml_node, place, key_place or place, levels)
        match yaml_node:
            case MappingNode() if tag == f"{_YAML_TAG}map":
                return Node(self._mapping(yaml_node, levels), place, key_place or place)
            case SequenceNode() if tag == f"{_YAML_TAG}seq":
                return Node(self._sequence(yaml_node, levels), place, key_place or place)
            case ScalarNode():
                return Node(_scalar(tag, yaml_node.value, place), place, key_place or place)
        raise place.error(f"the tag {tag.replace(_YAML_TAG, '!!')} does not fit here")

    def _function(self, name: str, yaml_node: Any, place: Place, key_place: Place, levels: int) -> Node:
        argument: Node
        if isinstance(yaml_node, MappingNode):
            argument = Node(self._mapping(yaml_node, levels), place, place)
        elif isinstance(yaml_node, SequenceNode):
            argument = Node(self._sequence(yaml_node, levels), place, place)
        elif name == "Fn::GetAtt":
            argument = Node.of(yaml_node.value.split(".", 1), place)
        else:
            argument = Node.of(yaml_node.value, place)
        return Node({name: argument}, place, key_place)

    def _sequence(self, yaml_node: Any, levels: int) -> list[Node]:
        return [self.node(item, levels=levels + 1) for item in yaml_node.value]

    def _mapping(self, yaml_node: Any, levels: int) -> dict[str, Node]:
        own: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for key, value in yaml_node.value:
            place = _place(self.path, key.start_mark)
            if not isinstance(key, ScalarNode):
                raise place.error("a key has to be text")
            if key.tag == _MERGE_TAG:
                for inherited_name, inherited in self._merge(value, levels):
                    merged.setdefault(inherited_name, inherited)
                continue
            name = _key(_scalar(str(key.tag), key.value, place))
            if name in own:
                raise place.error(f"the key {name!r} stands twice in this map")
            own[name] = self.node(value, levels=levels + 1, key_place=place)
        return merged | own

    def _merge(self, yaml_node: Any, levels: int) -> list[tuple[str, Node]]:
        sources = self.node(yaml_node, levels=levels + 1)
        listed = sources.value if isinstance(sources.value, list) else [sources]
        return [pair for source in listed for pair in source.mapping("what << merges").items()]


def _key(scalar: Scalar) -> str:
    """A key as the framework has it, where it is a property of a JavaScript object: `NULL` without quotes is `null`."""
    if isinstance(scalar, str):
        return scalar
    if scalar is None or isinstance(scalar, bool):
        return "null" if scalar is None else str(scalar).lower()
    return number_text(scalar)


def _scalar(tag: str, text: str, place: Place) -> Scalar:
    kind = tag.removeprefix(_YAML_TAG)
    if kind in _READERS:
        try:
            return _READERS[kind](text)
        except (ValueError, OverflowError) as error:
            raise place.error(f"{text[:40]!r} is not of the type !!{kind}") from error
    if kind in _TEXT_KINDS:
        return text
    raise place.error(f"the tag {tag.replace(_YAML_TAG, '!!')} is not known here")


# What the parser takes for a date, or for YAML 1.1's `=`, is text to us.
_TEXT_KINDS = frozenset({"str", "timestamp", "value", "merge"})


def _boolean(text: str) -> bool | str:
    # Under `%YAML 1.1` the parser calls `yes` a boolean; the framework's does not.
    return text.lower() == "true" if text.lower() in ("true", "false") else text


def _integer(text: str) -> int:
    digits = text.replace("_", "").lower()
    return int(digits, 0) if digits.lstrip("+-")[:2] in ("0x", "0o", "0b") else int(digits)


def _float(text: str) -> float:
    digits = text.replace("_", "").lower()
    return float(digits.replace(".inf", "inf").replace(".nan", "nan"))


_READERS: dict[str, Callable[[str], Scalar]] = {
    "null": lambda _: None,
    "bool": _boolean,
    "int": _integer,
    "float": _float,
}
