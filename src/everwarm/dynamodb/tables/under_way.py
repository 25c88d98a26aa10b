"""A table as the answer of UpdateTable shows it: in most things as it still is. What it has become tells DescribeTable.

Source: what was measured on AWS in 2026, "ack-api-quirks" DDB-TABLE-060, 064, 135, 140, 155, 165, 178, 179, 284, 410.
"""

import dataclasses
from typing import Any

from everwarm.dynamodb.tables import encryption, index_updates, throughput
from everwarm.dynamodb.tables.schema import Index, IndexStatus, Table

_TAKES_THE_TABLE = ("BillingMode", "ProvisionedThroughput", "StreamSpecification", "TableClass")
_KEEP_THEIR_OLD_VALUE = ("TableClass", "TableClassChangedAt")


def status(request: dict[str, Any]) -> str:
    """The `TableStatus` in the answer. Some changes hold at once, some have a status of their own."""
    if any(request.get(member) is not None for member in _TAKES_THE_TABLE):
        return "UPDATING"
    updates = request.get("GlobalSecondaryIndexUpdates") or ()
    return "UPDATING" if index_updates.has_new_or_gone(updates) else "ACTIVE"


def shown(before: Table, after: Table, request: dict[str, Any]) -> Table:
    """
    Args:
        before: the table until now.
        after: what it has become.
        request: a request of UpdateTable that was carried out.
    """
    mode = throughput.billing_mode(before.settings)
    settings = throughput.under_way(before.settings, after.settings)
    settings = encryption.under_way(before.settings, settings, request.get("SSESpecification"))
    settings = {name: value for name, value in settings.items() if name not in _KEEP_THEIR_OLD_VALUE}
    settings |= {name: before.settings[name] for name in _KEEP_THEIR_OLD_VALUE if name in before.settings}
    settings |= throughput.taken_away(settings, request.get("OnDemandThroughput"))
    settings |= throughput.warming(before.settings, mode, request.get("WarmThroughput") is not None)
    if throughput.billing_mode(settings) == throughput.ON_DEMAND != mode:
        # It counts as a decrease for as long as it takes, and has no moment yet.
        moment = {"LastDecreaseDateTime": settings["OnDemandSince"]}
        settings["ProvisionedThroughput"] = {**settings.get("ProvisionedThroughput", {}), **moment}
        settings["OnDemandSince"] = before.settings.get("OnDemandSince")
    return dataclasses.replace(after, settings=settings, indexes=_indexes(before, after, request))


def _indexes(before: Table, after: Table, request: dict[str, Any]) -> tuple[Index, ...]:
    updates = [update["Update"] for update in request.get("GlobalSecondaryIndexUpdates") or () if update.get("Update")]
    asked = {update["IndexName"]: update for update in updates}
    known = {index.number: index for index in before.indexes}
    mode = throughput.billing_mode(before.settings)
    shown = [
        _index(known[index.number], index, asked.get(index.name, {}), mode) if index.number in known else index
        for index in after.indexes
    ]
    kept = {index.number for index in after.indexes}
    gone = [
        dataclasses.replace(index, status=IndexStatus.DELETING) for index in before.indexes if index.number not in kept
    ]
    return (*shown, *gone)


def _index(before: Index, after: Index, asked: dict[str, Any], mode: str) -> Index:
    if before == after and not asked:
        return after
    warming = asked.get("WarmThroughput") is not None
    settings = throughput.under_way(before.settings, after.settings)
    settings = {
        **settings,
        **throughput.taken_away(settings, asked.get("OnDemandThroughput")),
        **throughput.warming(before.settings, mode, warming),
    }
    others = ("ProvisionedThroughput", "OnDemandThroughput")
    state = after.status if warming and all(asked.get(member) is None for member in others) else IndexStatus.UPDATING
    return dataclasses.replace(after, status=state, settings=settings)
