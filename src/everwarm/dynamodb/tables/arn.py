"""ARNs of tables, where requests may give them.

The account and the region in an ARN are not looked at: whatever a program has written there, it can only mean the
tables of this process.
"""

import re

from everwarm.errors import ValidationException, invalid_parameters

_TABLE = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/([a-zA-Z0-9_.-]{3,255})")
_INDEX = re.compile(_TABLE.pattern + "/index/.+")
_COLONS = (
    "Second colon partition not found",
    "Third colon vendor not found",
    "Fourth colon (region/namespace delimiter) not found",
    "Fifth colon (namespace/relative-id delimiter) not found",
)


def table_name(name_or_arn: str) -> str:
    """The name in a table's ARN; a plain name is itself.

    Raises:
        ValidationException: it is the ARN of something else, an index say.
    """
    return table_of_arn(name_or_arn) if name_or_arn.startswith("arn:") else name_or_arn


def table_of_arn(arn: str) -> str:
    """The name in a table's ARN.

    Raises:
        ValidationException: it is none.
    """
    match = _TABLE.fullmatch(arn)
    if match is None:
        raise ValidationException(f"Invalid TableArn: Invalid ResourceArn provided as input {arn}")
    return match[1]


def is_stream(arn: str) -> bool:
    """Whether an ARN is a stream's and not a table's."""
    return "/stream/" in arn


def resource_arn(arn: str | None) -> str:
    """The ARN in a `ResourceArn`: of a table or a stream, of which there need not be any.

    Raises:
        ValidationException: it is another's, or none. In whose words: "ack-api-quirks" DDB-TABLE-071, 212 and 442.
    """
    if arn is None:
        raise ValidationException("Invalid TableArn")
    if not arn.startswith("arn:"):
        raise invalid_parameters(f"ARNs must start with 'arn:': {arn}")
    parts = arn.split(":", 5)
    if len(parts) < 6:
        raise invalid_parameters(f"{_COLONS[len(parts) - 2]}: {arn}")
    if parts[2] != "dynamodb" or not parts[5].startswith("table/") or "/backup/" in parts[5]:
        raise invalid_parameters(f"Provided Arn is not a DynamoDB resource arn: {arn}")
    if _INDEX.fullmatch(arn):
        raise invalid_parameters(
            f"Invalid resource arn provided, only table or stream is accepted. Provided resource arn: {arn}"
        )
    if not is_stream(arn):
        table_of_arn(arn)
    return arn
