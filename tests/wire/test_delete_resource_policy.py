"""DeleteResourcePolicy over the wire."""

from typing import Any

from tests.wire.policies import NO_POLICY, NO_TABLE, NONE, policy
from tests.wire.refused import refused


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
