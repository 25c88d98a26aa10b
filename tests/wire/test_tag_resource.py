"""TagResource over the wire."""

from typing import Any

import pytest

from tests.wire.refused import refused


def arn_of(dynamodb: Any, table: str) -> str:
    arn: str = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    return arn


NONE = "arn:aws:dynamodb:us-east-1:000000000000:table/wire-none"
DENIED = "User: arn:aws:iam::000000000000:root is not authorized to perform: dynamodb:%s on resource: abcd"
NO_ARN = "Invalid TableArn: Invalid ResourceArn provided as input "


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
    with refused("ValidationException", has="50"):
        dynamodb.tag_resource(ResourceArn=arn, Tags=tags("50"))
    assert len(listed(dynamodb, arn)) == 50


@pytest.mark.parametrize(
    ("wanted", "has"),
    [
        ([], "Atleast one Tag needs to be provided as Input."),
        (tags("aws:mine"), "aws:"),
        (tags("a", "a"), "a"),
        (
            tags("k" * 129),
            "'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128",
        ),
        (tags("k", value="v" * 257), "'tags.1.member.value' failed to satisfy constraint"),
    ],
)
def test_tags_that_are_refused(unchecked: Any, fresh: str, wanted: list[dict[str, str]], has: str) -> None:
    arn = arn_of(unchecked, fresh)
    with refused("ValidationException", has=has):
        unchecked.tag_resource(ResourceArn=arn, Tags=wanted)
    assert listed(unchecked, arn) == {}


def test_arns_of_no_table(dynamodb: Any, fresh: str) -> None:
    with refused("ResourceNotFoundException", f"Requested resource not found: ResourcArn: {NONE} not found"):
        dynamodb.tag_resource(ResourceArn=NONE, Tags=tags("a"))
    index = f"{arn_of(dynamodb, fresh)}/index/by-name"
    with refused("ValidationException", NO_ARN + index):
        dynamodb.tag_resource(ResourceArn=index, Tags=tags("a"))
    with refused("AccessDeniedException", DENIED % "TagResource"):
        dynamodb.tag_resource(ResourceArn="abcd", Tags=tags("a"))


def test_no_arn(unchecked: Any) -> None:
    with refused("ValidationException", "Invalid TableArn"):
        unchecked.tag_resource(Tags=[])
