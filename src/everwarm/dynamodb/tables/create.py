"""What a CreateTable request asks for, and whether that makes sense. Texts and their order as AWS gives them.

Not here: keys (key_schema.py), indexes (index_definitions.py), billing and throughput (throughput.py), tags (tags.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from everwarm.dynamodb.tables import policy, throughput
from everwarm.dynamodb.tables.encryption import check_encryption
from everwarm.dynamodb.tables.index_definitions import check_projected, global_indexes, local_indexes
from everwarm.dynamodb.tables.key_schema import Types, defined_types, table_key
from everwarm.dynamodb.tables.name_order import as_map, as_set
from everwarm.dynamodb.tables.schema import Index, KeyPart, KeySchema
from everwarm.dynamodb.tables.tags import check_tags
from everwarm.errors import ValidationException, invalid_parameters

_KEPT = (
    "ProvisionedThroughput",
    "WarmThroughput",
    "TableClass",
    "DeletionProtectionEnabled",
    "SSESpecification",
    "Tags",
)

_CLASSES = ("STANDARD", "STANDARD_INFREQUENT_ACCESS")

_LEFT_OUT = (
    "VectorIndexes",
    "GlobalTableSourceArn",
    "GlobalTableSettingsReplicationMode",
)


@dataclass(frozen=True, slots=True)
class NewTable:
    """A table to be made.

    Attributes:
        indexes: without numbers yet.
        settings: members that are kept and shown, in wire form.
        view_type: of the stream that it begins with; None for no stream.
    """

    key_schema: KeySchema
    attributes: tuple[KeyPart, ...]
    indexes: tuple[Index, ...]
    settings: dict[str, Any]
    view_type: str | None


def new_table(request: dict[str, Any], now: float) -> NewTable:
    """The table that a CreateTable request asks for.

    Args:
        now: epoch seconds.

    Raises:
        ValidationException: the request makes no sense, or asks for what everwarm does not have.
    """
    refuse_left_out(request, _LEFT_OUT)
    billing_mode = request.get("BillingMode") or throughput.PROVISIONED
    throughput.check_table(billing_mode, request.get("ProvisionedThroughput"))
    definitions = request.get("AttributeDefinitions")
    types = defined_types(definitions)
    key_schema = table_key(request["KeySchema"], types)
    local, globals_ = request.get("LocalSecondaryIndexes"), request.get("GlobalSecondaryIndexes")
    if local is None and globals_ is None and len(key_schema.parts) != len(definitions or ()):
        raise invalid_parameters(
            "Number of attributes in KeySchema does not exactly match number of attributes "
            "defined in AttributeDefinitions"
        )
    _check_used(types, key_schema.names, [*(local or ()), *(globals_ or ())])
    indexes: list[Index] = []
    if local is not None:
        indexes += local_indexes(local, key_schema, types)
    if globals_ is not None:
        indexes += global_indexes(globals_, types, billing_mode, indexes)
    check_projected(indexes)
    check_class(request.get("TableClass"))
    limits = throughput.limited({}, billing_mode, request.get("OnDemandThroughput"), new=True)
    check_encryption(request.get("SSESpecification"))
    check_tags(request.get("Tags") or ())
    settings = {**limits, **{member: request[member] for member in _KEPT if request.get(member) is not None}}
    if not settings.get("WarmThroughput", True):
        del settings["WarmThroughput"]  # an empty one says nothing
    throughput.check_warm(settings.get("WarmThroughput"), settings, billing_mode, "table", new=True)
    if (document := request.get("ResourcePolicy")) is not None:
        policy.check_document(document)
        settings, _ = policy.put(settings, document, now)
    return NewTable(
        key_schema,
        tuple(KeyPart(name, tag) for name, tag in types.items()),
        tuple(indexes),
        {"BillingMode": billing_mode, **settings},
        _view_type(request.get("StreamSpecification")),
    )


def refuse_left_out(request: dict[str, Any], members: Iterable[str]) -> None:
    """
    Raises:
        ValidationException: the request has one of the members, which AWS knows and everwarm does not have.
    """
    for member in members:
        if request.get(member) is not None:
            raise ValidationException(f"{member}: everwarm does not have that")


def check_class(table_class: str | None) -> None:
    """
    Raises:
        ValidationException: there is no such class of tables.
    """
    if table_class is not None and table_class not in _CLASSES:
        raise ValidationException(
            "Invalid table-class parameter provided. Please try again with a valid table-class value: "
            f"[{', '.join(_CLASSES)}]."
        )


def used_names(key_schema: KeySchema, indexes: Iterable[Index]) -> list[str]:
    """The attributes that are keys of a table or of an index of it, each once."""
    return list(dict.fromkeys([*key_schema.names, *(name for index in indexes for name in index.key_schema.names)]))


def _check_used(types: Types, keys: Iterable[str], indexes: Iterable[dict[str, Any]]) -> None:
    """Before all else that can be said of indexes; a key without a definition is their own affair."""
    of_indexes = (part["AttributeName"] for index in indexes for part in index["KeySchema"])
    used = list(dict.fromkeys([*keys, *of_indexes]))
    if types.keys() > set(used):
        raise invalid_parameters(
            f"Some AttributeDefinitions are not used. AttributeDefinitions: {as_map(types)}, keys used: {as_set(used)}"
        )


def _view_type(specification: dict[str, Any] | None) -> str | None:
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
