"""ARNs of tables, where requests may give them.

The account and the region in an ARN are not looked at: whatever a program has written there, it can only mean the
tables of this process.
"""

import re

from everwarm.account import ACCOUNT
from everwarm.errors import AccessDeniedException, ValidationException

_TABLE = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/([a-zA-Z0-9_.-]{3,255})")
_ANY = re.compile(r"[^:]+:[^:]+:[^:]+:[^:]+:[^:]+:.+/.+")


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


def check_authorized(arn: str | None, action: str) -> str:
    """Refuse what AWS's authorization cannot read, before the operation itself looks at it.

    Args:
        action: the operation, `TagResource` say.

    Returns:
        The ARN.

    Raises:
        AccessDeniedException: it does not look like an ARN.
        ValidationException: there is none.
    """
    if arn is None:
        raise ValidationException("Invalid TableArn")
    if not _ANY.fullmatch(arn):
        raise AccessDeniedException(
            f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: dynamodb:{action} "
            f"on resource: {arn or '*'}"
        )
    return arn
