"""UpdateTable over the wire: streams on and off, and the settings that are kept."""

from typing import Any

import pytest

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


def test_what_is_not_there_yet_is_refused_by_name(dynamodb: Any, fresh: str) -> None:
    with refused("ValidationException", has="GlobalSecondaryIndexUpdates"):
        dynamodb.update_table(TableName=fresh, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-name"}}])


def test_no_change_at_all(dynamodb: Any, fresh: str) -> None:
    with refused("ValidationException", begins="At least one of ProvisionedThroughput"):
        dynamodb.update_table(TableName=fresh)


def test_no_such_table(dynamodb: Any) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found: Table: wire-none not found"):
        dynamodb.update_table(TableName="wire-none", StreamSpecification=ON)
