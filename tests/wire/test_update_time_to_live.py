"""UpdateTimeToLive over the wire."""

from typing import Any

import pytest

from tests.wire.refused import refused

ON = {"Enabled": True, "AttributeName": "ttl"}
OFF = {"Enabled": False, "AttributeName": "ttl"}
NO_NAME = "Value null at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must not be null"
NOT_SAID = "Value null at 'timeToLiveSpecification.enabled' failed to satisfy constraint: Member must not be null"


def describe(dynamodb: Any, table: str) -> dict[str, Any]:
    described: dict[str, Any] = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    return described


def test_on_and_off(dynamodb: Any, fresh: str) -> None:
    assert describe(dynamodb, fresh) == {"TimeToLiveStatus": "DISABLED"}
    response = dynamodb.update_time_to_live(TableName=fresh, TimeToLiveSpecification=ON)
    assert response["TimeToLiveSpecification"] == ON
    assert describe(dynamodb, fresh) == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    response = dynamodb.update_time_to_live(TableName=fresh, TimeToLiveSpecification=OFF)
    assert response["TimeToLiveSpecification"] == OFF
    assert describe(dynamodb, fresh) == {"TimeToLiveStatus": "DISABLED"}


def test_already(dynamodb: Any, fresh: str) -> None:
    with refused("ValidationException", "TimeToLive is already disabled"):
        dynamodb.update_time_to_live(TableName=fresh, TimeToLiveSpecification=OFF)
    dynamodb.update_time_to_live(TableName=fresh, TimeToLiveSpecification=ON)
    with refused("ValidationException", "TimeToLive is already enabled"):
        dynamodb.update_time_to_live(TableName=fresh, TimeToLiveSpecification=ON)
    message = "TimeToLive is active on a different AttributeName: current AttributeName is ttl"
    for enabled in (True, False):
        with refused("ValidationException", message):
            dynamodb.update_time_to_live(
                TableName=fresh, TimeToLiveSpecification={"Enabled": enabled, "AttributeName": "other"}
            )


@pytest.mark.parametrize(
    ("specification", "message"),
    [
        ({}, f"2 validation errors detected: {NO_NAME}; {NOT_SAID}"),
        ({"Enabled": True}, f"1 validation error detected: {NO_NAME}"),
        ({"AttributeName": "ttl"}, f"1 validation error detected: {NOT_SAID}"),
    ],
)
def test_missing_members(unchecked: Any, fresh: str, specification: dict[str, Any], message: str) -> None:
    with refused("ValidationException", message):
        unchecked.update_time_to_live(TableName=fresh, TimeToLiveSpecification=specification)


def test_a_name_that_is_too_long(dynamodb: Any, fresh: str) -> None:
    longest = {"Enabled": True, "AttributeName": "x" * 255}
    dynamodb.update_time_to_live(TableName=fresh, TimeToLiveSpecification=longest)
    with refused("ValidationException", has="Member must have length less than or equal to 255"):
        dynamodb.update_time_to_live(
            TableName=fresh, TimeToLiveSpecification={"Enabled": True, "AttributeName": "x" * 256}
        )


def test_wrong_types(unchecked: Any, fresh: str) -> None:
    with refused("SerializationException"):
        unchecked.update_time_to_live(
            TableName=fresh, TimeToLiveSpecification={"Enabled": "maybe", "AttributeName": "ttl"}
        )


def test_by_its_arn(dynamodb: Any, fresh: str) -> None:
    arn = dynamodb.describe_table(TableName=fresh)["Table"]["TableArn"]
    dynamodb.update_time_to_live(TableName=arn, TimeToLiveSpecification=ON)
    assert describe(dynamodb, fresh)["TimeToLiveStatus"] == "ENABLED"


def test_no_such_table(dynamodb: Any) -> None:
    message = "Requested resource not found: Table: wire-none not found"
    with refused("ResourceNotFoundException", message):
        dynamodb.update_time_to_live(TableName="wire-none", TimeToLiveSpecification=ON)
