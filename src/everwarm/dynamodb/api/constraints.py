"""What of a request does not satisfy the constraints of its shape: everything, as complaints.

This walks the whole of a request, slowly; shapes.py asks it only once something is known to be wrong. The types are
right by then (json_shape.py).
"""

import re
from functools import lru_cache
from typing import Any

from everwarm.dynamodb.api import table_names
from everwarm.dynamodb.api.complaints import NOT_NULL, Complaint, complaint
from everwarm.dynamodb.api.java_text import java_text
from everwarm.dynamodb.api.model import ATTRIBUTE_VALUE, TABLE_NAME, Model, Shape, lower_first


def complaints_about(model: Model, name: str, value: Any, path: str = "") -> list[Complaint]:
    """
    Args:
        name: of the shape.
        path: to the value, as AWS writes it.
    """
    shape = model[name]
    if value is None:
        return [complaint(None, path, NOT_NULL)]
    if name == ATTRIBUTE_VALUE or model.is_item(name):
        return []
    match shape["type"]:
        case "structure":
            return _in_structure(model, shape, value, path)
        case "list":
            return _own(model, name, value, path) + _in_list(model, name, value, path)
        case "map":
            return _own(model, name, value, path) + _in_map(model, name, value, path)
        case _:
            return _own(model, name, value, path)


def fits(name: str, shape: Shape, value: Any) -> bool:
    """Whether a text, number, list or map satisfies its own constraints, without what lies in it."""
    return not broken(name, shape, value)


def broken(name: str, shape: Shape, value: Any) -> list[str]:
    """The constraints of its own that a text, number, list or map does not satisfy, in AWS's words."""
    if name == TABLE_NAME:
        return table_names.broken(value)
    if "enum" in shape:
        values = ", ".join(shape["enum"])
        return [] if value in shape["enum"] else [f"Member must satisfy enum value set: [{values}]"]
    if shape["type"] == "boolean":
        return []
    found = []
    pattern = compiled(shape.get("pattern"))
    if pattern is not None and not pattern.fullmatch(value):
        found.append(f"Member must satisfy regular expression pattern: {pattern.pattern}")
    number = isinstance(value, int | float)
    what, measure = ("value", value) if number else ("length", len(value))
    if measure < shape.get("min", measure):
        found.append(f"Member must have {what} greater than or equal to {shape['min']}")
    if measure > shape.get("max", measure):
        found.append(f"Member must have {what} less than or equal to {shape['max']}")
    return found


@lru_cache(maxsize=256)
def compiled(pattern: str | None) -> re.Pattern[str] | None:
    """A pattern of the model; None for the few that are written for Java alone, in operations that are not here."""
    try:
        return None if pattern is None else re.compile(pattern)
    except re.error:
        return None


def _own(model: Model, name: str, value: Any, path: str) -> list[Complaint]:
    return [
        complaint(java_text(model, name, value), path, constraint) for constraint in broken(name, model[name], value)
    ]


def _in_structure(model: Model, shape: Shape, value: dict[str, Any], path: str) -> list[Complaint]:
    found: list[Complaint] = []
    for member, inner in shape["members"].items():
        inner_path = f"{path}.{lower_first(member)}" if path else lower_first(member)
        if value.get(member) is not None:
            found += complaints_about(model, inner["shape"], value[member], inner_path)
        elif member in shape.get("required", ()):
            found.append(complaint(None, inner_path, NOT_NULL))
    return found


def _in_list(model: Model, name: str, value: list[Any], path: str) -> list[Complaint]:
    inner = model[name]["member"]["shape"]
    if model[inner]["type"] == "string":
        # Texts are judged together, at the list's own place.
        return _together(model, name, value, path, inner, value, "Member")
    return [
        found
        for at, member in enumerate(value, start=1)
        for found in complaints_about(model, inner, member, f"{path}.{at}.member")
    ]


def _in_map(model: Model, name: str, value: dict[str, Any], path: str) -> list[Complaint]:
    key, inner = model[name]["key"]["shape"], model[name]["value"]["shape"]
    found = _together(model, name, value, path, key, value, "Map keys")
    if model[inner]["type"] == "structure":
        for member_name, member in value.items():
            found += complaints_about(model, inner, member, f"{path}.{member_name}.member")
        return found
    found += _together(model, name, value, path, inner, value.values(), "Map value")
    if model[inner]["type"] == "list":
        for member_name, member in value.items():
            found += _in_list(model, inner, member or [], f"{path}.{member_name}.member")
    return found


def _together(model: Model, name: str, value: Any, path: str, inner: str, members: Any, what: str) -> list[Complaint]:
    """One complaint for all members of a collection, with all that is asked of each."""
    shape = model[inner]
    if all(member is not None and fits(inner, shape, member) for member in members):
        return []
    asked = table_names.ASKED if inner == TABLE_NAME else _asked(shape)
    return [complaint(java_text(model, name, value), path, f"{what} must satisfy constraint: [{', '.join(asked)}]")]


def _asked(shape: Shape) -> list[str]:
    asked = []
    if "max" in shape:
        asked.append(f"Member must have length less than or equal to {shape['max']}")
    if "min" in shape:
        asked.append(f"Member must have length greater than or equal to {shape['min']}")
    if "pattern" in shape:
        asked.append(f"Member must satisfy regular expression pattern: {shape['pattern']}")
    if "enum" in shape:
        asked.append(f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]")
    return asked or [NOT_NULL]
