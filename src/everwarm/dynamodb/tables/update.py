"""What an UpdateTable request makes of a table, and whether it may. Pure; texts and their order as AWS gives them.

Not here: streams, which are not the table's own (streams/catalog.py); indexes (index_updates.py).
"""

import dataclasses
from typing import Any

from everwarm.dynamodb.tables import encryption, index_updates, throughput
from everwarm.dynamodb.tables.create import check_class, refuse_left_out, used_names
from everwarm.dynamodb.tables.key_schema import defined_types
from everwarm.dynamodb.tables.schema import Index, IndexKind, KeyPart, Table
from everwarm.errors import ValidationException, invalid_parameters

_KEPT = ("TableClass", "DeletionProtectionEnabled", "SSESpecification", "WarmThroughput")
_MAY_BE_EMPTY = ("OnDemandThroughput", "WarmThroughput", "GlobalSecondaryIndexUpdates")
_CHANGES = (
    "ProvisionedThroughput",
    "BillingMode",
    "StreamSpecification",
    "GlobalSecondaryIndexUpdates",
    "SSESpecification",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "WarmThroughput",
    "TableClass",
)
_NOTHING = (
    "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, "
    "SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
    "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required"
)
_ALONE = (
    ("SSESpecification", "Server-Side Encryption"),
    ("TableClass", "TableClass"),
    ("DeletionProtectionEnabled", "DeletionProtection"),
)
"""What goes with nothing else, in the order in which DynamoDB looks, and its name for it."""
_LEFT_OUT = (
    "ReplicaUpdates",
    "MultiRegionConsistency",
    "GlobalTableWitnessUpdates",
    "GlobalTableSettingsReplicationMode",
    "DisassociationProtectionEnabled",
    "VectorIndexUpdates",
)


def check(request: dict[str, Any]) -> None:
    """Check what needs no table.

    Raises:
        ValidationException: the request asks for nothing, for what cannot go together, or for what everwarm does not
            have.

    What goes together, and in which words it does not, was measured in 2026: "ack-api-quirks" DDB-TABLE-174, 359, 382
    and 433.
    """
    refuse_left_out(request, _LEFT_OUT)
    given = _given(request)
    if not given:
        raise ValidationException(_NOTHING)
    updates = request.get("GlobalSecondaryIndexUpdates")
    if updates is not None and not updates:
        raise invalid_parameters("List of GlobalSecondaryIndexUpdates is empty")
    provisioned = request.get("ProvisionedThroughput")
    if request.get("BillingMode") == throughput.PROVISIONED and provisioned is None:
        raise invalid_parameters("ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
    if provisioned is not None:
        throughput.check_bounds(provisioned)
    index_updates.check(updates or ())
    _check_together(given, index_updates.has_new_or_gone(updates or ()))
    if provisioned is not None and request.get("BillingMode") == throughput.ON_DEMAND:
        raise invalid_parameters("ProvisionedThroughput cannot be specified when BillingMode is PAY_PER_REQUEST")
    if (specification := request.get("StreamSpecification")) is not None:
        _check_stream(specification)
    check_class(request.get("TableClass"))
    encryption.check_encryption(request.get("SSESpecification"))


def _given(request: dict[str, Any]) -> set[str]:
    """The changes that a request asks for. Throughput without a number is none, nor is an empty list."""
    given = {member for member in _CHANGES if request.get(member) is not None}
    return given - {member for member in _MAY_BE_EMPTY if not request.get(member)}


def _check_together(given: set[str], index_comes_or_goes: bool) -> None:
    if len(given) == 1:
        return
    for member, name in _ALONE:
        if member in given:
            raise invalid_parameters(f"{name} modification must be the only operation in the request")
    if "OnDemandThroughput" in given and given & {"StreamSpecification", "WarmThroughput"}:
        raise invalid_parameters("OnDemandThroughput can only be combined with BillingMode in an UpdateTable request")
    if "WarmThroughput" in given:
        if index_comes_or_goes:
            raise invalid_parameters("Create global secondary index cannot be specified when updating WarmThroughput")
        # Both of a table and of its indexes, as the developer guide shows it.
        if given != {"WarmThroughput", "GlobalSecondaryIndexUpdates"}:
            raise invalid_parameters("WarmThroughput must be the only operation in the request")
    if {"ProvisionedThroughput", "StreamSpecification"} <= given:
        raise invalid_parameters("You cannot modify stream status while updating table IOPS")
    if index_comes_or_goes and "ProvisionedThroughput" in given:
        raise invalid_parameters("You cannot create or delete index while updating table IOPS")
    if index_comes_or_goes and "StreamSpecification" in given:
        raise invalid_parameters("You cannot create or delete index while changing stream status")


def _check_stream(specification: dict[str, Any]) -> None:
    view_type = specification.get("StreamViewType")
    if specification["StreamEnabled"]:
        if view_type is None:
            raise invalid_parameters("If stream is being enabled then UpdateViewType is required")
    elif view_type is not None:
        raise invalid_parameters("If stream is being disabled, then UpdateViewType must not be specified")


def updated(table: Table, request: dict[str, Any], now: float) -> Table:
    """The table after a request that was checked; a new index has no number yet.

    Args:
        now: epoch seconds.

    Raises:
        LimitExceededException: more than one index at a time would be created or deleted.
        ResourceInUseException: an index is being created.
        ResourceNotFoundException: there is no such index.
        ValidationException: the table is so already, or cannot be.
    """
    encryption.check_change(table, request.get("SSESpecification"))
    settings = _billed(table, request, now)
    billing_mode = throughput.billing_mode(settings)
    settings = throughput.limited(settings, billing_mode, request.get("OnDemandThroughput"))
    throughput.check_warm(request.get("WarmThroughput"), table.settings, billing_mode, "table")
    settings |= {member: request[member] for member in _KEPT if member in _given(request)}
    if request.get("TableClass") is not None:
        settings["TableClassChangedAt"] = round(now, 3)
        if request["TableClass"] == "STANDARD" and "TableClass" not in table.settings:
            # It is so already, and is not told of.
            del settings["TableClass"], settings["TableClassChangedAt"]
    mode_before = throughput.billing_mode(table.settings)
    settings = throughput.still_as_warm(table.settings, mode_before, settings, billing_mode)
    definitions = request.get("AttributeDefinitions")
    updates = request.get("GlobalSecondaryIndexUpdates") or ()
    indexes = index_updates.updated(table, updates, definitions, billing_mode, now)
    if billing_mode != mode_before:
        indexes = _billed_otherwise(indexes, billing_mode)
    indexes = tuple(_as_warm(table, index, mode_before, billing_mode) for index in indexes)
    return dataclasses.replace(
        table, settings=settings, indexes=indexes, attributes=_attributes(table, indexes, definitions)
    )


def _billed(table: Table, request: dict[str, Any], now: float) -> dict[str, Any]:
    settings = table.settings
    before = throughput.billing_mode(settings)
    after = request.get("BillingMode") or before
    wanted = request.get("ProvisionedThroughput")
    if wanted is not None:
        throughput.check_table(after, wanted)
        current = settings.get("ProvisionedThroughput", {})
        settings = {**settings, "ProvisionedThroughput": throughput.changed(current, wanted, now, "table")}
    if after == before:
        return dict(settings)
    settings = {**settings, "BillingMode": after}
    if after == throughput.ON_DEMAND:
        settings = {**throughput.given_up(settings), "OnDemandSince": round(now, 3)}
    else:
        settings.pop("OnDemandThroughput", None)
        # Told of ever after, also of a table that was made so.
        settings.setdefault("OnDemandSince", round(table.created_at, 3))
    return settings


def _billed_otherwise(indexes: tuple[Index, ...], billing_mode: str) -> tuple[Index, ...]:
    on_demand = billing_mode == throughput.ON_DEMAND
    lacking = [
        index.name
        for index in indexes
        if not on_demand
        and index.kind is IndexKind.GLOBAL
        and "ReadCapacityUnits" not in index.settings.get("ProvisionedThroughput", {})
    ]
    if lacking:
        raise invalid_parameters(f"ProvisionedThroughput must be specified for index: {','.join(lacking)}")
    return tuple(
        dataclasses.replace(
            index,
            settings=throughput.given_up(index.settings)
            if on_demand
            else {name: value for name, value in index.settings.items() if name != "OnDemandThroughput"},
        )
        for index in indexes
    )


def _as_warm(table: Table, index: Index, mode_before: str, billing_mode: str) -> Index:
    before = next((known for known in table.indexes if known.number == index.number), None)
    if before is None or index.kind is not IndexKind.GLOBAL:
        return index
    settings = throughput.still_as_warm(before.settings, mode_before, index.settings, billing_mode)
    return dataclasses.replace(index, settings=settings)


def _attributes(
    table: Table, indexes: tuple[Index, ...], definitions: list[dict[str, str]] | None
) -> tuple[KeyPart, ...]:
    """What is defined afterwards: the attributes of all keys, no more."""
    types = {part.name: part.tag for part in table.attributes}
    used = used_names(table.key_schema, indexes)
    for name, tag in defined_types(definitions).items():
        types.setdefault(name, tag)
    return tuple(KeyPart(name, tag) for name, tag in types.items() if name in used)
