"""CreateTable over the wire; which requests make sense is tested in unit/dynamodb/tables/test_create.py."""

import re
import uuid
from typing import Any

import pytest

from tests.wire.refused import refused

KEY = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
}


@pytest.fixture
def name() -> str:
    return f"wire-{uuid.uuid4()}"


def test_it_can_be_used_at_once(dynamodb: Any, name: str) -> None:
    created = dynamodb.create_table(TableName=name, **KEY, BillingMode="PAY_PER_REQUEST")["TableDescription"]
    assert created["TableStatus"] in ("CREATING", "ACTIVE")
    assert created["TableArn"] == f"arn:aws:dynamodb:us-east-1:000000000000:table/{name}"
    dynamodb.put_item(TableName=name, Item={"pk": {"S": "a"}})
    dynamodb.get_waiter("table_exists").wait(TableName=name)


def test_provisioned_throughput_is_shown(dynamodb: Any, name: str) -> None:
    throughput = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}
    dynamodb.create_table(TableName=name, **KEY, ProvisionedThroughput=throughput)
    found = dynamodb.describe_table(TableName=name)["Table"]
    assert found["ProvisionedThroughput"].items() >= throughput.items()
    assert "BillingModeSummary" not in found


def test_it_exists_already(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(TableName=name, **KEY, BillingMode="PAY_PER_REQUEST")
    with refused("ResourceInUseException", f"Table already exists: {name}"):
        dynamodb.create_table(TableName=name, **KEY, BillingMode="PAY_PER_REQUEST")


@pytest.mark.parametrize(
    ("request_members", "has"),
    [
        ({"KeySchema": []}, "'keySchema'"),
        ({"KeySchema": KEY["KeySchema"] * 3}, "'keySchema'"),
        ({"KeySchema": [{"AttributeName": "pk", "KeyType": "MAIN"}]}, "enum value set: [HASH, RANGE]"),
        ({"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "BOOL"}]}, "enum value set: [B, N, S]"),
        ({"TableName": "a b"}, "[a-zA-Z0-9_.-]+"),
        (
            {"TableName": "ab"},
            (
                "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: "
                "Member must have length greater than or equal to 3"
            ),
        ),
        ({"BillingMode": "FREE"}, "enum value set"),
    ],
)
def test_shapes_that_are_refused(unchecked: Any, name: str, request_members: dict[str, Any], has: str) -> None:
    request = {"TableName": name, **KEY, "BillingMode": "PAY_PER_REQUEST", **request_members}
    with refused("ValidationException", has=has):
        unchecked.create_table(**request)
    assert name not in unchecked.list_tables()["TableNames"]


# One member of the request after the other, however many there are of each.
def test_faults_of_several_indexes(unchecked: Any, name: str) -> None:
    projection = {"ProjectionType": "ALL"}
    indexes = [{"IndexName": index, "KeySchema": KEY["KeySchema"], "Projection": projection} for index in ("a", "b")]
    with refused("ValidationException", begins="4 validation errors detected: ") as caught:
        unchecked.create_table(
            TableName=name,
            **KEY,
            BillingMode="PAY_PER_REQUEST",
            LocalSecondaryIndexes=indexes,
            GlobalSecondaryIndexes=indexes,
        )
    message = caught.value.response["Error"]["Message"]
    assert re.findall(r"at '(\w+)\.(\d)", message) == [
        ("localSecondaryIndexes", "1"),
        ("localSecondaryIndexes", "2"),
        ("globalSecondaryIndexes", "1"),
        ("globalSecondaryIndexes", "2"),
    ]


def test_a_stream_from_the_start(dynamodb: Any, name: str) -> None:
    specification = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    created = dynamodb.create_table(
        TableName=name, **KEY, BillingMode="PAY_PER_REQUEST", StreamSpecification=specification
    )["TableDescription"]
    assert created["StreamSpecification"] == specification
    assert created["LatestStreamArn"] == f"{created['TableArn']}/stream/{created['LatestStreamLabel']}"


def test_indexes_are_described(dynamodb: Any, name: str) -> None:
    created = dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": part, "AttributeType": "S"} for part in ("pk", "sk", "x")],
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-x",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "x", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "of-x",
                "KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]
    assert created["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    dynamodb.put_item(TableName=name, Item={name: {"S": name} for name in ("pk", "sk", "x", "a", "b")})
    table = dynamodb.describe_table(TableName=name)["Table"]
    [local] = table["LocalSecondaryIndexes"]
    [index] = table["GlobalSecondaryIndexes"]
    assert index["KeySchema"] == [
        {"AttributeName": "x", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]}
    assert index["IndexArn"] == f"{table['TableArn']}/index/of-x"
    assert (index["IndexStatus"], index["ItemCount"]) == ("ACTIVE", 1)
    # An item's size is that of its names and values.
    assert (table["TableSizeBytes"], local["IndexSizeBytes"], index["IndexSizeBytes"]) == (14, 10, 12)
    assert "IndexStatus" not in local


@pytest.mark.parametrize("prefix", ["arn:aws:dynamodb:us-east-1:000000000000:table/"])
def test_an_arn_is_no_name_for_a_new_table(dynamodb: Any, name: str, prefix: str) -> None:
    with refused(
        "ValidationException",
        f"1 validation error detected: Value '{prefix}{name}' at 'tableName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    ):
        dynamodb.create_table(TableName=prefix + name, **KEY, BillingMode="PAY_PER_REQUEST")


def test_settings_are_shown(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(
        TableName=name,
        **KEY,
        BillingMode="PAY_PER_REQUEST",
        TableClass="STANDARD_INFREQUENT_ACCESS",
        SSESpecification={"Enabled": True},
        DeletionProtectionEnabled=True,
        OnDemandThroughput={"MaxReadRequestUnits": 7},
        WarmThroughput={"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 4_000},
    )
    found = dynamodb.describe_table(TableName=name)["Table"]
    assert found["BillingModeSummary"].keys() == {"BillingMode", "LastUpdateToPayPerRequestDateTime"}
    assert found["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert (found["SSEDescription"]["Status"], found["SSEDescription"]["SSEType"]) == ("ENABLED", "KMS")
    assert found["SSEDescription"]["KMSMasterKeyArn"].startswith("arn:aws:kms:us-east-1:000000000000:key/")
    assert found["DeletionProtectionEnabled"] is True
    assert found["OnDemandThroughput"] == {"MaxReadRequestUnits": 7}
    assert found["WarmThroughput"] == {
        "ReadUnitsPerSecond": 13_000,
        "WriteUnitsPerSecond": 4_000,
        "Status": "ACTIVE",
    }
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=name)


def test_the_answer_tells_of_warm_throughput_that_was_asked_for(dynamodb: Any) -> None:
    name = f"wire-{uuid.uuid4().hex}"
    asked = {"TableName": name, **KEY, "BillingMode": "PAY_PER_REQUEST"}
    created = dynamodb.create_table(**asked)["TableDescription"]
    assert "WarmThroughput" not in created
    assert created["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    dynamodb.delete_table(TableName=name)
    created = dynamodb.create_table(**asked, WarmThroughput={"ReadUnitsPerSecond": 13_000})["TableDescription"]
    assert created["WarmThroughput"] == {
        "ReadUnitsPerSecond": 13_000,
        "WriteUnitsPerSecond": 4_000,
        "Status": "UPDATING",
    }


# What every table has that asks for nothing.
def test_warm_throughput_that_nobody_asked_for(dynamodb: Any, table: str) -> None:
    warm = dynamodb.describe_table(TableName=table)["Table"]["WarmThroughput"]
    assert warm == {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"}
