"""Requests from a bare connection, with headers of the test's own; unless it says otherwise they look signed."""

import http.client
import json
import socket
from typing import Any

CORAL = "com.amazon.coral.service"

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=0123456789abcdef"
)


def headers(action: str, **more: str | None) -> dict[str, str]:
    """The headers of a request; more of them by their names with `_` for `-`, and None takes one out."""
    given: dict[str, str | None] = {
        "x-amz-target": action if "." in action else f"DynamoDB_20120810.{action}",
        "content-type": "application/x-amz-json-1.0",
        "x-amz-date": "20260101T000000Z",
        "authorization": AUTHORIZATION,
    }
    given |= {name.replace("_", "-"): value for name, value in more.items()}
    return {name: value for name, value in given.items() if value is not None}


def send(
    connection: http.client.HTTPConnection, action: str, body: bytes = b"{}", path: str = "/", **more: str | None
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by their names in lower case, and body of the answer to a POST."""
    return ask(connection, "POST", path, body, headers(action, **more))


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str = "/",
    body: bytes | None = None,
    given: dict[str, str] | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """As `send`, for any method and with the given headers alone."""
    connection.request(method, path, body, given or {})
    response = connection.getresponse()
    found = {name.lower(): value for name, value in response.getheaders()}
    return response.status, found, response.read()


def post(connection: http.client.HTTPConnection, action: str, body: bytes, **more: str | None) -> tuple[int, Any]:
    """Status and JSON of the answer."""
    status, _, answer = send(connection, action, body, "/", **more)
    return status, json.loads(answer)


def raw_request(body: bytes, action: str = "ListTables", version: str = "1.1", **more: str | None) -> bytes:
    """The bytes of a whole request."""
    lines = [f"POST / HTTP/{version}", "Host: here", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers(action, **more).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def read_head(raw: socket.socket) -> tuple[int, dict[str, str]]:
    """Status and headers of one answer; what follows is left in the socket."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = raw.recv(1)
        assert byte, "the connection was closed before the answer"
        head += byte
    first, *lines = head.decode().strip().split("\r\n")
    found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), found


def read_answer(raw: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One answer. The next one may lie in the same packet, so no more is read than is its own."""
    status, found = read_head(raw)
    left = int(found["content-length"])
    body = b""
    while left:
        part = raw.recv(left)
        assert part, "the connection was closed within the answer"
        body += part
        left -= len(part)
    return status, found, body
