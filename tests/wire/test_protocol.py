"""The protocol itself, from a bare socket: whatever comes in, the answer is AWS's and the server lives on."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

import pytest

MIB = 1024 * 1024
CORAL = "com.amazon.coral.service"


@pytest.fixture
def address(endpoint: str) -> tuple[str, int]:
    parts = urlsplit(endpoint)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


@pytest.fixture
def connection(address: tuple[str, int]) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection(*address, timeout=20)) as connection:
        yield connection


@pytest.fixture(autouse=True)
def _lives_on(address: tuple[str, int]) -> Iterator[None]:
    """After each test somebody else is served as if nothing had been."""
    yield
    with closing(http.client.HTTPConnection(*address, timeout=20)) as connection:
        assert post(connection, "ListTables", b"{}")[0] == 200


def headers(action: str) -> dict[str, str]:
    return {"X-Amz-Target": f"DynamoDB_20120810.{action}", "Content-Type": "application/x-amz-json-1.0"}


def post(connection: http.client.HTTPConnection, action: str, body: bytes) -> tuple[int, Any]:
    connection.request("POST", "/", body, headers(action))
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def raw_request(body: bytes, action: str = "ListTables") -> bytes:
    lines = ["POST / HTTP/1.1", "Host: here", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers(action).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def test_the_headers_of_an_answer(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/", b"{}", headers("ListTables"))
    response = connection.getresponse()
    body = response.read()
    assert response.getheader("Content-Type") == "application/x-amz-json-1.0"
    assert response.getheader("x-amz-crc32") == str(crc32(body))
    request_id = response.getheader("x-amzn-RequestId") or ""
    assert len(request_id) == 52
    assert request_id.isalnum()
    assert request_id == request_id.upper()


def test_an_error_has_the_headers_too(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/", b"{", headers("ListTables"))
    response = connection.getresponse()
    assert response.getheader("x-amz-crc32") == str(crc32(response.read()))
    assert response.getheader("x-amzn-RequestId")


def test_request_ids_differ(connection: http.client.HTTPConnection) -> None:
    seen = set()
    for _ in range(20):
        connection.request("POST", "/", b"{}", headers("ListTables"))
        response = connection.getresponse()
        response.read()
        seen.add(response.getheader("x-amzn-RequestId"))
    assert len(seen) == 20


@pytest.mark.parametrize("body", [b"{", b"nonsense", b'{"Limit": }', b"\xff\xfe", b"{}{}", b"[" * 100_000])
def test_broken_json(connection: http.client.HTTPConnection, body: bytes) -> None:
    assert post(connection, "ListTables", body) == (400, {"__type": f"{CORAL}#SerializationException"})


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"7", b"null"])
def test_json_that_is_no_object(connection: http.client.HTTPConnection, body: bytes) -> None:
    status, answer = post(connection, "ListTables", body)
    assert (status, answer["__type"]) == (400, f"{CORAL}#SerializationException")


@pytest.mark.parametrize(
    "request_members",
    [
        {"Item": "text"},
        {"Item": {"pk": "text"}},
        {"Item": {"pk": {"S": 7}}},
        {"Item": {"pk": {"L": "text"}}},
        {"Item": {"pk": {"B": "no base64"}}},
        {"TableName": 7},
        {"ConditionExpression": ["a"]},
        {"ExpressionAttributeNames": [["#a", "b"]]},
    ],
)
def test_wrong_types(connection: http.client.HTTPConnection, table: str, request_members: dict[str, Any]) -> None:
    request = {"TableName": table, "Item": {"pk": {"S": "a"}}, **request_members}
    status, answer = post(connection, "PutItem", json.dumps(request).encode())
    assert (status, answer["__type"]) == (400, f"{CORAL}#SerializationException")


# A number where a whole number is wanted, a map nested without end: none of them is our 500.
@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("ListTables", b'{"Limit": 2.5}'),
        ("ListTables", b'{"Limit": 1e400}'),
        ("ListTables", b'{"Limit": 123456789012345678901234567890}'),
        ("GetItem", b'{"TableName": "abc", "Key": ' + b'{"M": ' * 500 + b"{}" + b"}" * 501),
        ("GetItem", b'{"TableName": "abc", "Key": {"a": ' + b'{"L": [' * 400 + b'{"S": ""}' + b"]}" * 400 + b"}}"),
        ("PutItem", b'{"TableName": "arn:aws", "Item": {"pk": {"S": "a"}}}'),
        (
            "PutItem",
            b'{"TableName": "wire-none", "Item": {"pk": {"S": "a"}}, "ConditionExpression": "' + b"(" * 4000 + b'"}',
        ),
    ],
)
def test_extremes_are_the_callers_fault(connection: http.client.HTTPConnection, action: str, body: bytes) -> None:
    status, answer = post(connection, action, body)
    assert status == 400
    assert "InternalServerError" not in answer["__type"]


@pytest.mark.parametrize("target", ["DynamoDB_20120810.MakeCoffee", "DynamoDB_20111205.ListTables", "x", ""])
def test_an_unknown_target(connection: http.client.HTTPConnection, target: str) -> None:
    connection.request("POST", "/", b"{}", {"X-Amz-Target": target})
    response = connection.getresponse()
    assert response.status == 400
    assert json.loads(response.read()) == {"__type": f"{CORAL}#UnknownOperationException"}


def test_no_target_at_all(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/", b"{}")
    response = connection.getresponse()
    assert response.status == 400
    assert json.loads(response.read()) == {"__type": f"{CORAL}#UnknownOperationException"}


# A browser or a load balancer is told that there is somebody.
def test_a_look_from_a_browser(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/")
    response = connection.getresponse()
    assert response.status == 200
    assert response.read().startswith(b"healthy: dynamodb.")


# 16 MiB is the limit of a request; just below it the server looks at what is in it.
def test_the_largest_body(connection: http.client.HTTPConnection, table: str) -> None:
    body = b'{"Limit": 1, "Filler": "' + b"x" * (16 * MIB - 26) + b'"}'
    assert len(body) == 16 * MIB
    status, answer = post(connection, "ListTables", body)
    assert (status, len(answer["TableNames"])) == (200, 1)


def too_large(connection: http.client.HTTPConnection) -> None:
    response = connection.getresponse()
    assert response.status == 413
    assert json.loads(response.read())["__type"] == f"{CORAL}#RequestEntityTooLargeException"


def test_a_body_over_the_limit(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/", b"x" * (16 * MIB + 1), headers("ListTables"))
    too_large(connection)


# Far over it, too, the client gets to read why, though it sends everything before it looks.
@pytest.mark.parametrize("size_mib", [17, 40])
def test_a_chunked_body_over_the_limit(connection: http.client.HTTPConnection, size_mib: int) -> None:
    connection.request("POST", "/", (b"x" * MIB for _ in range(size_mib)), headers("ListTables"), encode_chunked=True)
    too_large(connection)


def test_a_chunked_body(connection: http.client.HTTPConnection, table: str) -> None:
    connection.request("POST", "/", iter([b'{"Li', b'mit": ', b"1}"]), headers("ListTables"), encode_chunked=True)
    response = connection.getresponse()
    assert response.status == 200
    assert len(json.loads(response.read())["TableNames"]) == 1


def test_a_connection_is_kept(connection: http.client.HTTPConnection) -> None:
    post(connection, "ListTables", b"{}")
    first = connection.sock
    for body in (b"{", b"[]", b"{}"):
        post(connection, "ListTables", body)
    assert connection.sock is first


# Requests sent in one breath are answered one by one, in their order.
def test_pipelining(address: tuple[str, int]) -> None:
    bodies = [b'{"Limit": 1}', b"{", b"{}", b"[]"]
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(b"".join(map(raw_request, bodies)))
        statuses = [_status_of_one(raw) for _ in bodies]
    assert statuses == [200, 400, 200, 400]


def _status_of_one(raw: socket.socket) -> int:
    # The next answer may lie in the same packet: read no further than this one's end.
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = raw.recv(1)
        assert byte, "the connection was closed before the answer"
        head += byte
    lines = head.decode().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length"))
    while length:
        length -= len(raw.recv(length))
    return int(lines[0].split()[1])


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"\x00" * 100,
    ],
)
def test_what_is_no_http(address: tuple[str, int], nonsense: bytes) -> None:
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(nonsense)
        answer = raw.recv(4096)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


# A client that dies in the middle of its request has asked for nothing.
def test_half_a_request(address: tuple[str, int], dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    request = raw_request(json.dumps({"TableName": table, "Item": key}).encode(), "PutItem")
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(request[:-5])
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key)


# One that goes away before the answer has its write all the same.
def test_a_client_that_does_not_wait(address: tuple[str, int], dynamodb: Any, table: str) -> None:
    with socket.create_connection(address, timeout=20) as raw:
        for number in range(20):
            item = {"pk": {"S": f"gone {number}"}}
            raw.sendall(raw_request(json.dumps({"TableName": table, "Item": item}).encode(), "PutItem"))
        assert _status_of_one(raw) == 200
    assert "Item" in dynamodb.get_item(TableName=table, Key={"pk": {"S": "gone 0"}})
