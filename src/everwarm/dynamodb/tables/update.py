"""What an UpdateTable request makes of a table, and whether it may. Pure; texts and their order as AWS gives them.

Not here: streams, which are not the table's own (streams/catalog.py); indexes (index_updates.py).
"""

import dataclasses
from typing import Any

from everwarm.dynamodb.tables import encryption, index_updates, throughput
from everwarm.dynamodb.tables.create import refuse_left_out, used_names
from everwarm.dynamodb.tables.key_schema import defined_types
from everwarm.dynamodb.tables.schema import Index, IndexKind, KeyPart, Table
from everwarm.errors import ValidationException, invalid_parameters

_KEPT = ("TableClass", "DeletionProtectionEnabled", "SSESpecification", "WarmThroughput")
_CHANGES = ("ProvisionedThroughput", "BillingMode", "StreamSpecification", *_KEPT)
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
    """
    refuse_left_out(request, _LEFT_OUT)
    updates = request.get("GlobalSecondaryIndexUpdates") or []
    if not (updates or request.get("OnDemandThroughput")) and all(request.get(member) is None for member in _CHANGES):
        raise ValidationException(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates "
            "or SSESpecification or ReplicaUpdates is required"
        )
    provisioned = request.get("ProvisionedThroughput")
    if request.get("BillingMode") == throughput.PROVISIONED and provisioned is None:
        raise invalid_parameters("ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
    if provisioned is not None:
        throughput.check_bounds(provisioned)
    index_updates.check(updates)
    if provisioned is not None and index_updates.has_new_or_gone(updates):
        raise invalid_parameters("You cannot create or delete index while updating table IOPS")
    if (specification := request.get("StreamSpecification")) is not None:
        _check_stream(specification, provisioned)
    encryption.check_encryption(request.get("SSESpecification"))


def _check_stream(specification: dict[str, Any], provisioned: dict[str, int] | None) -> None:
    if provisioned is not None:
        raise invalid_parameters("You cannot modify stream status while updating table IOPS")
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
    settings |= {member: request[member] for member in _KEPT if request.get(member) is not None}
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
