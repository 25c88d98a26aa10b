"""Switching TTL on and off, and what it says of itself. Texts as recorded on AWS; see "Errors" in its API reference."""

from typing import Any

from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.catalog import Catalog
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.ttl.backfill import Backfill
from everwarm.errors import ValidationException


def update(
    tx: Tx,
    catalog: Catalog,
    backfill: Backfill,
    table: Table,
    attribute: str,
    enabled: bool,
    *,
    now: float,
    cool_down_s: float,
) -> None:
    """Switch TTL of a table on or off.

    Args:
        now: epoch seconds.
        cool_down_s: how long after the last change this one must be; a refused change does not count.

    Raises:
        ValidationException: it is so already, or another attribute is in use, or it is too soon.
    """
    current = table.time_to_live
    if current is not None and attribute != current:
        raise ValidationException(
            f"TimeToLive is active on a different AttributeName: current AttributeName is {current}"
        )
    if enabled == (current is not None):
        raise ValidationException(f"TimeToLive is already {'enabled' if enabled else 'disabled'}")
    # A clock that was put back behind the last change must not refuse the next one until it has caught up.
    last = table.time_to_live_changed_at
    if last is not None and 0 <= now - last < cool_down_s:
        raise ValidationException("Time to live has been modified multiple times within a fixed interval")
    table = catalog.replace(tx, table, time_to_live=attribute if enabled else None, time_to_live_changed_at=now)
    if enabled:
        backfill.start(tx, table)
    else:
        backfill.drop(tx, table)


def describe(table: Table) -> dict[str, Any]:
    """The `TimeToLiveDescription` of the API. The attribute of a TTL that was switched off is forgotten."""
    if table.time_to_live is None:
        return {"TimeToLiveStatus": "DISABLED"}
    return {"TimeToLiveStatus": "ENABLED", "AttributeName": table.time_to_live}
