"""Deploying tables: what is missing is made, what differs is changed, what cannot be changed is refused."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from everwarm.client import InProcessClient
from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.ttl.options import TimeToLiveOptions
from everwarm.errors import ProjectError
from everwarm.serverless import Project
from everwarm.serverless.deploy import deploy_tables

Make = Callable[..., Project]

TTL = "TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}"
STREAM = "StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}"


class CountingClient(InProcessClient):
    """Knows which operations it was asked for."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.actions: list[str] = []

    async def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        self.actions.append(action)
        return await super().call(action, request)

    async def table(self, name: str = "cache") -> dict[str, Any]:
        table: dict[str, Any] = (await super().call("DescribeTable", {"TableName": name}))["Table"]
        return table

    async def time_to_live(self) -> dict[str, Any]:
        description: dict[str, Any] = (await super().call("DescribeTimeToLive", {"TableName": "cache"}))[
            "TimeToLiveDescription"
        ]
        return description


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def engine(clock: ManualClock) -> Iterator[Engine]:
    engine = Engine.open(None, clock)
    yield engine
    engine.close()


@pytest.fixture
def client(engine: Engine) -> CountingClient:
    return CountingClient(engine)


def table(
    *properties: str, name: str = "cache", key: str = "pk", key_type: str = "S", logical_id: str = "Cache"
) -> str:
    lines = [
        f"TableName: {name}",
        "BillingMode: PAY_PER_REQUEST",
        f"AttributeDefinitions: [{{AttributeName: {key}, AttributeType: {key_type}}}]",
        f"KeySchema: [{{AttributeName: {key}, KeyType: HASH}}]",
        *properties,
    ]
    body = "".join(f"        {line}\n" for line in lines)
    return f"    {logical_id}:\n      Type: AWS::DynamoDB::Table\n      Properties:\n{body}"


def file(*tables: str) -> str:
    return "resources:\n  Resources:\n" + "".join(tables)


async def test_a_new_table_has_what_the_file_says(project: Make, client: CountingClient) -> None:
    await deploy_tables(client, project(file(table(TTL, STREAM))))
    made = await client.table()
    assert made["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert made["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert await client.time_to_live() == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


# What !Ref and !GetAtt in environments and events will stand for.
async def test_references_to_a_table_get_its_name_and_arns(project: Make, client: CountingClient) -> None:
    found = await deploy_tables(client, project(file(table(STREAM), table(name="plain", logical_id="Plain"))))
    made = await client.table()
    assert found["Cache"] == {"Ref": "cache", "Arn": made["TableArn"], "StreamArn": made["LatestStreamArn"]}
    assert found["Plain"] == {"Ref": "plain", "Arn": (await client.table("plain"))["TableArn"]}


# A restart must not make a new stream, for the position of a mapping is one in the old.
async def test_deployed_again_nothing_changes(project: Make, client: CountingClient, clock: ManualClock) -> None:
    whole = project(file(table(TTL, STREAM)))
    before = await deploy_tables(client, whole)
    clock.advance(60)
    client.actions.clear()
    assert await deploy_tables(client, whole) == before
    assert all(action.startswith(("Describe", "List")) for action in client.actions)


async def test_a_stream_is_added(project: Make, client: CountingClient) -> None:
    assert "StreamArn" not in (await deploy_tables(client, project(file(table()))))["Cache"]
    found = await deploy_tables(client, project(file(table(STREAM))))
    assert found["Cache"]["StreamArn"] == (await client.table())["LatestStreamArn"]


# Its records stay readable by its ARN, but a reference to it would be to nothing.
async def test_a_stream_is_switched_off(project: Make, client: CountingClient) -> None:
    first = await deploy_tables(client, project(file(table(STREAM))))
    assert "StreamArn" not in (await deploy_tables(client, project(file(table()))))["Cache"]
    described = await client.call("DescribeStream", {"StreamArn": first["Cache"]["StreamArn"]})
    assert described["StreamDescription"]["StreamStatus"] == "DISABLED"


async def test_another_view_type_replaces_the_stream(project: Make, client: CountingClient, clock: ManualClock) -> None:
    first = await deploy_tables(client, project(file(table(STREAM))))
    clock.advance(60)
    second = await deploy_tables(client, project(file(table("StreamSpecification: {StreamViewType: KEYS_ONLY}"))))
    assert second["Cache"]["StreamArn"] != first["Cache"]["StreamArn"]
    assert (await client.table())["StreamSpecification"]["StreamViewType"] == "KEYS_ONLY"


@pytest.mark.parametrize(
    ("specification", "expected"),
    [
        ("TimeToLiveSpecification: {AttributeName: until, Enabled: true}", "until"),
        ("TimeToLiveSpecification: {AttributeName: ttl, Enabled: false}", None),
        ("TimeToLiveSpecification: {Enabled: false}", None),
        ("", None),
    ],
)
async def test_time_to_live_is_changed(
    project: Make, client: CountingClient, specification: str, expected: str | None
) -> None:
    await deploy_tables(client, project(file(table(TTL))))
    await deploy_tables(client, project(file(table(specification))))
    assert (await client.time_to_live()).get("AttributeName") == expected


# With a cool-down it goes as on AWS: TTL is switched off by one start, and on by one that comes late enough.
async def test_time_to_live_is_changed_too_soon(project: Make, clock: ManualClock) -> None:
    engine = Engine.open(None, clock, time_to_live=TimeToLiveOptions.parse(cool_down="1h"))
    client = CountingClient(engine)
    await deploy_tables(client, project(file(table(TTL))))
    changed = project(file(table("TimeToLiveSpecification: {AttributeName: until, Enabled: true}")))
    too_soon = "within a fixed interval. Start again when --ttl-cool-down is over"
    for left in ("ttl", None):
        with pytest.raises(ProjectError, match=too_soon):
            await deploy_tables(client, changed)
        assert (await client.time_to_live()).get("AttributeName") == left
        clock.advance(3600)
        if left is not None:
            with pytest.raises(ProjectError, match=too_soon):  # off, and not on again at once
                await deploy_tables(client, changed)
    await deploy_tables(client, changed)
    assert (await client.time_to_live()).get("AttributeName") == "until"
    engine.close()


@pytest.mark.parametrize(("changed", "wanted"), [({"key": "id"}, "id (HASH S)"), ({"key_type": "N"}, "pk (HASH N)")])
async def test_another_key_is_refused(
    project: Make, client: CountingClient, changed: dict[str, str], wanted: str
) -> None:
    await deploy_tables(client, project(file(table())))
    with pytest.raises(ProjectError) as raised:
        await deploy_tables(client, project(file(table(**changed))))
    assert f"the table cache exists with the key pk (HASH S), and the file wants {wanted}." in str(raised.value)
    assert raised.value.path.endswith("serverless.yml")


# The definitions only give types; which attribute comes first in the key, the key schema says.
async def test_the_order_of_attribute_definitions_means_nothing(project: Make, client: CountingClient) -> None:
    text = file(table())
    definitions = "AttributeDefinitions: [{AttributeName: pk, AttributeType: S}, {AttributeName: sk, AttributeType: N}]"
    swapped = "AttributeDefinitions: [{AttributeName: sk, AttributeType: N}, {AttributeName: pk, AttributeType: S}]"
    text = text.replace("AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]", definitions)
    text = text.replace("KeyType: HASH}]", "KeyType: HASH}, {AttributeName: sk, KeyType: RANGE}]")
    first = await deploy_tables(client, project(text))
    assert await deploy_tables(client, project(text.replace(definitions, swapped))) == first


# The service's own judgement in its own words, and which table of which file it is about.
async def test_a_table_that_the_service_refuses(project: Make, client: CountingClient) -> None:
    text = file(table()).replace("{AttributeName: pk, AttributeType: S}", "{AttributeName: other, AttributeType: S}")
    with pytest.raises(
        ProjectError, match=r"serverless\.yml:\d+:5: the table cache cannot be created: .*AttributeDefinitions"
    ):
        await deploy_tables(client, project(text))


def indexed(*names: str, projection: str = "ALL") -> str:
    """A file with a table that has a global index for each attribute."""
    indexes = [
        f"{{IndexName: by-{name}, KeySchema: [{{AttributeName: {name}, KeyType: HASH}}], "
        f"Projection: {{ProjectionType: {projection}}}}}"
        for name in names
    ]
    defined = "".join(f", {{AttributeName: {name}, AttributeType: S}}" for name in names)
    text = table(f"GlobalSecondaryIndexes: [{', '.join(indexes)}]") if names else table()
    return file(text.replace("AttributeType: S}]", f"AttributeType: S}}{defined}]"))


async def index_names(client: CountingClient) -> list[str]:
    indexes = (await client.table()).get("GlobalSecondaryIndexes", [])
    assert all(index["IndexStatus"] == "ACTIVE" for index in indexes)
    return [index["IndexName"] for index in indexes]


@pytest.fixture
async def built(engine: Engine) -> AsyncIterator[None]:
    """Indexes are filled while the test runs."""
    stop = asyncio.Event()
    task = asyncio.create_task(engine.builder.run(stop))
    yield
    stop.set()
    await task


async def test_indexes_of_a_new_table(project: Make, client: CountingClient) -> None:
    await deploy_tables(client, project(indexed("name", "town")))
    assert await index_names(client) == ["by-name", "by-town"]


# One at a time, each over the items that are there, which is as the service wants it.
async def test_indexes_come_and_go_with_the_file(project: Make, client: CountingClient, built: None) -> None:
    await deploy_tables(client, project(indexed("name")))
    await client.call("PutItem", {"TableName": "cache", "Item": {name: {"S": "x"} for name in ("pk", "name", "town")}})
    await deploy_tables(client, project(indexed("town", "land")))
    assert await index_names(client) == ["by-town", "by-land"]
    assert [index["ItemCount"] for index in (await client.table())["GlobalSecondaryIndexes"]] == [1, 0]
    assert {one["AttributeName"] for one in (await client.table())["AttributeDefinitions"]} == {"pk", "town", "land"}
    await deploy_tables(client, project(indexed()))
    assert await index_names(client) == []


async def test_another_projection_replaces_the_index(project: Make, client: CountingClient, built: None) -> None:
    await deploy_tables(client, project(indexed("name")))
    await deploy_tables(client, project(indexed("name", projection="KEYS_ONLY")))
    [index] = (await client.table())["GlobalSecondaryIndexes"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    client.actions.clear()
    await deploy_tables(client, project(indexed("name", projection="KEYS_ONLY")))
    assert "UpdateTable" not in client.actions


async def test_new_local_indexes_are_refused(project: Make, client: CountingClient) -> None:
    await deploy_tables(client, project(file(table())))
    index = "{IndexName: by-pk, KeySchema: [{AttributeName: pk, KeyType: HASH}], Projection: {ProjectionType: ALL}}"
    with pytest.raises(ProjectError, match=r"the table cache.* local indexes"):
        await deploy_tables(client, project(file(table(f"LocalSecondaryIndexes: [{index}]"))))


async def test_billing_and_settings_follow_the_file(project: Make, client: CountingClient) -> None:
    await deploy_tables(client, project(file(table())))
    provisioned = file(
        table(
            "ProvisionedThroughput: {ReadCapacityUnits: 3, WriteCapacityUnits: 4}",
            "TableClass: STANDARD_INFREQUENT_ACCESS",
            "DeletionProtectionEnabled: true",
        )
    ).replace("BillingMode: PAY_PER_REQUEST", "BillingMode: PROVISIONED")
    await deploy_tables(client, project(provisioned))
    made = await client.table()
    assert made["ProvisionedThroughput"]["WriteCapacityUnits"] == 4
    assert (made["TableClassSummary"]["TableClass"], made["DeletionProtectionEnabled"]) == (
        "STANDARD_INFREQUENT_ACCESS",
        True,
    )
    client.actions.clear()
    await deploy_tables(client, project(provisioned))
    assert "UpdateTable" not in client.actions
    await deploy_tables(client, project(file(table())))
    made = await client.table()
    assert (made["BillingModeSummary"]["BillingMode"], made["DeletionProtectionEnabled"]) == ("PAY_PER_REQUEST", False)


async def test_tags_follow_the_file(project: Make, client: CountingClient) -> None:
    async def tags() -> list[dict[str, str]]:
        arn = (await client.table())["TableArn"]
        found: list[dict[str, str]] = (await client.call("ListTagsOfResource", {"ResourceArn": arn}))["Tags"]
        return found

    await deploy_tables(client, project(file(table("Tags: [{Key: team, Value: a}, {Key: cost, Value: b}]"))))
    assert await tags() == [{"Key": "team", "Value": "a"}, {"Key": "cost", "Value": "b"}]
    await deploy_tables(client, project(file(table("Tags: [{Key: team, Value: c}, {Key: new, Value: d}]"))))
    assert await tags() == [{"Key": "team", "Value": "c"}, {"Key": "new", "Value": "d"}]
    await deploy_tables(client, project(file(table())))
    assert await tags() == []


# A table that was taken out of the file is not deleted: the data is the person's to throw away.
async def test_tables_that_the_file_does_not_have_stay(project: Make, client: CountingClient) -> None:
    await deploy_tables(client, project(file(table(), table(name="other", logical_id="Other"))))
    await deploy_tables(client, project(file(table())))
    assert (await client.call("ListTables", {}))["TableNames"] == ["cache", "other"]
