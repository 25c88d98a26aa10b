"""A table as the API describes it: the `TableDescription`."""

from typing import Any

from everwarm.dynamodb.storage.transaction import Reader
from everwarm.dynamodb.tables import throughput
from everwarm.dynamodb.tables.counts import Counts
from everwarm.dynamodb.tables.schema import Index, IndexKind, IndexStatus, Table


def describe(reader: Reader, table: Table, status: str = "ACTIVE") -> dict[str, Any]:
    """The `TableDescription`.

    Args:
        reader: where the counts are.
    """
    counts = Counts.read(reader, table.number)
    described: dict[str, Any] = {
        "AttributeDefinitions": [{"AttributeName": part.name, "AttributeType": part.tag} for part in table.attributes],
        "TableName": table.name,
        "KeySchema": table.key_schema.to_wire(),
        "TableStatus": status,
        "CreationDateTime": round(table.created_at, 3),
        "ProvisionedThroughput": throughput.describe(table.settings),
        "TableSizeBytes": counts.size_bytes,
        "ItemCount": counts.items,
        "TableArn": table.arn,
        "TableId": table.table_id,
        "DeletionProtectionEnabled": table.settings.get("DeletionProtectionEnabled", False),
    }
    if table.settings.get("BillingMode") == "PAY_PER_REQUEST":
        described["BillingModeSummary"] = {
            "BillingMode": "PAY_PER_REQUEST",
            "LastUpdateToPayPerRequestDateTime": round(table.created_at, 3),
        }
    if "TableClass" in table.settings:
        described["TableClassSummary"] = {"TableClass": table.settings["TableClass"]}
    for member, kind in (("LocalSecondaryIndexes", IndexKind.LOCAL), ("GlobalSecondaryIndexes", IndexKind.GLOBAL)):
        indexes = [_index(reader, table, index, status) for index in table.indexes if index.kind is kind]
        if indexes:
            described[member] = indexes
    if table.stream is not None:
        # AWS goes on showing the last stream's ARN after it was disabled.
        described["LatestStreamLabel"] = table.stream.label
        described["LatestStreamArn"] = table.stream.arn
        if table.stream.enabled:
            described["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": table.stream.view_type}
    return described


def _index(reader: Reader, table: Table, index: Index, table_status: str) -> dict[str, Any]:
    counts = Counts.read(reader, index.number)
    described: dict[str, Any] = {
        "IndexName": index.name,
        "KeySchema": index.key_schema.to_wire(),
        "Projection": index.projection.to_wire(),
        "IndexSizeBytes": counts.size_bytes,
        "ItemCount": counts.items,
        "IndexArn": f"{table.arn}/index/{index.name}",
    }
    if index.kind is IndexKind.GLOBAL:
        described["IndexStatus"] = "CREATING" if table_status == "CREATING" else str(index.status)
        described["ProvisionedThroughput"] = throughput.describe(index.settings)
        if index.status is IndexStatus.CREATING:
            described["Backfilling"] = True
    return described
