"""What has to be asked of the service so that a table that exists becomes what the file says. Pure.

One UpdateTable changes one thing, as the service wants it; they are to be made in order, each when the one before it
is done. Not here: making them (deploy.py).
"""

from typing import Any

Described = dict[str, Any]
"""A table as DescribeTable has it."""

Request = dict[str, Any]
"""A table as CreateTable takes it, or what UpdateTable takes besides `TableName`."""

_DEFAULTS = {"DeletionProtectionEnabled": False, "TableClass": "STANDARD"}


def obstacle(has: Described, wants: Request) -> str | None:
    """Why the table that exists cannot become what the file says, to be read after its name; None where it can."""
    if key(has) != key(wants):
        return (
            f"exists with the key {_shown(has)}, and the file wants {_shown(wants)}. "
            "A key cannot be changed: give the table another name, or delete the old one (or all data: remove "
            "the data directory)"
        )
    if _indexes(has, "LocalSecondaryIndexes") != _indexes(wants, "LocalSecondaryIndexes"):
        return (
            "exists with other local indexes than the file wants. They are made with their table, and cannot be "
            "changed: give the table another name, or delete the old one"
        )
    return None


def changes(has: Described, wants: Request) -> list[Request]:
    """The UpdateTable requests, without the table's name, where there is no obstacle."""
    return [*_stream(has, wants), *_gone(has, wants), *_billing(has, wants), *_new(has, wants), *_settings(has, wants)]


def key(table: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Names, kinds and types of a key's attributes."""
    types = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    return [(one["AttributeName"], one["KeyType"], types[one["AttributeName"]]) for one in table["KeySchema"]]


def _shown(table: dict[str, Any]) -> str:
    return ", ".join(f"{name} ({kind} {tag})" for name, kind, tag in key(table))


def _stream(has: Described, wants: Request) -> list[Request]:
    before = has.get("StreamSpecification", {}).get("StreamViewType")
    after = wants.get("StreamSpecification", {}).get("StreamViewType")
    if before == after:
        return []
    # A view type cannot be changed, but a stream can be replaced.
    off = [{"StreamEnabled": False}] if before is not None else []
    on = [{"StreamEnabled": True, "StreamViewType": after}] if after is not None else []
    return [{"StreamSpecification": one} for one in off + on]


def _indexes(table: dict[str, Any], member: str) -> dict[str, Any]:
    """The indexes of a table by their names; of each what makes it another one."""
    types = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    return {
        index["IndexName"]: (
            [(one["AttributeName"], one["KeyType"], types.get(one["AttributeName"])) for one in index["KeySchema"]],
            index["Projection"].get("ProjectionType"),
            sorted(index["Projection"].get("NonKeyAttributes", ())),
        )
        for index in table.get(member) or ()
    }


def _gone(has: Described, wants: Request) -> list[Request]:
    before, after = (_indexes(table, "GlobalSecondaryIndexes") for table in (has, wants))
    return [
        {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]}
        for name, index in before.items()
        if after.get(name) != index
    ]


def _new(has: Described, wants: Request) -> list[Request]:
    before, after = (_indexes(table, "GlobalSecondaryIndexes") for table in (has, wants))
    return [
        {
            "AttributeDefinitions": wants["AttributeDefinitions"],
            "GlobalSecondaryIndexUpdates": [{"Create": index}],
        }
        for index in wants.get("GlobalSecondaryIndexes") or ()
        if before.get(index["IndexName"]) != after[index["IndexName"]]
    ]


def _billing(has: Described, wants: Request) -> list[Request]:
    mode_before = has.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    mode = wants.get("BillingMode", "PROVISIONED")
    change: Request = {} if mode == mode_before else {"BillingMode": mode}
    if mode == "PROVISIONED":
        if _units(has) != _units(wants) and "ProvisionedThroughput" in wants:
            change["ProvisionedThroughput"] = wants["ProvisionedThroughput"]
        before = {index["IndexName"]: index for index in has.get("GlobalSecondaryIndexes") or ()}
        updates = [
            {"Update": {"IndexName": index["IndexName"], "ProvisionedThroughput": index["ProvisionedThroughput"]}}
            for index in _kept(has, wants)
            if "ProvisionedThroughput" in index and _units(before[index["IndexName"]]) != _units(index)
        ]
        if updates:
            change["GlobalSecondaryIndexUpdates"] = updates
    return [change] if change else []


def _kept(has: Described, wants: Request) -> list[dict[str, Any]]:
    before, after = (_indexes(table, "GlobalSecondaryIndexes") for table in (has, wants))
    return [
        index
        for index in wants.get("GlobalSecondaryIndexes") or ()
        if before.get(index["IndexName"]) == after[index["IndexName"]]
    ]


def _units(table: dict[str, Any]) -> tuple[int, int]:
    throughput = table.get("ProvisionedThroughput", {})
    return throughput.get("ReadCapacityUnits", 0), throughput.get("WriteCapacityUnits", 0)


def _settings(has: Described, wants: Request) -> list[Request]:
    before = {**_DEFAULTS, **has.get("TableClassSummary", {})}
    before["DeletionProtectionEnabled"] = has["DeletionProtectionEnabled"]
    return [
        {member: wants.get(member, default)}
        for member, default in _DEFAULTS.items()
        if before[member] != wants.get(member, default)
    ]
