"""Whether the JSON of a request has the types that its shape wants: the first one that is wrong, in AWS's words.

This walks the whole of a request, slowly; shapes.py asks it only once something is known to be wrong.
"""

from typing import Any

from everwarm.dynamodb.api.model import Model
from everwarm.dynamodb.values.check import check_base64
from everwarm.dynamodb.values.json_types import NAMESPACE, wrong_type

_MAX = {"integer": 2**31 - 1, "long": 2**63 - 1}
# Whatever is nested deeper than attribute values may be is refused in any case.
_MAX_DEPTH = 100


def check_types(model: Model, name: str, value: Any, *, nested: bool = False, depth: int = 0) -> None:
    """
    Nulls of structures are taken out, and numbers with a fraction are cut off where whole ones are wanted: in place.

    Args:
        name: of the shape.
        nested: whether it lies in a list or map and not in a structure.

    Raises:
        SerializationException: a value is of the wrong type.
    """
    shape = model[name]
    kind: str = shape["type"]
    if kind == "structure":
        if not isinstance(value, dict):
            raise wrong_type(value, kind, name, nested=nested)
        if depth < _MAX_DEPTH:
            _check_members(model, shape, value, depth)
    elif kind == "list":
        if not isinstance(value, list):
            raise wrong_type(value, kind, name, nested=nested)
        for member in value:
            if member is not None:
                check_types(model, shape["member"]["shape"], member, nested=True, depth=depth + 1)
    elif kind == "map":
        inner = shape["value"]["shape"]
        if not isinstance(value, dict):
            raise wrong_type(value, kind, java_type(model, inner), nested=nested)
        for member in value.values():
            if member is not None:
                check_types(model, inner, member, nested=True, depth=depth + 1)
    else:
        _check_plain(kind, value)


def java_type(model: Model, name: str) -> str:
    """A shape's type as AWS's messages show it."""
    shape = model[name]
    if shape["type"] == "list":
        return f"java.util.List<{java_type(model, shape['member']['shape'])}>"
    return "java.lang.String" if shape["type"] == "string" else f"{NAMESPACE}.{name}"


def _check_members(model: Model, shape: dict[str, Any], value: dict[str, Any], depth: int) -> None:
    for member, found in list(value.items()):
        if found is None:
            del value[member]
            continue
        known = shape["members"].get(member)
        if known is None:
            continue
        most = _MAX.get(model[known["shape"]]["type"])
        if most is not None and isinstance(found, float):
            value[member] = int(max(-most - 1, min(most, found)))
        else:
            check_types(model, known["shape"], found, depth=depth + 1)


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
