"""Classes with fields: dataclasses, NamedTuples, TypedDicts, pydantic's models. In the table each is a Map.

A field that a stored value lacks gets its default, and one that the class lacks is passed over: a class may grow and
shrink while values of its earlier form are in the table. What cannot be read in this way is loaded again.
"""

import dataclasses
import sys
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

from everwarm.cache.values.node import ANY_TAG, Node, Rank
from everwarm.cache.values.numerals import decimal_text
from everwarm.cache.values.plain import LOSSLESS, PLAIN, key_text, set_of
from everwarm.cache.values.refusal import Refused, a, kind, refuse_deep
from everwarm.cache.values.scalars import other_type
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import UnstorableValue

Build = Callable[[Any], Node]
_MAP = frozenset({"M"})
_NATIVE = (str, int, float, bytes, bytearray, type(None))


def hints_of(type_: type) -> dict[str, Any]:
    """The annotations of a class's fields.

    Raises:
        UnstorableValue: one of them names what is not there while the program runs.
    """
    try:
        return typing.get_type_hints(type_, localns={type_.__name__: type_}, include_extras=False)
    except NameError as error:
        raise UnstorableValue(
            f"the annotations of {type_.__qualname__} cannot be resolved: {error}; import the name outside of "
            "`if TYPE_CHECKING`, and define it at the module's level"
        ) from None


def _encode_fields(fields: Mapping[str, Node], value: Any, depth: int) -> AttributeValue:
    refuse_deep(depth)
    written = {}
    name = ""
    try:
        for name, node in fields.items():
            written[name] = node.encode(getattr(value, name), depth + 1)
    except Refused as refused:
        refused.at_name(name, value)
        raise
    return {"M": written}


def _reader(
    make: Callable[..., Any], positional: Mapping[str, Node], by_name: Mapping[str, Node]
) -> Callable[[AttributeValue], Any]:
    """What makes an object of a map: quickly where all is there, and field by field where a default is needed."""
    fields = {**positional, **by_name}
    places = [(name, node.decode) for name, node in positional.items()]
    named = [(name, node.decode) for name, node in by_name.items()]
    leaves = [(name, node.leaf.tag, node.leaf.reader) for name, node in fields.items() if node.leaf]

    def some(inner: dict[str, AttributeValue]) -> Any:
        return make(**{name: node.decode(inner[name]) for name, node in fields.items() if name in inner})

    def of_leaves(attribute: AttributeValue) -> Any:
        inner = attribute["M"]
        try:
            return make(*[read(inner[name][tag]) for name, tag, read in leaves])
        except KeyError:
            return some(inner)

    def of_any(attribute: AttributeValue) -> Any:
        inner = attribute["M"]
        try:
            return make(
                *[decode(inner[name]) for name, decode in places],
                **{name: decode(inner[name]) for name, decode in named},
            )
        except KeyError:
            return some(inner)

    return of_leaves if len(leaves) == len(fields) and not named else of_any


def dataclass_node(type_: type, build: Build) -> Node:
    """A dataclass: made by calling it, after which fields that its constructor does not take are set as they were.

    Raises:
        UnstorableValue: its constructor wants what is no field.
    """
    hints = hints_of(type_)
    missing = [name for name, hint in vars(type_).get("__annotations__", {}).items() if _is_init_var(hint)]
    if missing:
        raise UnstorableValue(
            f"{type_.__qualname__} cannot be made again of its fields: {missing[0]} is an InitVar, which nothing keeps"
        )
    fields = dataclasses.fields(type_)
    nodes = {field.name: build(hints[field.name]) for field in fields}
    positional = {field.name: nodes[field.name] for field in fields if field.init and not field.kw_only}
    by_name = {field.name: nodes[field.name] for field in fields if field.init and field.kw_only}
    computed = [(field.name, nodes[field.name].decode) for field in fields if not field.init]

    def encode(value: Any, depth: int) -> AttributeValue:
        if value.__class__ is not type_:
            raise other_type(value, type_.__qualname__)
        return _encode_fields(nodes, value, depth)

    made = _reader(type_, positional, by_name)
    if not computed:
        return Node(encode, made, _MAP, type_.__qualname__, Rank.MODEL)

    def decode(attribute: AttributeValue) -> Any:
        value = made(attribute)
        inner = attribute["M"]
        for name, read in computed:
            if name in inner:
                object.__setattr__(value, name, read(inner[name]))
        return value

    return Node(encode, decode, _MAP, type_.__qualname__, Rank.MODEL)


def _is_init_var(hint: Any) -> bool:
    return isinstance(hint, dataclasses.InitVar) or (isinstance(hint, str) and "InitVar" in hint)


def named_tuple_node(type_: type, build: Build, plain: Node) -> Node:
    """A NamedTuple, or what `collections.namedtuple` makes."""
    hints = hints_of(type_)
    names: tuple[str, ...] = type_._fields  # type: ignore[attr-defined]
    nodes = {name: build(hints[name]) if name in hints else plain for name in names}

    def encode(value: Any, depth: int) -> AttributeValue:
        if value.__class__ is not type_:
            raise other_type(value, type_.__qualname__)
        return _encode_fields(nodes, value, depth)

    return Node(encode, _reader(type_, nodes, {}), _MAP, type_.__qualname__, Rank.MODEL)


def typed_dict_node(type_: type, build: Build, plain: Node) -> Node:
    """A TypedDict. Keys that it does not name are kept, for a dict may have them."""
    nodes = {name: build(hint) for name, hint in hints_of(type_).items()}
    readers = {name: node.decode for name, node in nodes.items()}
    other = plain.decode

    def encode(value: Any, depth: int) -> AttributeValue:
        if not isinstance(value, dict):
            raise other_type(value, type_.__qualname__)
        refuse_deep(depth)
        written = {}
        at: Any = None
        try:
            for key, inner in value.items():
                at = None
                checked = key_text(key)
                at = key
                written[checked] = nodes.get(key, plain).encode(inner, depth + 1)
        except Refused as refused:
            if at is not None:
                refused.at_name(at, value)
            raise
        return {"M": written}

    def decode(attribute: AttributeValue) -> Any:
        return {name: readers.get(name, other)(inner) for name, inner in attribute["M"].items()}

    return Node(encode, decode, _MAP, type_.__qualname__, Rank.MODEL)


def is_pydantic(type_: type) -> bool:
    """Whether it is one of pydantic's models; without importing it, for a model's own module has."""
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and issubclass(type_, pydantic.BaseModel)


def pydantic_node(type_: Any) -> Node:
    """A pydantic model: dumped by pydantic, written as near to DynamoDB's types as can be, validated when it is read.

    What does not come back as it was (a secret, a field that a serializer of the class makes less of) is refused.
    """
    name = type_.__qualname__

    def dump(value: Any) -> Any:
        return value.model_dump(mode="python", round_trip=True, warnings=False)

    def decode(attribute: AttributeValue) -> Any:
        # By the fields' names, whatever aliases they have elsewhere.
        return type_.model_validate(LOSSLESS.decode(attribute), by_name=True, by_alias=False)

    def encode(value: Any, depth: int) -> AttributeValue:
        if not isinstance(value, type_):
            raise other_type(value, name)
        dumped = dump(value)
        attribute = _dumped(dumped, depth)
        try:
            same = dump(decode(attribute)) == dumped
        except ValueError as error:
            raise Refused(f"{name} does not take what it gives: {error}") from error
        if not same:
            raise Refused(f"{a(kind(value))} would not come back as it is: its dump does not hold all of it")
        return attribute

    # The dump of a RootModel is whatever its root is.
    return Node(encode, decode, ANY_TAG if type_.__pydantic_root_model__ else _MAP, name, Rank.MODEL)


def _dumped(value: Any, depth: int) -> AttributeValue:
    """A part of a model's dump: as plain values are written, and what is none as pydantic would have it in JSON."""
    from pydantic_core import to_jsonable_python

    if isinstance(value, dict):
        refuse_deep(depth)
        written = {}
        key: Any = None
        try:
            for key, inner in value.items():
                text = key if isinstance(key, str) else str(to_jsonable_python(key))
                written[key_text(text)] = _dumped(inner, depth + 1)
        except Refused as refused:
            refused.at_name(key, value)
            raise
        return {"M": written}
    if isinstance(value, list | tuple | set | frozenset):
        refuse_deep(depth)
        members: list[AttributeValue] = []
        try:
            for inner in value:
                members.append(_dumped(inner, depth + 1))
        except Refused as refused:
            refused.at_index(len(members), value)
            raise
        found = set_of(members) if isinstance(value, set | frozenset) else None
        return found or {"L": members}
    if isinstance(value, Decimal):
        return {"N": decimal_text(value)}
    if isinstance(value, _NATIVE) and not isinstance(value, Enum):
        return PLAIN.encode(value, depth)
    try:
        return PLAIN.encode(to_jsonable_python(value), depth)
    except ValueError as error:  # PydanticSerializationError
        raise Refused(f"pydantic cannot write it: {error}") from error
