"""ListTagsOfResource over the wire."""

from typing import Any

from tests.wire.conftest import make_table
from tests.wire.refused import refused


def arn_of(dynamodb: Any, table: str) -> str:
    arn: str = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    return arn


NONE = "arn:aws:dynamodb:us-east-1:000000000000:table/wire-none"
NO_ARN_AT_ALL = "One or more parameter values were invalid: ARNs must start with 'arn:': abcd"
NO_ARN = "Invalid TableArn: Invalid ResourceArn provided as input "


def test_of_a_table_without_any(dynamodb: Any, table: str) -> None:
    answer = dynamodb.list_tags_of_resource(ResourceArn=arn_of(dynamodb, table))
    assert answer["Tags"] == []
    assert "NextToken" not in answer


def test_those_that_a_table_was_created_with(dynamodb: Any) -> None:
    tags = [{"Key": "team", "Value": "rates"}, {"Key": "cost", "Value": ""}]
    name = make_table(dynamodb, "pk:S", Tags=tags)
    assert dynamodb.list_tags_of_resource(ResourceArn=arn_of(dynamodb, name))["Tags"] == tags
    dynamodb.delete_table(TableName=name)


def test_a_token_that_was_never_given(dynamodb: Any, table: str) -> None:
    assert dynamodb.list_tags_of_resource(ResourceArn=arn_of(dynamodb, table), NextToken="x")["Tags"] == []


def test_arns_of_no_table(dynamodb: Any) -> None:
    with refused("ResourceNotFoundException", f"Requested resource not found: ResourceArn: {NONE} not found"):
        dynamodb.list_tags_of_resource(ResourceArn=NONE)
    short = "arn:aws:dynamodb:us-east-1:000000000000:table/ab"
    with refused("ValidationException", NO_ARN + short):
        dynamodb.list_tags_of_resource(ResourceArn=short)
    with refused("ValidationException", NO_ARN_AT_ALL):
        dynamodb.list_tags_of_resource(ResourceArn="abcd")


def test_no_arn(unchecked: Any) -> None:
    with refused("ValidationException", "Invalid TableArn"):
        unchecked.list_tags_of_resource()
