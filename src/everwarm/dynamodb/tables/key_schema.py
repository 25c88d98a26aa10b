"""Keys as requests define them: attribute definitions and key schemas. Texts and their order as AWS gives them.

Not here: keys of items (keys.py), what else an index is made of (index_definitions.py).
"""

from collections.abc import Sequence

from everwarm.dynamodb.tables.name_order import as_map, as_set
from everwarm.dynamodb.tables.schema import KeyPart, KeySchema
from everwarm.errors import ValidationException, invalid_parameters

MAX_PARTS = 4
"""Attributes of a partition key, and of a sort key, in a global index; everywhere else there is one of each."""

Types = dict[str, str]
"""The type of each attribute that AttributeDefinitions define, in their order."""

SAME_NAME = "Both the Hash Key and the Range Key element in the KeySchema have the same name"


def defined_types(definitions: Sequence[dict[str, str]] | None) -> Types:
    """What AttributeDefinitions define.

    Raises:
        ValidationException: an attribute is defined twice.
    """
    types: Types = {}
    for one in definitions or ():
        if one["AttributeName"] in types:
            raise ValidationException(f"Attribute Name is duplicated: {one['AttributeName']}")
        types[one["AttributeName"]] = one["AttributeType"]
    return types


def table_key(elements: list[dict[str, str]], types: Types) -> KeySchema:
    """The key of a table.

    Raises:
        ValidationException: it is none.
    """
    _check_length("keySchema", elements)
    check_count(elements, types)
    return _simple(elements, types)


def local_key(path: str, elements: list[dict[str, str]], types: Types) -> KeySchema:
    """The key of a local index.

    Args:
        path: where it stands in the request.

    Raises:
        ValidationException: it is none.
    """
    _check_length(path, elements)
    return _simple(elements, types)


def global_key(elements: list[dict[str, str]], types: Types) -> KeySchema:
    """The key of a global index: up to four partition attributes, then up to four sort attributes.

    Raises:
        ValidationException: it is none.
    """
    _check_defined(elements, types)
    kinds = [one["KeyType"] for one in elements]
    if kinds[0] != "HASH":
        raise ValidationException("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    if len({one["AttributeName"] for one in elements}) != len(elements):
        several = "The KeySchema contains multiple key attributes with the same name"
        raise ValidationException(several if len(elements) > 2 else SAME_NAME)
    hashes = kinds.count("HASH")
    if "HASH" in kinds[hashes:]:
        raise invalid_parameters("All HASH key attributes must precede RANGE key attributes in the KeySchema")
    for kind, count in (("HASH", hashes), ("RANGE", len(kinds) - hashes)):
        if count > MAX_PARTS:
            raise invalid_parameters(f"The KeySchema exceeds the maximum allowed number of {kind} key attributes")
    parts = _parts(elements, types)
    return KeySchema(parts[:hashes], parts[hashes:])


def check_count(elements: list[dict[str, str]], types: Types) -> None:
    """
    Raises:
        ValidationException: there are fewer definitions than keys, which AWS finds before it looks at names.
    """
    if len(elements) > len(types):
        raise ValidationException("Invalid KeySchema: Some index key attribute have no definition")


def _simple(elements: list[dict[str, str]], types: Types) -> KeySchema:
    _check_defined(elements, types)
    if len(elements) == 2 and elements[0]["AttributeName"] == elements[1]["AttributeName"]:
        raise ValidationException(SAME_NAME)
    if elements[0]["KeyType"] != "HASH":
        raise ValidationException("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    if len(elements) == 2 and elements[1]["KeyType"] != "RANGE":
        raise ValidationException("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
    return KeySchema.of(*_parts(elements, types))


def _check_defined(elements: list[dict[str, str]], types: Types) -> None:
    names = [one["AttributeName"] for one in elements]
    if any(name not in types for name in names):
        raise invalid_parameters(
            "Some index key attributes are not defined in AttributeDefinitions. "
            f"Keys: {as_set(names)}, AttributeDefinitions: {as_map(types)}"
        )


def _check_length(path: str, elements: list[dict[str, str]]) -> None:
    # The shape of a key schema has no maximum any more, since global indexes may have eight elements.
    if len(elements) > 2:
        shown = ", ".join(
            f"KeySchemaElement(attributeName={one['AttributeName']}, keyType={one['KeyType']})" for one in elements
        )
        raise ValidationException(
            f"1 validation error detected: Value '[{shown}]' at '{path}' failed to satisfy constraint: "
            "Member must have length less than or equal to 2"
        )


def _parts(elements: list[dict[str, str]], types: Types) -> tuple[KeyPart, ...]:
    return tuple(KeyPart(one["AttributeName"], types[one["AttributeName"]]) for one in elements)
