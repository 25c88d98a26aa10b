"""The protocol itself, from a bare socket: whatever comes in, the answer is AWS's and the server lives on."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from zlib import crc32

import pytest

from tests.wire.raw import CORAL, ask, headers, post, raw_request, read_answer, send

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _lives_on(address: tuple[str, int]) -> Iterator[None]:
    """After each test somebody else is served as if nothing had been."""
    yield
    with closing(http.client.HTTPConnection(*address, timeout=20)) as connection:
        assert post(connection, "ListTables", b"{}")[0] == 200


def test_the_headers_of_an_answer(connection: http.client.HTTPConnection) -> None:
    _, found, body = send(connection, "ListTables")
    assert found["content-type"] == "application/x-amz-json-1.0"
    assert found["x-amz-crc32"] == str(crc32(body))
    assert len(found["x-amzn-requestid"]) == 52
    assert found["x-amzn-requestid"].isalnum()
    assert found["x-amzn-requestid"] == found["x-amzn-requestid"].upper()


def test_an_error_has_the_headers_too(connection: http.client.HTTPConnection) -> None:
    _, found, body = send(connection, "ListTables", b"{")
    assert found["x-amz-crc32"] == str(crc32(body))
    assert found["x-amzn-requestid"]


def test_request_ids_differ(connection: http.client.HTTPConnection) -> None:
    seen = {send(connection, "ListTables")[1]["x-amzn-requestid"] for _ in range(20)}
    assert len(seen) == 20


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b'{"Limit": }', b"\xff\xfe", b"{}{}", b"[" * 100_000])
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


# A map nested without end, a name that looks like an ARN: none of them is our 500.
@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("ListTables", b'{"Limit": 1e400}'),
        ("ListTables", b'{"Limit": -1e40}'),
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


# AWS cuts off the fraction of a number where a whole one is wanted.
def test_a_number_with_a_fraction(connection: http.client.HTTPConnection, table: str) -> None:
    status, answer = post(connection, "ListTables", b'{"Limit": 1.9}')
    assert (status, len(answer["TableNames"])) == (200, 1)


# What no integer can be is the nearest that can.
@pytest.mark.parametrize("limit", [b"2147483648", b"99999999999999999999", b"1e30"])
def test_a_number_that_is_too_large(connection: http.client.HTTPConnection, limit: bytes) -> None:
    status, answer = post(connection, "ListTables", b'{"Limit": %b}' % limit)
    assert status == 400
    assert answer["message"].startswith("1 validation error detected: Value '2147483647' at 'limit' ")


@pytest.mark.parametrize("target", ["DynamoDB_20120810.MakeCoffee", "DynamoDB_20111205.ListTables", "x.", ".", None])
def test_an_unknown_target(connection: http.client.HTTPConnection, target: str | None) -> None:
    status, answer = post(connection, "ListTables", b"{}", x_amz_target=target)
    assert (status, answer) == (400, {"__type": f"{CORAL}#UnknownOperationException"})


# What has not been built is refused in the same plain way.
def test_an_operation_that_is_not_here(connection: http.client.HTTPConnection) -> None:
    status, answer = post(connection, "CreateGlobalTable", b"{}")
    assert (status, answer) == (400, {"__type": f"{CORAL}#UnknownOperationException"})


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
    ask(connection, "PUT")
    post(connection, "ListTables", b"{}")
    assert connection.sock is first


# Requests sent in one breath are answered one by one, in their order.
def test_pipelining(address: tuple[str, int]) -> None:
    bodies = [b'{"Limit": 1}', b"{", b"{}", b"[]"]
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(b"".join(map(raw_request, bodies)))
        statuses = [read_answer(raw)[0] for _ in bodies]
    assert statuses == [200, 400, 200, 400]


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
        assert read_answer(raw)[0] == 200
    assert "Item" in dynamodb.get_item(TableName=table, Key={"pk": {"S": "gone 0"}})
