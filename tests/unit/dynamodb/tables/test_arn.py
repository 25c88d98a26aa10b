"""ARNs of tables."""

import pytest

from everwarm.dynamodb.tables.arn import resource_arn, table_name, table_of_arn
from everwarm.errors import ValidationException

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


# As measured on AWS in 2026.
@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("abcd", "ARNs must start with 'arn:': abcd"),
        ("arn:aws", "Second colon partition not found: arn:aws"),
        ("arn:aws:dynamodb:us-east-1:1", "Fifth colon (namespace/relative-id delimiter) not found: "),
        (f"{TABLE}/backup/0-1", f"Provided Arn is not a DynamoDB resource arn: {TABLE}/backup/0-1"),
        ("arn:aws:s3:::bucket/rates", "Provided Arn is not a DynamoDB resource arn: arn:aws:s3:::bucket/rates"),
        (
            f"{TABLE}/index/by-name",
            f"Invalid resource arn provided, only table or stream is accepted. Provided resource arn: {TABLE}/index/",
        ),
    ],
)
def test_arns_of_no_resource(arn: str, message: str) -> None:
    with pytest.raises(ValidationException) as caught:
        resource_arn(arn)
    assert caught.value.message.startswith(f"One or more parameter values were invalid: {message}")


def test_arns_of_resources() -> None:
    for arn in (TABLE, f"{TABLE}/stream/2026-01-01T00:00:00.000"):
        assert resource_arn(arn) == arn
