"""The form of a stream's ARN."""

import re

from everwarm.errors import ValidationException

_FORM = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/[a-zA-Z0-9_.-]+/stream/.+")


def check_stream_arn(arn: str) -> None:
    """
    Raises:
        ValidationException: it is not a stream's ARN at all.
    """
    if not _FORM.fullmatch(arn):
        raise ValidationException("Invalid StreamArn")
