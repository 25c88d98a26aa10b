"""Brings a project's tables into being, by the DynamoDB API alone: what is missing is made, what differs is changed.

Not here: functions and mappings, which are no AWS resources on one machine but parts of `everwarm.stack`.
"""

from typing import Any

from everwarm.client import Client
from everwarm.errors import ProjectError, ResourceNotFoundException, ValidationException
from everwarm.serverless.intrinsics import Attributes
from everwarm.serverless.project import Project
from everwarm.serverless.tables import TableResource


async def deploy_tables(client: Client, project: Project) -> Attributes:
    """Create or update every table of the project.

    Returns:
        What references to the tables stand for, by logical id: `Ref`, `Arn`, `StreamArn`.

    Raises:
        ProjectError: a table exists with another key, or cannot be made as the file has it.
    """
    attributes: dict[str, dict[str, str]] = {}
    for table in project.tables:
        described = await _table(client, project, table)
        await _time_to_live(client, table)
        found = {"Ref": table.name, "Arn": described["TableArn"]}
        if "StreamSpecification" in described:
            found["StreamArn"] = described["LatestStreamArn"]
        attributes[table.logical_id] = found
    return attributes


async def _table(client: Client, project: Project, table: TableResource) -> dict[str, Any]:
    wanted = table.create_request
    try:
        existing = (await client.call("DescribeTable", {"TableName": table.name}))["Table"]
    except ResourceNotFoundException:
        return await _create(client, project, table)
    if _key(existing) != _key(wanted):
        raise ProjectError(
            f"the table {table.name} exists with the key {_shown(existing)}, and the file wants {_shown(wanted)}. "
            "A key cannot be changed: give the table another name, or delete the old one (or all data: remove "
            "the data directory)",
            str(project.path),
        )
    for member in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if wanted.get(member):
            raise ProjectError(f"the table {table.name}: {member} cannot be added here yet", str(project.path))
    has = existing.get("StreamSpecification", {}).get("StreamViewType")
    wants = wanted.get("StreamSpecification", {}).get("StreamViewType")
    if has != wants:
        # A view type cannot be changed either, but a stream can be replaced.
        for specification in (
            {"StreamEnabled": False} if has is not None else None,
            {"StreamEnabled": True, "StreamViewType": wants} if wants is not None else None,
        ):
            if specification is not None:
                await client.call("UpdateTable", {"TableName": table.name, "StreamSpecification": specification})
    return await _describe(client, table)


async def _create(client: Client, project: Project, table: TableResource) -> dict[str, Any]:
    try:
        await client.call("CreateTable", table.create_request)
    except ValidationException as err:
        # The service names neither the table nor the file.
        raise ProjectError(f"the table {table.name} cannot be created: {err.message}", str(project.path)) from err
    return await _describe(client, table)


async def _describe(client: Client, table: TableResource) -> dict[str, Any]:
    described: dict[str, Any] = (await client.call("DescribeTable", {"TableName": table.name}))["Table"]
    return described


async def _time_to_live(client: Client, table: TableResource) -> None:
    description = (await client.call("DescribeTimeToLive", {"TableName": table.name}))["TimeToLiveDescription"]
    has = description.get("AttributeName")
    wants = table.time_to_live_attribute
    if has == wants:
        return
    for attribute, enabled in ((has, False), (wants, True)):
        if attribute is not None:
            await client.call(
                "UpdateTimeToLive",
                {
                    "TableName": table.name,
                    "TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": enabled},
                },
            )


def _key(table: dict[str, Any]) -> list[tuple[str, str, str]]:
    types = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    return [(one["AttributeName"], one["KeyType"], types[one["AttributeName"]]) for one in table["KeySchema"]]


def _shown(table: dict[str, Any]) -> str:
    return ", ".join(f"{name} ({kind} {tag})" for name, kind, tag in _key(table))
