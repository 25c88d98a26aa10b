"""`everwarm streams` on data that no stack has open: what it shows, does and refuses."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from everwarm.cli import app
from everwarm.client import InProcessClient
from everwarm.dynamodb.engine import Engine
from everwarm.errors import ControlError, NotRunning

Everwarm = Callable[..., Result]


@pytest.fixture
def everwarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Everwarm:
    """`everwarm streams ...` in a directory with data."""
    monkeypatch.chdir(tmp_path)
    return lambda *args: CliRunner().invoke(app, ["streams", *args])


@pytest.fixture
def data(tmp_path: Path) -> str:
    """Two tables, of which `rates` has a stream; its ARN."""
    on = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}}

    async def make(client: InProcessClient) -> str:
        for name, more in (("plain", {}), ("rates", on)):
            table = {
                "TableName": name,
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            }
            created = await client.call("CreateTable", {**table, **more})
        arn: str = created["TableDescription"]["LatestStreamArn"]
        return arn

    engine = Engine.open(tmp_path / ".everwarm")
    arn = asyncio.run(make(InProcessClient(engine)))
    engine.close()
    return arn


def shards(result: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(result.output)["shards"]
    return found


def test_a_table_of_all(everwarm: Everwarm, data: str) -> None:
    lines = everwarm("list").output.splitlines()
    assert lines[0].split() == ["Table", "Label", "Status", "View", "type", "Open", "shards", "Closed"]
    assert lines[1].split() == ["rates", data.rpartition("/")[2], "ENABLED", "KEYS_ONLY", "1", "0"]
    [listed] = json.loads(everwarm("list", "--json").output)
    assert (listed["arn"], listed["open_shards"]) == (data, 1)


def test_one_is_split_and_replaced(everwarm: Everwarm, data: str) -> None:
    before = shards(everwarm("describe", "rates", "--json"))
    assert [shard["open"] for shard in before] == [True]
    after = shards(everwarm("split", "rates", "--json"))
    assert [shard["open"] for shard in after] == [False, True, True]
    assert [shard["keys"] for shard in after] == [1, 0.5, 0.5]
    rotated = shards(everwarm("rotate", data, "--shard", after[1]["id"], "--json"))
    assert [shard["open"] for shard in rotated] == [False, False, True, True]
    assert rotated[3]["parent"] == after[1]["id"]
    assert shards(everwarm("describe", data, "--json")) == rotated


def test_how_one_looks(everwarm: Everwarm, data: str) -> None:
    shown = everwarm("split", "rates").output
    assert shown.splitlines()[0] == f"Stream     {data}"
    ids = [shard["id"] for shard in shards(everwarm("describe", "rates", "--json"))]
    rows = [line.split() for line in shown.splitlines() if line.startswith("shardId-")]
    assert [row[0] for row in rows] == ids
    assert [row[-1] == "open" for row in rows] == [False, True, True]
    assert rows[1][1:3] == [f"..{ids[0][-8:]}", "50.0000%"]


def test_no_streams(everwarm: Everwarm, tmp_path: Path) -> None:
    Engine.open(tmp_path / ".everwarm").close()
    assert everwarm("list").output.startswith("No streams.")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("split", "plain"), "the table plain has no stream"),
        (("split", "nothing"), "Table: nothing not found"),
        (("rotate", "rates", "--shard", "shardId-00000001573689847184-864758bb"), "Shard does not exist"),
    ],
)
def test_what_cannot_be_done(everwarm: Everwarm, data: str, args: tuple[str, ...], told: str) -> None:
    result = everwarm(*args)
    assert isinstance(result.exception, ControlError)
    assert told in str(result.exception)


def test_no_data(everwarm: Everwarm) -> None:
    assert isinstance(everwarm("list").exception, NotRunning)
