"""Whether a CreateTable request makes sense, and what of it is kept. Texts as AWS gives them."""

from typing import Any

from everwarm.dynamodb.tables.schema import KeyPart, KeySchema
from everwarm.errors import ValidationException, invalid_parameters

KEPT = (
    "BillingMode",
    "ProvisionedThroughput",
    "TableClass",
    "DeletionProtectionEnabled",
    "SSESpecification",
    "Tags",
)
"""Members that are stored as they are, and shown where the API shows them."""


def key_schema(request: dict[str, Any]) -> KeySchema:
    """The key of the table to be.

    Raises:
        ValidationException: the key is no key, or its attributes are not exactly the defined ones.
    """
    elements = request["KeySchema"]
    types = {one["AttributeName"]: one["AttributeType"] for one in request.get("AttributeDefinitions") or []}
    if elements[0]["KeyType"] != "HASH":
        raise ValidationException("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    if len(elements) > 2:
        raise ValidationException(
            "1 validation error detected: Value at 'keySchema' failed to satisfy constraint: "
            "Member must have length less than or equal to 2"
        )
    if len(elements) == 2:
        if elements[1]["KeyType"] != "RANGE":
            raise ValidationException("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
        if elements[0]["AttributeName"] == elements[1]["AttributeName"]:
            raise ValidationException("Both the Hash Key and the Range Key element in the KeySchema have the same name")
    names = [element["AttributeName"] for element in elements]
    if any(name not in types for name in names):
        raise invalid_parameters(
            "Some index key attributes are not defined in AttributeDefinitions. "
            f"Keys: [{', '.join(names)}], AttributeDefinitions: [{', '.join(types)}]"
        )
    if len(types) != len(names):
        raise invalid_parameters(
            "Number of attributes in KeySchema does not exactly match number of attributes "
            "defined in AttributeDefinitions"
        )
    parts = [KeyPart(name, types[name]) for name in names]
    return KeySchema.of(*parts)


def attributes(request: dict[str, Any]) -> tuple[KeyPart, ...]:
    """What AttributeDefinitions define."""
    return tuple(
        KeyPart(one["AttributeName"], one["AttributeType"]) for one in request.get("AttributeDefinitions") or ()
    )


def settings(request: dict[str, Any]) -> dict[str, Any]:
    """The members that are kept.

    Raises:
        ValidationException: billing mode and throughput contradict each other.
    """
    for member in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if request.get(member):
            raise ValidationException(f"{member}: this version of everwarm has no secondary indexes yet")
    throughput = request.get("ProvisionedThroughput")
    if request.get("BillingMode") == "PAY_PER_REQUEST":
        if throughput is not None:
            raise invalid_parameters(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
            )
    elif throughput is None:
        raise invalid_parameters(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
        )
    return {member: request[member] for member in KEPT if request.get(member) is not None}


def stream_view_type(request: dict[str, Any]) -> str | None:
    """The view type of the stream that the table shall have, or None.

    Raises:
        ValidationException: a stream without a view type, or a view type without a stream.
    """
    specification = request.get("StreamSpecification")
    if specification is None:
        return None
    view_type: str | None = specification.get("StreamViewType")
    if specification["StreamEnabled"]:
        if view_type is None:
            raise invalid_parameters("Table is being created with a stream enabled, UpdateViewType is required")
        return view_type
    if view_type is not None:
        raise invalid_parameters(
            "Table is being created with a stream disabled, UpdateViewType should not be specified"
        )
    return None
