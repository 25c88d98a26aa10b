"""The complaint about JSON of the wrong type, in the words of AWS's deserializer."""

from typing import Any

from everwarm.errors import SerializationException

_FOUND = {True: "TRUE_VALUE", False: "FALSE_VALUE"}
_JAVA = {
    "string": "class java.lang.String",
    "boolean": "class java.lang.Boolean",
    "integer": "class java.lang.Integer",
    "long": "class java.lang.Long",
}


def wrong_type(value: Any, wanted: str) -> SerializationException:
    """The error for a value that is not of the wanted type.

    Args:
        value: what the request has.
        wanted: `string`, `boolean`, `integer`, `long`, `list`, `map`, `structure` or `blob`.
    """
    if isinstance(value, dict):
        return SerializationException("Start of structure or map found where not expected.")
    if isinstance(value, list):
        java = _JAVA.get(wanted)
        if java is None:
            return SerializationException("Start of list found where not expected")
        return SerializationException(f"Unrecognized collection type {java}")
    if wanted in ("list", "map", "structure"):
        return SerializationException("Unexpected field type")
    if isinstance(value, str):
        found = "STRING_VALUE"
    elif isinstance(value, bool):
        found = _FOUND[value]
    elif isinstance(value, int):
        found = "NUMBER_VALUE"
    else:
        found = "DECIMAL_VALUE"
    names = {"string": "String", "boolean": "Boolean", "integer": "Integer", "long": "Long", "blob": "ByteBuffer"}
    return SerializationException(f"{found} cannot be converted to {names[wanted]}")
