"""UntagResource over the wire."""

from typing import Any

from tests.wire.refused import refused


def arn_of(dynamodb: Any, table: str) -> str:
    arn: str = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    return arn


NONE = "arn:aws:dynamodb:us-east-1:000000000000:table/wire-none"
DENIED = "User: arn:aws:iam::000000000000:root is not authorized to perform: dynamodb:%s on resource: abcd"
NO_ARN = "Invalid TableArn: Invalid ResourceArn provided as input "


def test_some_go_and_some_were_never_there(dynamodb: Any, fresh: str) -> None:
    arn = arn_of(dynamodb, fresh)
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": key} for key in "abc"])
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["a", "c", "x"])
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "b"}]


def test_no_keys(dynamodb: Any, fresh: str) -> None:
    with refused("ValidationException", "Atleast one Tag Key needs to be provided as Input."):
        dynamodb.untag_resource(ResourceArn=arn_of(dynamodb, fresh), TagKeys=[])


def test_arns_of_no_table(dynamodb: Any) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found"):
        dynamodb.untag_resource(ResourceArn=NONE, TagKeys=["a"])
    with refused("ValidationException", f"{NO_ARN}{NONE}/index/by-name"):
        dynamodb.untag_resource(ResourceArn=f"{NONE}/index/by-name", TagKeys=["a"])
    with refused("AccessDeniedException", DENIED % "UntagResource"):
        dynamodb.untag_resource(ResourceArn="abcd", TagKeys=["a"])


def test_no_arn(unchecked: Any) -> None:
    with refused("ValidationException", "Invalid TableArn"):
        unchecked.untag_resource(TagKeys=["a"])
