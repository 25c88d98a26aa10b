"""DescribeTable over the wire."""

import uuid
from datetime import datetime
from typing import Any

from tests.wire.refused import refused


def test_what_it_tells(dynamodb: Any, pairs: str) -> None:
    table = dynamodb.describe_table(TableName=pairs)["Table"]
    assert table["TableName"] == pairs
    assert table["TableStatus"] == "ACTIVE"
    assert table["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    assert {part["AttributeName"]: part["AttributeType"] for part in table["AttributeDefinitions"]} == {
        "pk": "S",
        "sk": "N",
    }
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert isinstance(table["CreationDateTime"], datetime)
    assert len(table["TableId"]) == 36


# As DynamoDB has been measured: definitions and projected attributes by name, indexes as they were asked for.
def test_what_is_sorted(dynamodb: Any) -> None:
    indexes = [
        {
            "IndexName": f"by-{attribute}",
            "KeySchema": [{"AttributeName": attribute, "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["zz", "aa", "mm"]},
        }
        for attribute in ("z", "a")
    ]
    name = f"wire-{uuid.uuid4().hex}"
    created = dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("z", "sk", "a", "pk")],
        GlobalSecondaryIndexes=indexes,
    )["TableDescription"]
    for table in (created, dynamodb.describe_table(TableName=name)["Table"]):
        assert [part["AttributeName"] for part in table["AttributeDefinitions"]] == ["a", "pk", "sk", "z"]
        assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by-z", "by-a"]
        assert table["GlobalSecondaryIndexes"][0]["Projection"]["NonKeyAttributes"] == ["aa", "mm", "zz"]


def test_by_its_arn(dynamodb: Any, table: str) -> None:
    arn = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    assert dynamodb.describe_table(TableName=arn)["Table"]["TableName"] == table


def test_no_such_table(dynamodb: Any) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found: Table: wire-none not found"):
        dynamodb.describe_table(TableName="wire-none")


def test_no_name_at_all(unchecked: Any) -> None:
    with refused("ValidationException", "The parameter 'TableName' is required but was not present in the request"):
        unchecked.describe_table()


def test_the_arn_of_an_index_is_no_table(dynamodb: Any, table: str) -> None:
    arn = dynamodb.describe_table(TableName=table)["Table"]["TableArn"] + "/index/by-name"
    with refused("ValidationException", f"Invalid TableArn: Invalid ResourceArn provided as input {arn}"):
        dynamodb.describe_table(TableName=arn)
