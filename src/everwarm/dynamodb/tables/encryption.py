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
    kind, key = specification.get("SSEType"), specification.get("KMSMasterKeyId")
    if specification.get("Enabled") is False:
        for member in ("SSEType", "KMSMasterKeyId"):
            if specification.get(member) is not None:
                raise invalid_parameters(f"{member} can not be specified if Enabled is false")
    if kind == "AES256":
        raise invalid_parameters("SSEType AES256 is not supported")
    if key is not None and kind is None:
        raise invalid_parameters("SSEType KMS is required if KMSMasterKeyId is specified")


def check_change(table: Table, specification: dict[str, Any] | None) -> None:
    """Check whether an `SSESpecification` changes anything.

    Raises:
        ValidationException: it is so already. The key named in another way is a change to AWS.
    """
    if specification is None:
        return
    now = describe(table)
    if now is None and not enabled(specification):
        raise invalid_parameters("Table is already encrypted by default")
    if now is not None and specification.get("KMSMasterKeyId") == now["KMSMasterKeyArn"]:
        raise invalid_parameters(
            "Table is already encrypted with given KMSMasterKeyId. "
            "Use KMSMasterKeyId parameter if you want to change Master Key"
        )


def enabled(specification: dict[str, Any]) -> bool:
    """Whether an `SSESpecification` asks for a key of AWS KMS; a type alone does."""
    wanted = specification.get("Enabled")
    return specification.get("SSEType") is not None if wanted is None else bool(wanted)


def describe(table: Table) -> dict[str, Any] | None:
    """The `SSEDescription` of a table; None while the key is DynamoDB's own, which is not told of."""
    specification = table.settings.get("SSESpecification", {})
    status = specification.get("Status", "ENABLED")
    if not enabled(specification):
        return None if status == "ENABLED" else {"Status": status}
    key = specification.get("KMSMasterKeyId")
    if key is None or key == "alias/aws/dynamodb":
        key = str(_OWN_KEY)
    if not key.startswith("arn:"):
        resource = key if key.startswith("alias/") else f"key/{key}"
        key = f"arn:aws:kms:{table.region}:{ACCOUNT}:{resource}"
    return {"Status": status, "SSEType": "KMS", "KMSMasterKeyArn": key}


def under_way(before: dict[str, Any], after: dict[str, Any], wanted: dict[str, Any] | None) -> dict[str, Any]:
    """The settings of a table while its key changes: the old one is still told of."""
    if wanted is None:
        return after
    return {**after, "SSESpecification": {**before.get("SSESpecification", {}), "Status": "UPDATING"}}
