"""Brings a project's tables into being, by the DynamoDB API alone: what is missing is made, what differs is changed.

Not here: what has to change (table_changes.py); functions and mappings, which are no AWS resources on one machine but
parts of `everwarm.stack`.
"""

import asyncio
from typing import Any

from everwarm.client import Client
from everwarm.errors import ResourceNotFoundException, ValidationException
from everwarm.serverless.intrinsics import Attributes
from everwarm.serverless.project import Project
from everwarm.serverless.table_changes import changes, obstacle
from everwarm.serverless.tables import TableResource

POLL_S = 0.02
"""The pause between two looks at an index that is being filled."""


async def deploy_tables(client: Client, project: Project) -> Attributes:
    """Create or update every table of the project.

    Returns:
        What references to the tables stand for, by logical id: `Ref`, `Arn`, `StreamArn`.

    Raises:
        ProjectError: a table exists with another key or other local indexes, or cannot be made as the file has it.
    """
    attributes: dict[str, dict[str, str]] = {}
    for table in project.tables:
        described = await _table(client, table)
        await _time_to_live(client, table)
        await _tags(client, table, described["TableArn"])
        found = {"Ref": table.name, "Arn": described["TableArn"]}
        if "StreamSpecification" in described:
            found["StreamArn"] = described["LatestStreamArn"]
        attributes[table.logical_id] = found
    return attributes


async def _table(client: Client, table: TableResource) -> dict[str, Any]:
    wanted = table.create_request
    try:
        existing = (await client.call("DescribeTable", {"TableName": table.name}))["Table"]
    except ResourceNotFoundException:
        return await _create(client, table)
    if (reason := obstacle(existing, wanted)) is not None:
        raise table.place.error(f"the table {table.name} {reason}")
    try:
        for change in changes(existing, wanted):
            await client.call("UpdateTable", {"TableName": table.name, **change})
            await _settled(client, table)
    except ValidationException as err:
        raise table.place.error(f"the table {table.name} cannot be changed: {err.message}") from err
    return await _describe(client, table)


async def _create(client: Client, table: TableResource) -> dict[str, Any]:
    try:
        await client.call("CreateTable", table.create_request)
    except ValidationException as err:
        # The service does not name the table.
        raise table.place.error(f"the table {table.name} cannot be created: {err.message}") from err
    return await _describe(client, table)


async def _describe(client: Client, table: TableResource) -> dict[str, Any]:
    described: dict[str, Any] = (await client.call("DescribeTable", {"TableName": table.name}))["Table"]
    return described


async def _settled(client: Client, table: TableResource) -> None:
    """Return when a table and all its indexes are there: the service changes one thing at a time."""
    while True:
        described = await _describe(client, table)
        statuses = [index["IndexStatus"] for index in described.get("GlobalSecondaryIndexes", ())]
        if {described["TableStatus"], *statuses} == {"ACTIVE"}:
            return
        await asyncio.sleep(POLL_S)


async def _tags(client: Client, table: TableResource, arn: str) -> None:
    listed = (await client.call("ListTagsOfResource", {"ResourceArn": arn}))["Tags"]
    has = {tag["Key"]: tag["Value"] for tag in listed}
    wants = {tag["Key"]: tag["Value"] for tag in table.create_request.get("Tags", ())}
    if gone := [key for key in has if key not in wants]:
        await client.call("UntagResource", {"ResourceArn": arn, "TagKeys": gone})
    if new := [{"Key": key, "Value": value} for key, value in wants.items() if has.get(key) != value]:
        await client.call("TagResource", {"ResourceArn": arn, "Tags": new})


async def _time_to_live(client: Client, table: TableResource) -> None:
    description = (await client.call("DescribeTimeToLive", {"TableName": table.name}))["TimeToLiveDescription"]
    has = description.get("AttributeName")
    wants = table.time_to_live_attribute
    if has == wants:
        return
    try:
        for attribute, enabled in ((has, False), (wants, True)):
            if attribute is not None:
                specification = {"AttributeName": attribute, "Enabled": enabled}
                await client.call(
                    "UpdateTimeToLive", {"TableName": table.name, "TimeToLiveSpecification": specification}
                )
    except ValidationException as err:
        problem = f"TTL of the table {table.name} cannot be changed: {err.message}"
        if "fixed interval" in err.message:
            problem += ". Start again when --ttl-cool-down is over, or without it"
        raise table.place.error(problem) from err
