"""ARNs of tables."""

import pytest

from everwarm.dynamodb.tables.arn import check_authorized, table_name, table_of_arn
from everwarm.errors import AccessDeniedException, ValidationException

TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/rates"


# An account or a region of one's own is no reason not to find the table.
@pytest.mark.parametrize("arn", [TABLE, "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/rates"])
def test_the_table_in_an_arn(arn: str) -> None:
    assert table_name(arn) == table_of_arn(arn) == "rates"


def test_a_plain_name_is_itself() -> None:
    assert table_name("rates") == "rates"


@pytest.mark.parametrize(
    "arn",
    [
        f"{TABLE}/index/by-name",
        f"{TABLE}/stream/2026-01-01T00:00:00.000",
        "arn:aws:dynamodb:us-east-1:000000000000:table/ab",
        "arn:aws:s3:::bucket/rates",
        "arn:",
    ],
)
def test_arns_of_something_else(arn: str) -> None:
    with pytest.raises(ValidationException) as caught:
        table_name(arn)
    assert caught.value.message == f"Invalid TableArn: Invalid ResourceArn provided as input {arn}"


# What AWS's authorization makes of it, as recorded on AWS.
@pytest.mark.parametrize("arn", ["abcd", "a:b:c:d:e:f", "a:b:c:d:e/f"])
def test_what_does_not_look_like_an_arn(arn: str) -> None:
    with pytest.raises(AccessDeniedException, match=f"dynamodb:TagResource on resource: {arn}$"):
        check_authorized(arn, "TagResource")
    assert check_authorized("a:b:c:d:e:f/g", "TagResource") == "a:b:c:d:e:f/g"
