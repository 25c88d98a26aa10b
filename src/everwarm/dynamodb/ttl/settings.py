"""Switching TTL on and off, and what it says of itself. Texts as recorded on AWS; see "Errors" in its API reference."""

from typing import Any

from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.catalog import Catalog
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.ttl.index import ExpiryIndex
from everwarm.errors import ValidationException


def update(tx: Tx, catalog: Catalog, index: ExpiryIndex, table: Table, attribute: str, enabled: bool) -> None:
    """Switch TTL of a table on or off.

    Raises:
        ValidationException: it is so already, or another attribute is in use.
    """
    current = table.time_to_live
    if current is not None and attribute != current:
        raise ValidationException(
            f"TimeToLive is active on a different AttributeName: current AttributeName is {current}"
        )
    if enabled == (current is not None):
        raise ValidationException(f"TimeToLive is already {'enabled' if enabled else 'disabled'}")
    if enabled:
        table = catalog.replace(tx, table, time_to_live=attribute)
        index.start(tx, table)
    else:
        index.drop(tx, table)
        catalog.replace(tx, table, time_to_live=None)


def describe(table: Table) -> dict[str, Any]:
    """The `TimeToLiveDescription` of the API. The attribute of a TTL that was switched off is forgotten."""
    if table.time_to_live is None:
        return {"TimeToLiveStatus": "DISABLED"}
    return {"TimeToLiveStatus": "ENABLED", "AttributeName": table.time_to_live}
