"""TagResource over the wire."""

from typing import Any

import pytest

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


def tags(*keys: str, value: str = "v") -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key in keys]


def listed(dynamodb: Any, arn: str) -> dict[str, str]:
    found = dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def test_new_tags_and_new_values(dynamodb: Any, fresh: str) -> None:
    arn = arn_of(dynamodb, fresh)
    dynamodb.tag_resource(ResourceArn=arn, Tags=tags("a", "b"))
    dynamodb.tag_resource(ResourceArn=arn, Tags=tags("b", "c", value=""))
    assert listed(dynamodb, arn) == {"a": "v", "b": "", "c": ""}


def test_fifty_tags_at_the_most(dynamodb: Any, fresh: str) -> None:
    arn = arn_of(dynamodb, fresh)
    dynamodb.tag_resource(ResourceArn=arn, Tags=tags(*map(str, range(50))))
    dynamodb.tag_resource(ResourceArn=arn, Tags=tags("0", value="w"))
    with refused("ValidationException", "Number of Tags exceed the current limit for the provided ResourceArn"):
        dynamodb.tag_resource(ResourceArn=arn, Tags=tags("50"))
    assert len(listed(dynamodb, arn)) == 50


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ([], "Atleast one Tag needs to be provided as Input."),
        (tags("good", "aws:mine"), "Tag Key cannot be prefixed with aws:, Key: aws:mine"),
        (tags("AWS:mine"), "Tag Key cannot be prefixed with aws:, Key: AWS:mine"),
        (tags("a", "a"), "Duplicate Tag Keys provided as input: Duplicate Tag Key found a"),
        (tags("k" * 129), f"The Tag Key provided is invalid, Key: {'k' * 129}"),
        (tags(""), "The Tag Key provided is invalid, Key: "),
        (tags("bad#sign"), "The Tag Key provided is invalid, Key: bad#sign"),
        (tags("k", value="v" * 257), f"The Tag Value provided is invalid, Value: {'v' * 257}"),
        (tags("k", value="100%"), "The Tag Value provided is invalid, Value: 100%"),
        ([{}], "The Tag Key provided is invalid, Key: null"),
        ([{"Key": "k"}], "The Tag Value provided is invalid, Value: null"),
    ],
)
def test_tags_that_are_refused(unchecked: Any, fresh: str, wanted: list[dict[str, str]], message: str) -> None:
    arn = arn_of(unchecked, fresh)
    with refused("ValidationException", message):
        unchecked.tag_resource(ResourceArn=arn, Tags=wanted)
    assert listed(unchecked, arn) == {}


def test_arns_of_no_table(dynamodb: Any, fresh: str) -> None:
    with refused("ResourceNotFoundException", f"Requested resource not found: ResourceArn: {NONE} not found"):
        dynamodb.tag_resource(ResourceArn=NONE, Tags=tags("a"))
    index = f"{arn_of(dynamodb, fresh)}/index/by-name"
    with refused("ValidationException", NO_INDEX + index):
        dynamodb.tag_resource(ResourceArn=index, Tags=tags("a"))
    with refused("ValidationException", NO_ARN_AT_ALL):
        dynamodb.tag_resource(ResourceArn="abcd", Tags=tags("a"))


def test_no_arn(unchecked: Any) -> None:
    with refused("ValidationException", "Invalid TableArn"):
        unchecked.tag_resource(Tags=[])
