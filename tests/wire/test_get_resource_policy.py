"""GetResourcePolicy over the wire."""

import json
from typing import Any

import pytest

from tests.wire.conftest import make_table
from tests.wire.refused import refused

NONE = "arn:aws:dynamodb:us-east-1:000000000000:table/wire-none"
NO_TABLE = "Requested resource not found: Table: wire-none not found"
NO_POLICY = "Resource-based policy not found for the provided ResourceArn: "


def policy(action: str) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": f"dynamodb:{action}", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def arn(dynamodb: Any, fresh: str) -> str:
    found: str = dynamodb.describe_table(TableName=fresh)["Table"]["TableArn"]
    return found


def test_one_that_was_put(dynamodb: Any, arn: str) -> None:
    with refused("PolicyNotFoundException", NO_POLICY + arn):
        dynamodb.get_resource_policy(ResourceArn=arn)
    revision = dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy("GetItem"))["RevisionId"]
    found = dynamodb.get_resource_policy(ResourceArn=arn)
    assert (found["Policy"], found["RevisionId"]) == (policy("GetItem"), revision)


def test_one_that_the_table_began_with(dynamodb: Any) -> None:
    name = make_table(dynamodb, "pk:S", ResourcePolicy=policy("GetItem"))
    described = dynamodb.describe_table(TableName=name)["Table"]
    assert dynamodb.get_resource_policy(ResourceArn=described["TableArn"])["Policy"] == policy("GetItem")
    dynamodb.delete_table(TableName=name)


def test_no_such_table(dynamodb: Any) -> None:
    with refused("ResourceNotFoundException", NO_TABLE):
        dynamodb.get_resource_policy(ResourceArn=NONE)
