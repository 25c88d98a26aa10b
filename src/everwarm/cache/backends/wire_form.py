"""Between the wire's form of requests and responses, which the cache speaks everywhere, and boto3's. Pure.

They differ in two things: binary values are base64 text on the wire and bytes in boto3, and moments are numbers on
the wire and datetimes in boto3. And boto3 raises one class for whatever a server answers.
"""

import base64
from datetime import datetime
from typing import Any

from everwarm import errors
from everwarm.errors import ApiError, OtherApiError

_CLASSES: dict[str, type[ApiError]] = {
    name: found
    for name, found in vars(errors).items()
    if isinstance(found, type) and issubclass(found, ApiError) and found is not OtherApiError
}

_NOT_MEMBERS = ("Error", "ResponseMetadata", "Message", "message")


def to_boto3(value: Any) -> Any:
    """A request, or a part of one.

    Only an attribute value is a map of one member, `B` or `BS`, with text in it: items and names of attributes hold
    maps, or have other names.
    """
    if isinstance(value, dict):
        if len(value) == 1:
            [(tag, inner)] = value.items()
            if tag == "B" and isinstance(inner, str):
                return {"B": base64.b64decode(inner)}
            if tag == "BS" and isinstance(inner, list) and all(isinstance(one, str) for one in inner):
                return {"BS": [base64.b64decode(one) for one in inner]}
        return {name: to_boto3(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [to_boto3(inner) for inner in value]
    return value


def from_boto3(value: Any) -> Any:
    """A response, or a part of one."""
    if isinstance(value, dict):
        return {name: from_boto3(inner) for name, inner in value.items() if name != "ResponseMetadata"}
    if isinstance(value, list):
        return [from_boto3(inner) for inner in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    return value


def error_of(response: dict[str, Any]) -> ApiError:
    """What a server has answered.

    Args:
        response: of boto3's `ClientError`.
    """
    told = response.get("Error", {})
    code, message = str(told.get("Code", "Unknown")), str(told.get("Message", ""))
    members = {name: from_boto3(inner) for name, inner in response.items() if name not in _NOT_MEMBERS}
    known = _CLASSES.get(code)
    return OtherApiError(code, message, **members) if known is None else known(message, **members)
