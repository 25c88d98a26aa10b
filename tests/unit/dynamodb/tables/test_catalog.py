"""Which tables there are, also after a restart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.keys import key_in_item
from everwarm.errors import ResourceInUseException, ResourceNotFoundException

Call = Callable[..., dict[str, Any]]

TABLE = {
    "TableName": "rates",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "B"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
}
TTL = {"Enabled": True, "AttributeName": "ttl"}


def test_everything_is_there_after_a_restart(tmp_path: Path, call_on: Callable[[Engine], Call]) -> None:
    described = []
    for first in (True, False):
        engine = Engine.open(tmp_path, ManualClock())
        call = call_on(engine)
        if first:
            call("CreateTable", **TABLE)
            call("UpdateTimeToLive", TableName="rates", TimeToLiveSpecification=TTL)
        described.append((call("DescribeTable", TableName="rates"), call("DescribeTimeToLive", TableName="rates")))
        engine.close()
    assert described[0] == described[1]


def test_a_deleted_table_stays_deleted(tmp_path: Path, call_on: Callable[[Engine], Call]) -> None:
    engine = Engine.open(tmp_path, ManualClock())
    call_on(engine)("CreateTable", **TABLE)
    call_on(engine)("DeleteTable", TableName="rates")
    engine.close()
    engine = Engine.open(tmp_path, ManualClock())
    assert call_on(engine)("ListTables") == {"TableNames": []}
    engine.close()


def test_names_are_taken_once(call: Call, create: Call) -> None:
    create("rates")
    with pytest.raises(ResourceInUseException, match="Table already exists: rates"):
        create("rates")


def test_a_table_is_found_by_its_arn_too(call: Call, create: Call) -> None:
    arn = create("rates")["TableArn"]
    call("PutItem", TableName=arn, Item={"pk": {"S": "a"}})
    assert call("DescribeTable", TableName=arn)["Table"]["TableName"] == "rates"
    assert "Item" in call("GetItem", TableName="rates", Key={"pk": {"S": "a"}})


# Table operations name the table that is missing, data operations do not.
def test_the_two_ways_not_to_be_there(call: Call) -> None:
    with pytest.raises(ResourceNotFoundException) as caught:
        call("DescribeTable", TableName="none")
    assert caught.value.message == "Requested resource not found: Table: none not found"
    with pytest.raises(ResourceNotFoundException) as caught:
        call("GetItem", TableName="none", Key={"pk": {"S": "a"}})
    assert caught.value.message == "Requested resource not found"


# The items of the first are not the second's.
def test_a_table_made_again_is_empty(call: Call, create: Call) -> None:
    first = create("rates")
    call("PutItem", TableName="rates", Item={"pk": {"S": "a"}})
    call("DeleteTable", TableName="rates")
    second = create("rates")
    assert "Item" not in call("GetItem", TableName="rates", Key={"pk": {"S": "a"}})
    assert first["TableId"] != second["TableId"]


# A write that was read while the table was there must not land in another one of its name.
def test_a_write_to_a_table_that_was_replaced_is_refused(call: Call, create: Call, engine: Engine) -> None:
    item = {"pk": {"S": "a"}}
    create("rates")
    table = engine.tables.find("rates")
    key = key_in_item(table, item)
    call("DeleteTable", TableName="rates")
    create("rates")
    with pytest.raises(ResourceNotFoundException):
        engine.store.update(lambda tx: engine.write(tx, table, key, lambda old: item))
