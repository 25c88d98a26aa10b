"""Section 1, row "DestinationConfig.OnFailure.Destination": standard SQS queue, standard SNS topic, or S3 bucket."""

import pytest

from everwarm.errors import MappingError
from everwarm.lambdas.mappings.destination import Destination, Service, parse_destination


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:sqs:eu-west-1:123456789012:dead-1_x", (Service.SQS, "dead-1_x", "eu-west-1", "123456789012")),
        ("arn:aws-cn:sns:cn-north-1:123456789012:told", (Service.SNS, "told", "cn-north-1", "123456789012")),
        ("arn:aws:s3:::my.bucket-1", (Service.S3, "my.bucket-1", None, None)),
    ],
)
def test_the_three_kinds(arn: str, expected: tuple[Service, str, str | None, str | None]) -> None:
    assert parse_destination(arn) == Destination(arn, *expected)


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "dead",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/dead",
        "arn:aws:sqs:eu-west-1:123456789012:dead.fifo",
        "arn:aws:sns:eu-west-1:123456789012:told.fifo",
        "arn:aws:sqs:eu-west-1:1:dead",
        "arn:aws:sqs:eu-west-1:123456789012:",
        "arn:aws:sqs:eu-west-1:123456789012:dead\n",
        "arn:aws:lambda:eu-west-1:123456789012:function:f",
        "arn:aws:events:eu-west-1:123456789012:event-bus/b",
        "arn:aws:s3:::",
        "arn:aws:s3:::bucket/key",
        "arn:aws:s3:::" + "b" * 350,
    ],
)
def test_nothing_else(arn: str) -> None:
    """Section 2, row "OnSuccess or unsupported destination"."""
    with pytest.raises(
        MappingError, match=r"^Unsupported DestinationConfig parameter for given event source mapping type\.$"
    ):
        parse_destination(arn)
