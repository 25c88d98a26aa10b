"""Values that hold values: lists, tuples, sets, dicts; and a type or None, and one of several types."""

import dataclasses
from collections import abc
from collections.abc import Callable
from typing import Any

from everwarm.cache.values.node import ANY_TAG, Decode, Leaf, Node, Rank
from everwarm.cache.values.plain import PLAIN, PLAIN_DECIMALS, key_text, set_of
from everwarm.cache.values.refusal import Refused, refuse_deep
from everwarm.cache.values.scalars import SCALARS, other_type
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import UnstorableValue


def optional_node(node: Node) -> Node:
    """A type, or None."""

    def encode(value: Any, depth: int) -> AttributeValue:
        return {"NULL": True} if value is None else node.encode(value, depth)

    decode = node.decode
    return Node(
        encode,
        lambda attribute: None if "NULL" in attribute else decode(attribute),
        node.tags | {"NULL"},
        f"{node.name} | None",
        node.rank,
    )


def union_node(nodes: list[Node]) -> Node:
    """One of several types: the first that takes a value, and the first that reads what was written.

    These can be two, as with `str | datetime` and a text that is a date. What would come back as another is refused.
    """
    ordered = sorted(nodes, key=lambda node: node.rank)
    name = " | ".join(node.name for node in nodes)
    candidates = {tag: [node for node in ordered if tag in node.tags] for tag in ANY_TAG}
    readers = {tag: _first_of([node.decode for node in found]) for tag, found in candidates.items() if found}

    def encode(value: Any, depth: int) -> AttributeValue:
        deepest: Refused | None = None
        for node in ordered:
            try:
                attribute = node.encode(value, depth)
            except Refused as refused:
                if deepest is None or refused.depth > deepest.depth:
                    deepest = refused
                continue
            if len(candidates[next(iter(attribute))]) > 1 and decode(attribute) != value:
                raise Refused(f"it would come back as another type of {name}; make them differ in a field or in form")
            return attribute
        assert deepest is not None
        raise deepest if deepest.depth else other_type(value, name)

    def decode(attribute: AttributeValue) -> Any:
        [tag] = attribute
        return readers[tag](attribute)

    return Node(encode, decode, frozenset().union(*(node.tags for node in nodes)), name)


def _first_of(decoders: list[Decode]) -> Decode:
    """The first of several that can read an attribute."""
    if len(decoders) == 1:
        return decoders[0]

    def decode(attribute: AttributeValue) -> Any:
        for one in decoders[:-1]:
            try:
                return one(attribute)
            except (LookupError, TypeError, ValueError, ArithmeticError):
                continue
        return decoders[-1](attribute)

    return decode


def _members(member: Node, values: abc.Iterable[Any], depth: int, holder: Any) -> list[AttributeValue]:
    refuse_deep(depth)
    encode = member.encode
    written: list[AttributeValue] = []
    try:
        for value in values:
            written.append(encode(value, depth + 1))
    except Refused as refused:
        refused.at_index(len(written), holder)
        raise
    return written


def _read_members(member: Node) -> Callable[[AttributeValue], list[Any]]:
    """From an L to the values of its members."""
    leaf, decode = member.leaf, member.decode
    if leaf is None:
        return lambda attribute: [decode(inner) for inner in attribute["L"]]
    tag, read = leaf.tag, leaf.read
    if read is None:
        return lambda attribute: [inner[tag] for inner in attribute["L"]]
    return lambda attribute: [read(inner[tag]) for inner in attribute["L"]]


def list_node(member: Node) -> Node:
    """A list, and what is told as a Sequence or Iterable: it comes back as a list."""
    if member is PLAIN or member is PLAIN_DECIMALS:
        return dataclasses.replace(
            member, encode=_only(list, "list", member), tags=frozenset({"L"}), name="list", rank=Rank.LOOSE
        )

    def encode(value: Any, depth: int) -> AttributeValue:
        if not isinstance(value, list | tuple) or hasattr(value, "_fields"):
            raise other_type(value, f"list[{member.name}]")
        return {"L": _members(member, value, depth, value)}

    return Node(encode, _read_members(member), frozenset({"L"}), f"list[{member.name}]")


def tuple_node(member: Node) -> Node:
    """A tuple of any length."""
    read = _read_members(member)
    name = f"tuple[{member.name}, ...]"

    def encode(value: Any, depth: int) -> AttributeValue:
        if not isinstance(value, tuple) or hasattr(value, "_fields"):
            raise other_type(value, name)
        return {"L": _members(member, value, depth, value)}

    return Node(encode, lambda attribute: tuple(read(attribute)), frozenset({"L"}), name, Rank.MODEL)


def fixed_tuple_node(members: list[Node]) -> Node:
    """A tuple with a type for each place."""
    name = f"tuple[{', '.join(member.name for member in members)}]"

    def encode(value: Any, depth: int) -> AttributeValue:
        if not isinstance(value, tuple) or hasattr(value, "_fields"):
            raise other_type(value, name)
        if len(value) != len(members):
            raise Refused(f"a tuple of {len(value)}, where the function's return annotation has {name}")
        refuse_deep(depth)
        written: list[AttributeValue] = []
        try:
            for member, inner in zip(members, value, strict=True):
                written.append(member.encode(inner, depth + 1))
        except Refused as refused:
            refused.at_index(len(written), value)
            raise
        return {"L": written}

    return Node(encode, _read_places(members), frozenset({"L"}), name, Rank.MODEL)


def _read_places(members: list[Node]) -> Decode:
    leaves = [(member.leaf.tag, member.leaf.reader) for member in members if member.leaf]
    if len(leaves) == len(members):
        return lambda attribute: tuple(
            [read(inner[tag]) for (tag, read), inner in zip(leaves, attribute["L"], strict=True)]
        )
    decoders = [member.decode for member in members]
    return lambda attribute: tuple([read(inner) for read, inner in zip(decoders, attribute["L"], strict=True)])


def set_node(member: Node, type_: type[set[Any]] | type[frozenset[Any]]) -> Node:
    """A set. An empty one, and one of what DynamoDB has no sets of, is a list in the table."""
    name = f"{type_.__name__}[{member.name}]"
    read_list = _read_members(member)

    def encode(value: Any, depth: int) -> AttributeValue:
        if not isinstance(value, set | frozenset):
            raise other_type(value, name)
        members = _members(member, value, depth, value)
        return set_of(members) or {"L": members}

    decode = member.decode

    def read(attribute: AttributeValue) -> Any:
        [(tag, inner)] = attribute.items()
        if tag == "L":
            return type_(read_list(attribute))
        of = tag[0]
        if tag not in ("SS", "NS", "BS"):
            raise ValueError(f"{tag} is no set")
        return type_([decode({of: one}) for one in inner])

    return Node(encode, read, frozenset({"SS", "NS", "BS", "L"}), name, Rank.MODEL)


def dict_node(key: Node, value: Node) -> Node:
    """A dict; keys that are not text are written as the text that they are as attributes.

    Raises:
        UnstorableValue: keys of a type that is neither one text nor one number.
    """
    if key.rank is Rank.ANY:
        key = SCALARS[str]
    leaf = key.leaf
    if leaf is None or leaf.tag not in ("S", "N"):
        raise UnstorableValue(f"a dict's keys are text or numbers in DynamoDB; {key.name} is neither")
    if leaf.read is None and (value is PLAIN or value is PLAIN_DECIMALS):
        return dataclasses.replace(
            value, encode=_only(dict, "dict", value), tags=frozenset({"M"}), name="dict", rank=Rank.LOOSE
        )
    name = f"dict[{key.name}, {value.name}]"
    write = key_text if leaf.read is None else lambda one: key_text(key.encode(one, 0)[leaf.tag])

    def encode(given: Any, depth: int) -> AttributeValue:
        if not isinstance(given, dict):
            raise other_type(given, name)
        refuse_deep(depth)
        written = {}
        at: Any = None
        try:
            for one, inner in given.items():
                at = None
                checked = write(one)
                at = one
                written[checked] = value.encode(inner, depth + 1)
        except Refused as refused:
            if at is not None:
                refused.at_name(at, given)
            raise
        return {"M": written}

    return Node(encode, _read_dict(leaf, value), frozenset({"M"}), name)


def _read_dict(key: Leaf, value: Node) -> Callable[[AttributeValue], Any]:
    read_key, decode = key.read, value.decode
    if read_key is not None:
        return lambda attribute: {read_key(name): decode(inner) for name, inner in attribute["M"].items()}
    if value.leaf is None:
        return lambda attribute: {name: decode(inner) for name, inner in attribute["M"].items()}
    tag, read = value.leaf.tag, value.leaf.read
    if read is None:
        return lambda attribute: {name: inner[tag] for name, inner in attribute["M"].items()}
    return lambda attribute: {name: read(inner[tag]) for name, inner in attribute["M"].items()}


def _only(type_: type, name: str, plain: Node) -> Callable[[Any, int], AttributeValue]:
    """Plain values, but of one kind only."""

    def encode(value: Any, depth: int) -> AttributeValue:
        if not isinstance(value, type_):
            raise other_type(value, name)
        return plain.encode(value, depth)

    return encode
