"""The complaint about JSON of the wrong type, in the words of AWS's deserializer.

The words depend on what is found, on what is wanted, and on whether that is a member of a structure or lies in a list
or map.
"""

from typing import Any

from everwarm.errors import SerializationException

NAMESPACE = "com.amazonaws.dynamodb.v20120810"
"""The package of the service's classes, as AWS's messages show it."""

_JAVA = {
    "string": "String",
    "boolean": "Boolean",
    "integer": "Integer",
    "long": "Long",
    "double": "Double",
    "timestamp": "Date",
}
_CONTAINERS = frozenset({"list", "map", "structure"})
_GENERIC = "sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl"


_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def boolean(value: Any) -> bool:
    """The boolean that something else stands for; AWS reads some texts as such.

    Raises:
        SerializationException: it stands for none.
    """
    found = _BOOLEANS.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise wrong_type(value, "boolean")
    return found


def wrong_type(value: Any, wanted: str, of: str = "AttributeValue", *, nested: bool = False) -> SerializationException:
    """The error for a value that is not of the wanted type.

    Args:
        value: what the request has.
        wanted: `string`, `boolean`, `integer`, `long`, `double`, `timestamp`, `blob`, `list`, `map` or `structure`.
        of: the name of the structure, or the Java type of a map's values.
        nested: whether it lies in a list or map and not in a structure.
    """
    if isinstance(value, dict):
        return SerializationException("Start of structure or map found where not expected")
    if isinstance(value, list):
        return SerializationException(f"Unrecognized collection type {_java_type(wanted, of)}")
    if wanted in _CONTAINERS:
        return SerializationException(_scalar_in_place_of(wanted, nested))
    if wanted == "blob":
        return SerializationException("only base-64-encoded strings are convertible to bytes")
    if wanted == "boolean" and isinstance(value, str):
        return SerializationException("Unexpected token received from parser")
    return SerializationException(f"{_token(value)} cannot be converted to {_JAVA[wanted]}")


def _java_type(wanted: str, of: str) -> str:
    if wanted == "map":
        return f"java.util.Map<java.lang.String, {of if '.' in of else f'{NAMESPACE}.{of}'}>"
    if wanted == "structure":
        return f"class {NAMESPACE}.{of}"
    return "class java.nio.ByteBuffer" if wanted == "blob" else f"class java.lang.{_JAVA[wanted]}"


def _scalar_in_place_of(wanted: str, nested: bool) -> str:
    if not nested:
        return "Unexpected field type"
    if wanted == "structure":
        return "Unexpected value type in payload"
    # AWS lets its users see that it has not thought of this case.
    return (
        f"class {_GENERIC} cannot be cast to class java.lang.Class "
        f"({_GENERIC} and java.lang.Class are in module java.base of loader 'bootstrap')"
    )


def _token(value: Any) -> str:
    if isinstance(value, str):
        return "STRING_VALUE"
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    return "NUMBER_VALUE" if isinstance(value, int) else "DECIMAL_VALUE"
