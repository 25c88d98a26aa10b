"""What `GlobalSecondaryIndexUpdates` of an UpdateTable request make of a table's indexes. Texts as AWS gives them.

Pure: a new index has no number yet, and the entries of an index that is gone are still there (build.py sees to both).
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

from everwarm.dynamodb.tables import throughput
from everwarm.dynamodb.tables.index_definitions import KEPT, MAX_GLOBAL, add_name, check_projected, global_index
from everwarm.dynamodb.tables.key_schema import Types, check_count, defined_types
from everwarm.dynamodb.tables.schema import Index, IndexKind, IndexStatus, Table
from everwarm.errors import (
    LimitExceededException,
    ResourceInUseException,
    ValidationException,
    invalid_parameters,
    not_found,
)

_ACTIONS = ("Update", "Create", "Delete")
_IN_USE = "Attempt to change a resource which is still in use: Index is being created"


def check(updates: Sequence[dict[str, Any]]) -> None:
    """Check what needs no table.

    Raises:
        ValidationException: an update is none, or two are of one index.
    """
    names: set[str] = set()
    for update in updates:
        given = [action for action in _ACTIONS if update.get(action) is not None]
        if not given:
            raise invalid_parameters(
                "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                "GlobalSecondaryIndexUpdate.Delete must not be null"
            )
        if len(given) > 1:
            raise invalid_parameters(
                "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object"
            )
        name = update[given[0]]["IndexName"]
        if name in names:
            raise invalid_parameters(
                f"Only one global secondary index update per index is allowed simultaneously. Index: {name}"
            )
        names.add(name)
        if (update.get("Update") or {}).get("WarmThroughput") == {}:
            raise invalid_parameters(
                "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified "
                f"for index: {name}"
            )


def has_new_or_gone(updates: Sequence[dict[str, Any]]) -> bool:
    """Whether an index is created or deleted."""
    return any(update.get("Update") is None for update in updates)


def updated(
    table: Table,
    updates: Sequence[dict[str, Any]],
    definitions: Sequence[dict[str, str]] | None,
    billing_mode: str,
    now: float,
) -> tuple[Index, ...]:
    """The indexes of a table after the updates.

    Args:
        definitions: the request's `AttributeDefinitions`; AWS looks for a new index's keys there alone.
        billing_mode: of the table after the request.
        now: epoch seconds.

    Raises:
        LimitExceededException: more than one index at a time would be created or deleted.
        ResourceInUseException: the index is being created.
        ResourceNotFoundException: there is no such index.
        ValidationException: the update makes no sense.
    """
    _check_one_at_a_time(table, updates)
    _check_bounds(updates)
    types = defined_types(definitions)
    # What is a key already keeps its type, whatever is said of it now.
    types |= {part.name: part.tag for part in table.attributes if part.name in types}
    indexes = list(table.indexes)
    for update in updates:
        if (wanted := update.get("Create")) is not None:
            if definitions is None:
                raise invalid_parameters(f"AttributeDefinitions is not specified for index: {wanted['IndexName']}")
            indexes.append(_created(indexes, wanted, types, billing_mode))
        elif (wanted := update.get("Delete")) is not None:
            indexes.remove(_find(table, wanted["IndexName"], "delete"))
        else:
            wanted = update["Update"]
            index = _find(table, wanted["IndexName"], "update")
            indexes[indexes.index(index)] = _changed(index, wanted, billing_mode, now)
    check_projected(indexes)
    return tuple(indexes)


def _check_one_at_a_time(table: Table, updates: Sequence[dict[str, Any]]) -> None:
    changing = [update for update in updates if update.get("Update") is None]
    under_way = {index.name for index in table.indexes if index.status is IndexStatus.CREATING}
    # An index that is being created may be deleted; that is the only way to stop it.
    deleted = {update["Delete"]["IndexName"] for update in changing if update.get("Delete") is not None}
    if len(changing) > 1 or (changing and under_way - deleted):
        raise LimitExceededException(
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
        )


def _check_bounds(updates: Sequence[dict[str, Any]]) -> None:
    # Before AWS looks whether there is such an index.
    for update in updates:
        provisioned = (update.get("Update") or {}).get("ProvisionedThroughput") or {}
        if any(units > throughput.MAX_UNITS for units in provisioned.values()):
            raise ValidationException(
                "This operation cannot be performed with given input values. Please contact DynamoDB service team for "
                "more info: Action Blocked: IndexUpdate"
            )


def _created(indexes: list[Index], wanted: dict[str, Any], types: Types, billing_mode: str) -> Index:
    check_count(wanted["KeySchema"], types)
    index = global_index(wanted, types)
    if any(index.name == other.name and other.kind is IndexKind.GLOBAL for other in indexes):
        raise ValidationException("Attempting to create an index which already exists")
    add_name(index.name, {other.name for other in indexes})
    # Not the texts that CreateTable has for it.
    provisioned = index.settings.get("ProvisionedThroughput")
    if billing_mode == throughput.ON_DEMAND and provisioned is not None:
        raise invalid_parameters(
            f"Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: {index.name} "
            "when BillingMode is PAY_PER_REQUEST"
        )
    if billing_mode != throughput.ON_DEMAND and provisioned is None:
        raise invalid_parameters(
            f"Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: {index.name}"
        )
    throughput.check_index(index, billing_mode)
    if sum(other.kind is IndexKind.GLOBAL for other in indexes) >= MAX_GLOBAL:
        raise LimitExceededException(
            f"Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of {MAX_GLOBAL}"
        )
    return dataclasses.replace(index, status=IndexStatus.CREATING)


def _find(table: Table, name: str, action: str) -> Index:
    index = table.index(name)
    if index is None:
        raise not_found(f"Index {name} for table {table.name}")
    if index.kind is not IndexKind.GLOBAL:
        raise ValidationException(f"Cannot {action} an index that is not a GlobalSecondaryIndex: {name}")
    return index


def _changed(index: Index, wanted: dict[str, Any], billing_mode: str, now: float) -> Index:
    if index.status is IndexStatus.CREATING:
        raise ResourceInUseException(f"{_IN_USE}: {index.name}")
    changes = {member: wanted[member] for member in KEPT if wanted.get(member) is not None}
    limits = changes.pop("OnDemandThroughput", None)
    if billing_mode == throughput.ON_DEMAND and ("ProvisionedThroughput" in changes or not (changes or limits)):
        raise invalid_parameters(
            f"The only Updates for index: {index.name} when TableThroughputMode is PAY_PER_REQUEST can be to "
            "OnDemandThroughput, WarmThroughput"
        )
    if not changes and not limits:
        raise invalid_parameters(
            "At least one of ProvisionedThroughput, OnDemandThroughput or WarmThroughput is required "
            f"for index: {index.name}"
        )
    provisioned = changes.get("ProvisionedThroughput")
    if provisioned is not None:
        throughput.check_table(billing_mode, provisioned)
        current = index.settings.get("ProvisionedThroughput", {})
        changes["ProvisionedThroughput"] = throughput.changed(current, provisioned, now, f"index {index.name}")
    throughput.check_warm(changes.get("WarmThroughput"), index.settings, billing_mode, f"index {index.name}")
    settings = throughput.limited(index.settings, billing_mode, limits, index.name)
    return dataclasses.replace(index, settings={**settings, **changes})
