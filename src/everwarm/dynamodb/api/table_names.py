"""The names of tables in requests: AWS's checks of them, which the published model does not give.

A table may be named by its ARN, so the model says next to nothing of this member. Operations on tables complain of it
before all else; operations on items as of any other member, and to them a name of any length is one, if of no table.

Source: for operations on tables, measurements of the ack-api-quirks lab on AWS in October 2026.
"""

import re
from typing import Any

from everwarm.dynamodb.api.complaints import complaint, refused
from everwarm.errors import ValidationException

MIN_LENGTH = 3
MAX_LENGTH = 255
MAX_ARN_LENGTH = 1024

ITEM_OPERATIONS = frozenset({"DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"})

_FORM = re.compile(r"[a-zA-Z0-9_.-]+")

_PATTERN = f"Member must satisfy regular expression pattern: {_FORM.pattern}"
_AT_LEAST = "Member must have length greater than or equal to 1"
_AT_MOST = f"Member must have length less than or equal to {MAX_ARN_LENGTH}"

ASKED = (_AT_MOST, _AT_LEAST, _PATTERN)
"""What is asked of the names of tables that are the keys of a map."""


def is_arn(name: str) -> bool:
    """Whether a table is named by its ARN."""
    return name.startswith("arn:")


def require(name: Any, required: bool) -> None:
    """The check of the `TableName` of an operation on tables, which comes before all others and stands alone.

    Raises:
        ValidationException: it is missing, too short or too long.
    """
    if name is None:
        if required:
            raise ValidationException("The parameter 'TableName' is required but was not present in the request")
    elif isinstance(name, str) and not MIN_LENGTH <= len(name) <= MAX_LENGTH and not is_arn(name):
        bound, limit = ("greater", MIN_LENGTH) if len(name) < MIN_LENGTH else ("less", MAX_LENGTH)
        constraints = [f"Member must have length {bound} than or equal to {limit}"]
        if not _FORM.fullmatch(name):
            constraints.append(_PATTERN)
        raise refused([complaint(name, "tableName", constraint) for constraint in constraints])


def is_fine(name: str) -> bool:
    """Whether it can be the name or the ARN of a table, as far as operations on items look."""
    return len(name) <= MAX_ARN_LENGTH and (is_arn(name) or _FORM.fullmatch(name) is not None)


def broken(name: str) -> list[str]:
    """The constraints that a name does not satisfy, in AWS's words."""
    if is_fine(name):
        return []
    if not name:
        return [_AT_LEAST]
    found = [] if is_arn(name) or _FORM.fullmatch(name) else [_PATTERN]
    return found + ([_AT_MOST] if len(name) > MAX_ARN_LENGTH else [])
