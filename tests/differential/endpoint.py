"""A connection to an endpoint: sends JSON as it is given, and gives back what came. No SDK, which would check first."""

import http.client
import json
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from tests.differential.case import Request

TIMEOUT_S = 30.0

_HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Date": "20250101T000000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" + "0" * 64,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        error: the error's short name; None for success.
        message: the error's text.
        body: everything, without the error's name and text.
    """

    status: int
    error: str | None
    message: str | None
    body: dict[str, Any]


class Endpoint:
    """One kept-alive connection; a context manager that closes it. `send`, then `receive`."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)

    def __enter__(self) -> "Endpoint":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def send(self, action: str, request: Request) -> None:
        headers = {**_HEADERS, "X-Amz-Target": f"DynamoDB_20120810.{action}"}
        self._connection.request("POST", "/", json.dumps(request), headers)

    def receive(self) -> Answer:
        with self._connection.getresponse() as response:
            raw = response.read()
        body = json.loads(raw) if raw else {}
        if response.status == 200:
            return Answer(200, None, None, body)
        name = body.pop("__type", "").rpartition("#")[2]
        # Coral spells it with a capital letter in some errors; botocore reads both.
        texts = [body.pop(member) for member in ("message", "Message") if member in body]
        return Answer(response.status, name, texts[0] if texts else None, body)

    def call(self, action: str, request: Request) -> Answer:
        self.send(action, request)
        return self.receive()
