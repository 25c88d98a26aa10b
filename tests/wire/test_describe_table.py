"""DescribeTable over the wire."""

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
