"""GetResourcePolicy over the wire."""

from typing import Any

from tests.wire.conftest import make_table
from tests.wire.policies import NO_POLICY, NO_TABLE, NONE, policy
from tests.wire.refused import refused


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
