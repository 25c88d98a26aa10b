"""PutResourcePolicy over the wire."""

import json
from typing import Any

import pytest

from tests.wire.policies import NO_POLICY, NO_TABLE, NONE, policy
from tests.wire.refused import refused


def test_the_same_again_is_the_same_revision(dynamodb: Any, arn: str) -> None:
    first = dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy("GetItem"))["RevisionId"]
    assert dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy("GetItem"))["RevisionId"] == first
    second = dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy("PutItem"))["RevisionId"]
    assert second != first
    assert dynamodb.get_resource_policy(ResourceArn=arn)["Policy"] == policy("PutItem")


def test_only_over_the_revision_that_is_expected(dynamodb: Any, arn: str) -> None:
    with refused("PolicyNotFoundException", NO_POLICY + arn):
        dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy("GetItem"), ExpectedRevisionId="1")
    first = dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy("GetItem"), ExpectedRevisionId="NO_POLICY")
    name, revision = arn.rpartition("/")[2], first["RevisionId"]
    there = (
        f"Requested policy update expecting none to be present for table {name}, "
        f"but a policy exists with revision id {revision}."
    )
    with refused("PolicyNotFoundException", NO_POLICY + there):
        dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy("PutItem"), ExpectedRevisionId="NO_POLICY")
    dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy("PutItem"), ExpectedRevisionId=first["RevisionId"])


# As measured on AWS in 2026.
@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "Invalid policy document: This policy contains invalid Json"),
        ("{", "Invalid policy document: This policy contains invalid Json"),
        ("[]", "Invalid policy document: This policy contains invalid Json"),
        ("null", "Invalid policy document: This text appears not to be a policy"),
        ("{}", "Invalid policy document: Syntax error at position (1,3)"),
        ('{"Statement": []}', "Invalid policy document: Could not parse the policy: Statement is empty!"),
        ('{"Statement": [{}]}', "Invalid policy document: Missing required field Effect"),
        (json.dumps({"Statement": ["x" * 20480]}), "Maximum policy size of 20480 bytes exceeded"),
    ],
)
def test_what_is_no_policy(dynamodb: Any, arn: str, document: str, message: str) -> None:
    with refused("ValidationException", f"One or more parameter values were invalid: {message}"):
        dynamodb.put_resource_policy(ResourceArn=arn, Policy=document)


def test_no_such_table(dynamodb: Any) -> None:
    with refused("ResourceNotFoundException", NO_TABLE):
        dynamodb.put_resource_policy(ResourceArn=NONE, Policy=policy("GetItem"))


# "Attach a resource-based policy to a DynamoDB stream", developer guide: also when it is switched off.
def test_a_stream(dynamodb: Any, new_stream: str) -> None:
    table = new_stream.partition("/stream/")[0]
    with refused("PolicyNotFoundException", NO_POLICY + new_stream):
        dynamodb.get_resource_policy(ResourceArn=new_stream)
    dynamodb.put_resource_policy(ResourceArn=new_stream, Policy=policy("GetRecords"), ExpectedRevisionId="NO_POLICY")
    with refused("PolicyNotFoundException", NO_POLICY + table):
        dynamodb.get_resource_policy(ResourceArn=table)
    dynamodb.update_table(TableName=table, StreamSpecification={"StreamEnabled": False})
    found = dynamodb.get_resource_policy(ResourceArn=new_stream)
    assert found["Policy"] == policy("GetRecords")
    deleted = dynamodb.delete_resource_policy(ResourceArn=new_stream, ExpectedRevisionId=found["RevisionId"])
    assert deleted["RevisionId"] == found["RevisionId"]
    with refused("PolicyNotFoundException", NO_POLICY + new_stream):
        dynamodb.get_resource_policy(ResourceArn=new_stream)


def test_no_such_stream(dynamodb: Any) -> None:
    arn = f"{NONE}/stream/2026-01-01T00:00:00.000"
    with refused("ResourceNotFoundException", f"Requested resource not found: Stream: {arn} not found"):
        dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy("GetRecords"))
