"""DeleteResourcePolicy over the wire."""

import json
from typing import Any

import pytest

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


def test_it_is_gone_and_may_be_deleted_again(dynamodb: Any, arn: str) -> None:
    revision = dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy("GetItem"))["RevisionId"]
    other = (
        "Requested update for policy with revision id 1, but the policy associated to target table "
        f"{arn.rpartition('/')[2]} has revision id {revision}."
    )
    with refused("PolicyNotFoundException", NO_POLICY + other):
        dynamodb.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId="1")
    assert dynamodb.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId=revision)["RevisionId"] == revision
    with refused("PolicyNotFoundException", NO_POLICY + arn):
        dynamodb.get_resource_policy(ResourceArn=arn)
    assert "RevisionId" not in dynamodb.delete_resource_policy(ResourceArn=arn)


def test_no_such_table(dynamodb: Any) -> None:
    with refused("ResourceNotFoundException", NO_TABLE):
        dynamodb.delete_resource_policy(ResourceArn=NONE)
