"""Whether the JSON of a request has the types that its shape wants: the first one that is wrong, in AWS's words.

This walks the whole of a request, slowly; shapes.py asks it only once something is known to be wrong.
"""

from collections.abc import Iterable
from typing import Any

from everwarm.dynamodb.api.model import ATTRIBUTE_VALUE, Model
from everwarm.dynamodb.values.check import check_base64
from everwarm.dynamodb.values.json_types import NAMESPACE, boolean, wrong_type

_MAX = {"integer": 2**31 - 1, "long": 2**63 - 1}
# Whatever is nested deeper than attribute values may be is refused in any case.
_MAX_DEPTH = 100
# Of enormous values the beginning has to do: everybody else waits for this.
_MAX_VALUES = 200_000


def check_types(model: Model, shape: str, request: Any) -> None:
    """
    Nulls of structures are taken out, numbers are cut off to the whole ones that are wanted and their bounds, and
    booleans that are written as text are read: in place.

    Args:
        shape: the name of the request's shape.

    Raises:
        SerializationException: a value is of the wrong type.
    """
    _Walk(model).check(shape, request)


class _Walk:
    """One walk through a request."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._left = _MAX_VALUES

    def check(self, name: str, value: Any, *, nested: bool = False, depth: int = 0) -> None:
        """
        Args:
            nested: whether it lies in a list or map and not in a structure.
        """
        shape = self._model[name]
        kind: str = shape["type"]
        if kind == "structure":
            if not isinstance(value, dict):
                raise wrong_type(value, kind, name, nested=nested)
            self._check_members(shape, value, depth)
        elif kind == "list":
            if not isinstance(value, list):
                raise wrong_type(value, kind, name, nested=nested)
            self._check_all(shape["member"]["shape"], value, depth)
        elif kind == "map":
            inner = shape["value"]["shape"]
            if not isinstance(value, dict):
                raise wrong_type(value, kind, _java_type(self._model, inner), nested=nested)
            self._check_all(inner, value.values(), depth)
        else:
            _check_plain(kind, value)

    def _check_members(self, shape: dict[str, Any], value: dict[str, Any], depth: int) -> None:
        for member, found in list(value.items()):
            if found is None:
                del value[member]
                continue
            known = shape["members"].get(member)
            if known is None:
                continue
            kind = self._model[known["shape"]]["type"]
            most = _MAX.get(kind)
            if most is not None and isinstance(found, int | float) and not isinstance(found, bool):
                value[member] = int(max(-most - 1, min(most, found)))
            elif kind == "boolean" and isinstance(found, str):
                value[member] = boolean(found)
            else:
                self.check(known["shape"], found, depth=depth + 1)

    def _check_all(self, name: str, values: Iterable[Any], depth: int) -> None:
        if depth > _MAX_DEPTH:
            return
        for value in values:
            if name == ATTRIBUTE_VALUE:
                self._left -= 1
                if self._left < 0:
                    return
            if value is not None:
                self.check(name, value, nested=True, depth=depth + 1)


def _java_type(model: Model, name: str) -> str:
    """A shape's type as AWS's messages show it."""
    shape = model[name]
    if shape["type"] == "list":
        return f"java.util.List<{_java_type(model, shape['member']['shape'])}>"
    return "java.lang.String" if shape["type"] == "string" else f"{NAMESPACE}.{name}"


def _check_plain(kind: str, value: Any) -> None:
    match kind:
        case "boolean":
            right = isinstance(value, bool)
        case "integer" | "long":
            right = isinstance(value, int) and not isinstance(value, bool)
        case "double":
            right = isinstance(value, int | float) and not isinstance(value, bool)
        case "timestamp":
            right = isinstance(value, int | float | str) and not isinstance(value, bool)
        case _:
            right = isinstance(value, str)
    if not right:
        raise wrong_type(value, kind)
    if kind == "blob":
        check_base64(value)
