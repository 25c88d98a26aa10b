"""UntagResource over the wire."""

from typing import Any

from tests.wire.refused import refused


def arn_of(dynamodb: Any, table: str) -> str:
    arn: str = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    return arn


NONE = "arn:aws:dynamodb:us-east-1:000000000000:table/wire-none"
NO_ARN_AT_ALL = "One or more parameter values were invalid: ARNs must start with 'arn:': abcd"
NO_INDEX = (
    "One or more parameter values were invalid: "
    "Invalid resource arn provided, only table or stream is accepted. Provided resource arn: "
)


def test_some_go_and_some_were_never_there(dynamodb: Any, fresh: str) -> None:
    arn = arn_of(dynamodb, fresh)
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": key} for key in "abc"])
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["a", "c", "x"])
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "b"}]


def test_no_keys(dynamodb: Any, fresh: str) -> None:
    with refused("ValidationException", "Atleast one Tag Key needs to be provided as Input."):
        dynamodb.untag_resource(ResourceArn=arn_of(dynamodb, fresh), TagKeys=[])


def test_keys_that_no_tag_has(unchecked: Any, fresh: str) -> None:
    arn = arn_of(unchecked, fresh)
    with refused("ValidationException", "The Tag Key provided is invalid, Key: "):
        unchecked.untag_resource(ResourceArn=arn, TagKeys=[""])
    with refused("ValidationException", "Tag Key cannot be prefixed with aws:, Key: aws:mine"):
        unchecked.untag_resource(ResourceArn=arn, TagKeys=["aws:mine"])
    with refused("ValidationException", "Number of Tags exceed the current limit for the provided ResourceArn"):
        unchecked.untag_resource(ResourceArn=arn, TagKeys=[str(number) for number in range(51)])


def test_arns_of_no_table(dynamodb: Any) -> None:
    with refused("ResourceNotFoundException", f"Requested resource not found: ResourceArn: {NONE} not found"):
        dynamodb.untag_resource(ResourceArn=NONE, TagKeys=["a"])
    with refused("ValidationException", f"{NO_INDEX}{NONE}/index/by-name"):
        dynamodb.untag_resource(ResourceArn=f"{NONE}/index/by-name", TagKeys=["a"])
    with refused("ValidationException", NO_ARN_AT_ALL):
        dynamodb.untag_resource(ResourceArn="abcd", TagKeys=["a"])


def test_no_arn(unchecked: Any) -> None:
    with refused("ValidationException", "Invalid TableArn"):
        unchecked.untag_resource(TagKeys=["a"])
