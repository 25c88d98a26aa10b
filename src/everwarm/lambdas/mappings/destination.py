"""What may be told of records that were given up, by its ARN: a standard queue, a standard topic, or a bucket. Pure.

Not here: telling it (`everwarm.lambdas.failures`).

Source: "Retaining discarded batches" for DynamoDB in the Lambda developer guide.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from everwarm.errors import MappingError

MAX_CHARACTERS = 350

_ARN = re.compile(
    r"arn:(?:aws[a-zA-Z0-9-]*):(?:"
    r"(?P<kind>sqs|sns):(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(?P<name>[A-Za-z0-9_-]+)"
    r"|s3:::(?P<bucket>[A-Za-z0-9._-]+))"
)


class Service(StrEnum):
    """Whose resource it is, by boto3's names."""

    SQS = "sqs"
    SNS = "sns"
    S3 = "s3"


@dataclass(frozen=True, slots=True)
class Destination:
    """A queue, a topic or a bucket.

    Attributes:
        region, account: None for a bucket, whose ARN has neither.
    """

    arn: str
    service: Service
    name: str
    region: str | None = None
    account: str | None = None


def parse_destination(arn: str) -> Destination:
    """Take an ARN apart.

    Raises:
        MappingError: it is none of the three. A FIFO queue or topic is none, their names end with `.fifo`.
    """
    found = _ARN.fullmatch(arn)
    if found is None or len(arn) > MAX_CHARACTERS:
        raise MappingError("Unsupported DestinationConfig parameter for given event source mapping type.")
    if found["bucket"] is not None:
        return Destination(arn, Service.S3, found["bucket"])
    return Destination(arn, Service(found["kind"]), found["name"], found["region"], found["account"])
