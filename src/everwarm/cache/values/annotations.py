"""From an annotation to how its values are written and read.

It is put together once for each function, so that reading a value asks no questions about types.
"""

import dataclasses
import types
import typing
from collections import abc
from collections.abc import Callable
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from everwarm.cache.values import models
from everwarm.cache.values.containers import (
    dict_node,
    fixed_tuple_node,
    list_node,
    optional_node,
    set_node,
    tuple_node,
    union_node,
)
from everwarm.cache.values.node import ANY_TAG, Node, Rank
from everwarm.cache.values.plain import PLAIN, PLAIN_DECIMALS, STORABLE
from everwarm.cache.values.scalars import SCALARS, enum_node
from everwarm.errors import UnstorableValue

_LISTS = (list, abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable)
_SETS: dict[Any, type[set[Any]] | type[frozenset[Any]]] = {
    set: set,
    abc.MutableSet: set,
    frozenset: frozenset,
    abc.Set: frozenset,
}
_DICTS = (dict, abc.Mapping, abc.MutableMapping)
# ReadOnly came with Python 3.13.
_WRAPPERS = (typing.Annotated, typing.Required, typing.NotRequired, getattr(typing, "ReadOnly", typing.Required))
_NONE = SCALARS[type(None)]


class Annotations:
    """Builds nodes, each class only once, so that a class may have fields of its own kind.

    Args:
        decimals: how numbers are read of which nothing is said; see `plain.py`.
    """

    def __init__(self, *, decimals: bool) -> None:
        self._plain = PLAIN_DECIMALS if decimals else PLAIN
        self._known: dict[Any, Node | None] = {}

    def node(self, annotation: Any) -> Node:
        """
        Raises:
            UnstorableValue: values of this type cannot be stored.
        """
        if annotation is None:
            annotation = type(None)
        scalar = SCALARS.get(annotation) if isinstance(annotation, type) else None
        if scalar is not None:
            return scalar
        if annotation in (Any, object) or isinstance(annotation, typing.TypeVar | typing.ForwardRef | str):
            return self._plain
        origin = get_origin(annotation)
        if origin in _WRAPPERS:
            return self.node(get_args(annotation)[0])
        if origin is Literal:
            return self._union([type(value) for value in get_args(annotation)])
        if origin in (Union, types.UnionType):
            return self._union(get_args(annotation))
        if isinstance(annotation, typing.NewType):
            return self.node(annotation.__supertype__)
        if hasattr(annotation, "__value__"):  # `type Rates = dict[str, float]`
            return self._once(annotation, lambda: self.node(annotation.__value__), ANY_TAG)
        return self._container(annotation, origin or annotation, get_args(annotation))

    def _container(self, annotation: Any, origin: Any, args: tuple[Any, ...]) -> Node:
        if origin in _LISTS:
            return list_node(self.node(args[0]) if args else self._plain)
        if origin in _DICTS:
            return dict_node(self.node(args[0] if args else str), self.node(args[1]) if args else self._plain)
        if origin in _SETS:
            return set_node(self.node(args[0]) if args else self._plain, _SETS[origin])
        if origin is tuple:
            if not args and annotation is tuple:
                return tuple_node(self._plain)
            if len(args) == 2 and args[1] is Ellipsis:
                return tuple_node(self.node(args[0]))
            return fixed_tuple_node([self.node(arg) for arg in args])
        if isinstance(origin, type):
            if issubclass(origin, Enum):
                return enum_node(origin)
            found = self._model(annotation, origin)
            if found is not None:
                return found
        name = getattr(annotation, "__qualname__", None) if isinstance(annotation, type) else None
        raise UnstorableValue(f"{name or annotation} is no type that DynamoDB can hold; {STORABLE}")

    def _model(self, annotation: Any, origin: type) -> Node | None:
        if typing.is_typeddict(origin):
            return self._once(annotation, lambda: models.typed_dict_node(origin, self.node, self._plain))
        if issubclass(origin, tuple) and hasattr(origin, "_fields"):
            return self._once(annotation, lambda: models.named_tuple_node(origin, self.node, self._plain))
        if models.is_pydantic(origin):
            return self._once(annotation, lambda: models.pydantic_node(origin))
        if dataclasses.is_dataclass(origin):
            return self._once(annotation, lambda: models.dataclass_node(origin, self.node))
        return None

    def _once(self, annotation: Any, build: Callable[[], Node], tags: frozenset[str] = frozenset({"M"})) -> Node:
        if annotation not in self._known:
            self._known[annotation] = None
            self._known[annotation] = build()
        found = self._known[annotation]
        if found is not None:
            return found

        # It is just being built, and is met again in its own fields.
        def later() -> Node:
            node = self._known[annotation]
            assert node is not None
            return node

        return Node(
            lambda value, depth: later().encode(value, depth),
            lambda attribute: later().decode(attribute),
            tags,
            getattr(annotation, "__name__", str(annotation)),
            Rank.MODEL,
        )

    def _union(self, members: abc.Iterable[Any]) -> Node:
        nodes = list({id(node): node for node in map(self.node, members)}.values())
        if len(nodes) == 1:
            return nodes[0]
        if len(nodes) == 2 and _NONE in nodes:
            other = nodes[0] if nodes[1] is _NONE else nodes[1]
            return other if other.rank is Rank.ANY else optional_node(other)
        return union_node(nodes)
