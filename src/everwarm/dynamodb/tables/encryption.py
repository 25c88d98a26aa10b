"""Encryption at rest: kept and shown, no more. Everything lies on the disk as it is."""

import uuid
from typing import Any

from everwarm.account import ACCOUNT
from everwarm.dynamodb.tables.schema import Table
from everwarm.errors import invalid_parameters

_OWN_KEY = uuid.uuid5(uuid.NAMESPACE_URL, "alias/aws/dynamodb")
"""The account's key for DynamoDB, where a request names none."""


def check_encryption(specification: dict[str, Any] | None) -> None:
    """Check an `SSESpecification`.

    Raises:
        ValidationException: it contradicts itself.
    """
    if specification is None:
        return
    kind = specification.get("SSEType")
    if not specification.get("Enabled"):
        if kind is not None or specification.get("KMSMasterKeyId") is not None:
            raise invalid_parameters("SSEType and KMSMasterKeyId cannot be specified when SSE is not enabled")
    elif kind == "AES256":
        raise invalid_parameters("SSEType AES256 is not supported")


def describe(table: Table) -> dict[str, Any] | None:
    """The `SSEDescription` of a table; None while the key is DynamoDB's own, which is not told of."""
    specification = table.settings.get("SSESpecification", {})
    if not specification.get("Enabled"):
        return None
    key = specification.get("KMSMasterKeyId")
    if key is None or key == "alias/aws/dynamodb":
        key = str(_OWN_KEY)
    if not key.startswith("arn:"):
        resource = key if key.startswith("alias/") else f"key/{key}"
        key = f"arn:aws:kms:{table.region}:{ACCOUNT}:{resource}"
    return {"Status": specification.get("Status", "ENABLED"), "SSEType": "KMS", "KMSMasterKeyArn": key}


def under_way(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The settings of a table while its key changes: one that is given up is still told of."""
    old, new = before.get("SSESpecification", {}), after.get("SSESpecification", {})
    shown = new if new.get("Enabled") else old
    if old == new or not shown.get("Enabled"):
        return after
    return {**after, "SSESpecification": {**shown, "Status": "UPDATING"}}
