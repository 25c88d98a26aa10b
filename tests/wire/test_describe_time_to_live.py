"""DescribeTimeToLive over the wire."""

from typing import Any

from tests.wire.refused import refused


def test_a_table_whose_items_stay(dynamodb: Any, table: str) -> None:
    assert dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}


def test_a_table_whose_items_expire(dynamodb: Any, fresh: str) -> None:
    specification = {"Enabled": True, "AttributeName": "ttl"}
    dynamodb.update_time_to_live(TableName=fresh, TimeToLiveSpecification=specification)
    described = dynamodb.describe_time_to_live(TableName=fresh)["TimeToLiveDescription"]
    assert described == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


def test_no_such_table(dynamodb: Any) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found: Table: wire-none not found"):
        dynamodb.describe_time_to_live(TableName="wire-none")


def test_a_name_that_is_none(unchecked: Any) -> None:
    with refused("ValidationException"):
        unchecked.describe_time_to_live(TableName="no!")
