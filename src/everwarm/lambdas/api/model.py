"""The Lambda API's model: botocore's, and what AWS has besides, seen in its answers or in its documentation."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from everwarm.dynamodb.api.model import Model, Shape

# The model has the limits of managed instances; those of ordinary functions are in the developer guide's quotas.
_MAX = {"Timeout": 900, "MemorySize": 10_240, "EphemeralStorageSize": 10_240, "FilterList": 10}
_ENUM_ORDER = {"EventSourcePosition": ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")}


@dataclass(frozen=True, slots=True)
class HttpForm:
    """How an operation looks in HTTP.

    Attributes:
        method, uri: what it is found by, labels in braces.
        status: of its answer.
    """

    method: str
    uri: str
    status: int


@dataclass(frozen=True, slots=True)
class ErrorForm:
    """How an error looks in HTTP.

    Attributes:
        status: of the answer.
        text_member: the member that has the message.
        type: `User` or `Service`, whose fault it is; None where the answer does not say.
    """

    status: int
    text_member: str
    type: str | None


class LambdaModel(Model):
    """The shapes and operations of Lambda."""

    def __init__(self) -> None:
        super().__init__("lambda")
        for name, most in _MAX.items():
            self._shapes[name] = {**self._shapes[name], "max": most}
        for name, order in _ENUM_ORDER.items():
            self._shapes[name] = {**self._shapes[name], "enum": order}
        # A runtime that is none is refused in words of its own, which list them.
        self.runtimes: tuple[str, ...] = tuple(self._shapes["Runtime"]["enum"])
        self._shapes["Runtime"] = {"type": "string"}
        # What is not base64 is refused where it is decoded.
        self._shapes["Blob"] = {"type": "string"}

    def operations(self) -> list[str]:
        """The names of all operations."""
        return list(self._operations)

    def http(self, operation: str) -> HttpForm:
        """How an operation looks in HTTP."""
        form = self._operations[operation]["http"]
        return HttpForm(form["method"], form["requestUri"], form.get("responseCode", 200))

    def members(self, operation: str) -> dict[str, Shape]:
        """The members of an operation's request, with their `location`."""
        members: dict[str, Shape] = self[self.request(operation)]["members"]
        return members

    def payload(self, operation: str) -> str | None:
        """The member that is the request's whole body; None where that is JSON of the members."""
        payload: str | None = self[self.request(operation)].get("payload")
        return payload

    def error(self, code: str) -> ErrorForm | None:
        """How an error looks; None if the model does not have it."""
        shape: dict[str, Any] | None = self._shapes.get(code)
        if shape is None or not shape.get("exception"):
            return None
        members = shape["members"]
        error = shape["error"]
        kind = "User" if error.get("senderFault") else "Service"
        text = "Message" if "Message" in members else "message"
        return ErrorForm(error["httpStatusCode"], text, kind if "Type" in members else None)


@lru_cache(maxsize=1)
def lambda_model() -> LambdaModel:
    """The model, read once."""
    return LambdaModel()
