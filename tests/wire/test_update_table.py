"""UpdateTable over the wire; what it makes of a table is tested in unit/dynamodb/tables/test_update.py."""

import time
from typing import Any

import pytest

from tests.wire.conftest import make_table
from tests.wire.refused import refused

INVALID = "One or more parameter values were invalid: "
ON = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
OFF = {"StreamEnabled": False}


def test_a_stream_on_off_and_on_again(dynamodb: Any, fresh: str) -> None:
    on = dynamodb.update_table(TableName=fresh, StreamSpecification=ON)["TableDescription"]
    assert on["StreamSpecification"] == ON
    dynamodb.update_table(TableName=fresh, StreamSpecification=OFF)
    off = dynamodb.describe_table(TableName=fresh)["Table"]
    assert "StreamSpecification" not in off
    assert off["LatestStreamArn"] == on["LatestStreamArn"]
    again = dynamodb.update_table(TableName=fresh, StreamSpecification=ON)["TableDescription"]
    assert again["LatestStreamArn"] != on["LatestStreamArn"]


def test_on_twice_and_off_twice(dynamodb: Any, fresh: str) -> None:
    with refused("ValidationException", f"Table has no stream to disable: TableName: {fresh}"):
        dynamodb.update_table(TableName=fresh, StreamSpecification=OFF)
    dynamodb.update_table(TableName=fresh, StreamSpecification=ON)
    with refused("ValidationException", f"Table already has an enabled stream: TableName: {fresh}"):
        dynamodb.update_table(TableName=fresh, StreamSpecification={**ON, "StreamViewType": "NEW_IMAGE"})


@pytest.mark.parametrize(
    ("request_members", "message"),
    [
        (
            {"StreamSpecification": {"StreamEnabled": True}},
            "If stream is being enabled then UpdateViewType is required",
        ),
        (
            {"StreamSpecification": {**OFF, "StreamViewType": "KEYS_ONLY"}},
            "If stream is being disabled, then UpdateViewType must not be specified",
        ),
        (
            {
                "StreamSpecification": ON,
                "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
            },
            "You cannot modify stream status while updating table IOPS",
        ),
    ],
)
def test_refusals(dynamodb: Any, fresh: str, request_members: dict[str, Any], message: str) -> None:
    with refused("ValidationException", INVALID + message):
        dynamodb.update_table(TableName=fresh, **request_members)
    assert "LatestStreamArn" not in dynamodb.describe_table(TableName=fresh)["Table"]


def test_an_unknown_view_type(dynamodb: Any, fresh: str) -> None:
    with refused("ValidationException", has="'streamSpecification.streamViewType' failed to satisfy constraint"):
        dynamodb.update_table(TableName=fresh, StreamSpecification={**ON, "StreamViewType": "EVERYTHING"})


def test_billing_can_change(dynamodb: Any, fresh: str) -> None:
    throughput = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}
    dynamodb.update_table(TableName=fresh, BillingMode="PROVISIONED", ProvisionedThroughput=throughput)
    found = dynamodb.describe_table(TableName=fresh)["Table"]
    assert found["ProvisionedThroughput"].items() >= throughput.items()
    assert found["BillingModeSummary"] == {
        "BillingMode": "PROVISIONED",
        "LastUpdateToPayPerRequestDateTime": found["CreationDateTime"],
    }
    dynamodb.update_table(TableName=fresh, BillingMode="PAY_PER_REQUEST")
    found = dynamodb.describe_table(TableName=fresh)["Table"]
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert found["ProvisionedThroughput"]["ReadCapacityUnits"] == 0


# A schema-neutral change leaves the stream alone.
def test_other_changes_keep_the_stream(dynamodb: Any, fresh: str) -> None:
    arn = dynamodb.update_table(TableName=fresh, StreamSpecification=ON)["TableDescription"]["LatestStreamArn"]
    dynamodb.update_table(TableName=fresh, DeletionProtectionEnabled=True)
    table = dynamodb.update_table(TableName=fresh, DeletionProtectionEnabled=False)["TableDescription"]
    assert (table["LatestStreamArn"], table["StreamSpecification"]) == (arn, ON)


def test_no_change_at_all(dynamodb: Any, fresh: str) -> None:
    with refused("ValidationException", begins="At least one of ProvisionedThroughput"):
        dynamodb.update_table(TableName=fresh)


def test_no_such_table(dynamodb: Any) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found: Table: wire-none not found"):
        dynamodb.update_table(TableName="wire-none", StreamSpecification=ON)


BY_NAME = {
    "IndexName": "by-name",
    "KeySchema": [{"AttributeName": "name", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
NAME = [{"AttributeName": "name", "AttributeType": "S"}]


def wait_for_index(dynamodb: Any, table: str) -> dict[str, Any]:
    while True:
        [index] = dynamodb.describe_table(TableName=table)["Table"]["GlobalSecondaryIndexes"]
        if index["IndexStatus"] == "ACTIVE":
            found: dict[str, Any] = index
            return found
        time.sleep(0.01)


def test_an_index_is_built_over_old_items_and_deleted(dynamodb: Any, fresh: str) -> None:
    for number in range(3):
        dynamodb.put_item(TableName=fresh, Item={"pk": {"S": str(number)}, "name": {"S": "a"}})
    dynamodb.put_item(TableName=fresh, Item={"pk": {"S": "nameless"}})
    dynamodb.put_item(TableName=fresh, Item={"pk": {"S": "numbered"}, "name": {"N": "1"}})
    asked = dynamodb.update_table(
        TableName=fresh, AttributeDefinitions=NAME, GlobalSecondaryIndexUpdates=[{"Create": BY_NAME}]
    )["TableDescription"]
    [index] = asked["GlobalSecondaryIndexes"]
    assert (asked["TableStatus"], index["IndexStatus"], index["Backfilling"]) == ("UPDATING", "CREATING", False)
    index = wait_for_index(dynamodb, fresh)
    assert index["ItemCount"] == 3
    assert "Backfilling" not in index
    asked = dynamodb.update_table(TableName=fresh, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-name"}}])
    [index] = asked["TableDescription"]["GlobalSecondaryIndexes"]
    assert index["IndexStatus"] == "DELETING"
    found = dynamodb.describe_table(TableName=fresh)["Table"]
    assert "GlobalSecondaryIndexes" not in found
    assert [part["AttributeName"] for part in found["AttributeDefinitions"]] == ["pk"]


def test_no_such_index(dynamodb: Any, fresh: str) -> None:
    for action in ("Delete", "Update"):
        wanted = {"IndexName": "by-name"}
        with refused("ResourceNotFoundException", f"Requested resource not found: Index by-name for table {fresh}"):
            dynamodb.update_table(TableName=fresh, GlobalSecondaryIndexUpdates=[{action: wanted}])


def test_one_index_at_a_time(dynamodb: Any, fresh: str) -> None:
    updates = [{"Create": {**BY_NAME, "IndexName": name}} for name in ("one", "two")]
    with refused(
        "LimitExceededException",
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
    ):
        dynamodb.update_table(TableName=fresh, AttributeDefinitions=NAME, GlobalSecondaryIndexUpdates=updates)


def test_throughput_as_it_is_already(dynamodb: Any) -> None:
    throughput = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}
    name = make_table(dynamodb, "pk:S", BillingMode="PROVISIONED", ProvisionedThroughput=throughput)
    with refused(
        "ValidationException",
        "The provisioned throughput for the table will not change. The requested value equals the current value. "
        "Current ReadCapacityUnits provisioned for the table: 5. Requested ReadCapacityUnits: 5. "
        "Current WriteCapacityUnits provisioned for the table: 6. Requested WriteCapacityUnits: 6. "
        "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
    ):
        dynamodb.update_table(TableName=name, ProvisionedThroughput=throughput)
    asked = dynamodb.update_table(TableName=name, ProvisionedThroughput={**throughput, "ReadCapacityUnits": 3})
    found = dynamodb.describe_table(TableName=name)["Table"]["ProvisionedThroughput"]
    # Until it is done, the answer shows what is.
    assert asked["TableDescription"]["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert (found["ReadCapacityUnits"], found["NumberOfDecreasesToday"]) == (3, 1)
    assert "LastDecreaseDateTime" in found
