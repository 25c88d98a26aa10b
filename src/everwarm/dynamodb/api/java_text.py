"""How AWS shows a value in a complaint: as Java's `toString` does."""

from typing import Any
from zlib import crc32

import orjson

from everwarm.dynamodb.api.model import ATTRIBUTE_VALUE, Model, lower_first
from everwarm.dynamodb.values.json_types import NAMESPACE


def java_text(model: Model, name: str, value: Any) -> str:
    """The text of a value of a shape."""
    if value is None:
        return "null"
    shape = model[name]
    if name == ATTRIBUTE_VALUE:
        # AWS shows no more than the object's hash.
        return f"{NAMESPACE}.{name}@{crc32(orjson.dumps(value)):x}"
    if isinstance(value, list):
        inner = shape["member"]["shape"]
        return f"[{', '.join(java_text(model, inner, member) for member in value)}]"
    if not isinstance(value, dict):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if shape["type"] == "map":
        inner = shape["value"]["shape"]
        return "{" + ", ".join(f"{key}={java_text(model, inner, member)}" for key, member in value.items()) + "}"
    members = ", ".join(
        f"{lower_first(member)}={java_text(model, inner['shape'], value.get(member))}"
        for member, inner in shape["members"].items()
    )
    return f"{name}({members})"
