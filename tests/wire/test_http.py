"""HTTP around the API: methods, content types, browsers, gzip, old clients and patient ones."""

import contextlib
import gzip
import http.client
import json
import socket
from typing import Any
from zlib import crc32

import pytest

from tests.wire.raw import CORAL, ask, headers, post, raw_request, read_answer, read_head, send

MIB = 1024 * 1024
UNKNOWN = b"<UnknownOperationException/>\n"
EXPOSED = "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date"


@pytest.mark.parametrize("path", ["/", "/ping"])
def test_health(connection: http.client.HTTPConnection, path: str) -> None:
    status, found, body = ask(connection, "GET", path)
    assert (status, body) == (200, b"healthy: dynamodb.us-east-1.amazonaws.com ")
    assert found["content-length"] == "42"
    assert found["x-amz-crc32"] == "3128867991"
    assert len(found["x-amzn-requestid"]) == 52


def test_head(connection: http.client.HTTPConnection) -> None:
    status, found, body = ask(connection, "HEAD")
    assert (status, body) == (200, b"")
    assert found["content-length"] == "42"
    assert ask(connection, "GET")[0] == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "MAKECOFFEE"])
def test_other_methods(connection: http.client.HTTPConnection, method: str) -> None:
    try:
        status, found, body = ask(connection, method, body=b"{}", given=headers("ListTables"))
    except http.client.RemoteDisconnected:
        pytest.fail("the connection was closed without an answer")
    if method == "MAKECOFFEE":  # no method of HTTP
        assert status == 400
        return
    assert (status, body) == (404, UNKNOWN)
    assert found["x-amz-crc32"] == "3552371480"
    assert len(found["x-amzn-requestid"]) == 52


def test_other_paths(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, "GET", "/index.html")[::2] == (404, UNKNOWN)


@pytest.mark.parametrize(
    ("content_type", "answered"),
    [
        ("application/x-amz-json-1.0", "application/x-amz-json-1.0"),
        ("application/x-amz-json-1.0; charset=utf-8", "application/x-amz-json-1.0"),
        ("application/json", "application/json"),
        ("Application/JSON;charset=utf-8", "application/json"),
    ],
)
def test_content_types(connection: http.client.HTTPConnection, content_type: str, answered: str) -> None:
    status, found, _ = send(connection, "ListTables", content_type=content_type)
    assert (status, found["content-type"]) == (200, answered)
    status, found, _ = send(connection, "ListTables", b"{", content_type=content_type)
    assert (status, found["content-type"]) == (400, answered)


@pytest.mark.parametrize("content_type", ["application/x-amz-json-1.1", "text/plain", "application/xml", "", None])
def test_other_content_types(connection: http.client.HTTPConnection, content_type: str | None) -> None:
    assert send(connection, "ListTables", content_type=content_type)[::2] == (404, UNKNOWN)


def test_no_body_needs_no_content_type(connection: http.client.HTTPConnection) -> None:
    status, found, body = send(connection, "", b"", content_type=None)
    assert (status, found["content-type"]) == (400, "application/json")
    assert body == b'{"__type":"com.amazon.coral.service#UnknownOperationException"}'


# A page from anywhere may use the endpoint, as it may use AWS's.
def test_an_answer_to_a_browser(connection: http.client.HTTPConnection) -> None:
    for body in (b"{}", b"{"):
        _, found, _ = send(connection, "ListTables", body, origin="https://example.com")
        assert found["access-control-allow-origin"] == "*"
        assert found["access-control-expose-headers"] == EXPOSED


def test_no_words_for_browsers_unless_it_is_one(connection: http.client.HTTPConnection) -> None:
    _, found, _ = send(connection, "ListTables")
    assert not [name for name in found if name.startswith("access-control")]


def test_what_a_browser_asks_first(connection: http.client.HTTPConnection) -> None:
    wanted = {
        "Origin": "https://example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-amz-target",
    }
    status, found, body = ask(connection, "OPTIONS", given=wanted)
    assert (status, body) == (200, b"")
    assert found["access-control-allow-origin"] == "*"
    assert found["access-control-allow-methods"] == "POST"
    assert found["access-control-allow-headers"] == "authorization,content-type,x-amz-target"
    assert found["access-control-max-age"] == "172800"
    assert len(found["x-amzn-requestid"]) == 52


def put(table: str, key: dict[str, Any], text: str) -> bytes:
    return json.dumps({"TableName": table, "Item": {**key, "text": {"S": text}}}).encode()


def test_a_request_in_gzip(
    connection: http.client.HTTPConnection, dynamodb: Any, table: str, key: dict[str, Any]
) -> None:
    body = gzip.compress(put(table, key, "packed"))
    assert post(connection, "PutItem", body, content_encoding="gzip") == (200, {})
    assert dynamodb.get_item(TableName=table, Key=key)["Item"]["text"] == {"S": "packed"}


@pytest.mark.parametrize(
    "body",
    [b"{}", b"", gzip.compress(b"{}")[:-4], gzip.compress(b"{}") + b"more", gzip.compress(b"{")],
    ids=["plain", "empty", "cut short", "with more behind it", "of no JSON"],
)
def test_what_is_no_gzip(connection: http.client.HTTPConnection, body: bytes) -> None:
    status, answer = post(connection, "ListTables", body, content_encoding="gzip")
    assert (status, answer) == (400, {"__type": f"{CORAL}#SerializationException"})


# A kilobyte that unpacks to a gigabyte is refused before it has been unpacked.
def test_a_bomb(connection: http.client.HTTPConnection) -> None:
    body = gzip.compress(b'{"Filler": "' + b" " * (64 * MIB) + b'"}')
    assert len(body) < MIB
    status, answer = post(connection, "ListTables", body, content_encoding="gzip")
    assert (status, answer["__type"]) == (413, f"{CORAL}#RequestEntityTooLargeException")


def test_the_limit_holds_unpacked(connection: http.client.HTTPConnection) -> None:
    body = b'{"Limit": 1, "Filler": "' + b"x" * (16 * MIB - 26) + b'"}'
    assert post(connection, "ListTables", gzip.compress(body), content_encoding="gzip")[0] == 200
    status, answer = post(connection, "ListTables", gzip.compress(body + b" "), content_encoding="gzip")
    assert (status, answer["__type"]) == (413, f"{CORAL}#RequestEntityTooLargeException")


def get(connection: http.client.HTTPConnection, table: str, key: dict[str, Any], accept: str) -> Any:
    body = json.dumps({"TableName": table, "Key": key}).encode()
    return send(connection, "GetItem", body, accept_encoding=accept)


@pytest.mark.parametrize("accept", ["gzip", "deflate, gzip;q=0.5", "GZIP"])
def test_an_answer_in_gzip(
    connection: http.client.HTTPConnection, table: str, key: dict[str, Any], accept: str
) -> None:
    post(connection, "PutItem", put(table, key, "x" * 5000))
    status, found, body = get(connection, table, key, accept)
    assert (status, found["content-encoding"]) == (200, "gzip")
    assert len(body) < 1000
    assert found["x-amz-crc32"] == str(crc32(body))
    assert json.loads(gzip.decompress(body))["Item"]["text"] == {"S": "x" * 5000}


@pytest.mark.parametrize("accept", ["identity", "", "deflate", "gzip;q=0"])
def test_no_gzip_unless_it_is_asked_for(
    connection: http.client.HTTPConnection, table: str, key: dict[str, Any], accept: str
) -> None:
    post(connection, "PutItem", put(table, key, "x" * 5000))
    _, found, body = get(connection, table, key, accept)
    assert "content-encoding" not in found
    assert len(json.loads(body)["Item"]["text"]["S"]) == 5000


# It would only grow.
def test_small_answers_are_not_packed(connection: http.client.HTTPConnection, table: str, key: dict[str, Any]) -> None:
    _, found, body = get(connection, table, key, "gzip")
    assert "content-encoding" not in found
    assert body == b"{}"


# A client that asks whether it may send its body is told so before it has sent it.
def test_expect(address: tuple[str, int]) -> None:
    whole = raw_request(b"{}", expect="100-continue")
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(whole[:-2])
        assert read_head(raw)[0] == 100
        raw.sendall(whole[-2:])
        assert read_answer(raw)[0] == 200


def test_http_1_0(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(raw_request(b"{}", version="1.0"))
        status, found, body = read_answer(raw)
        assert (status, found["connection"]) == (200, "close")
        assert "TableNames" in json.loads(body)
        assert raw.recv(1) == b""


def test_a_client_that_says_that_it_leaves(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(raw_request(b"{}", connection="close"))
        assert read_answer(raw)[0] == 200
        assert raw.recv(1) == b""


# One byte at a time is slow, not wrong.
def test_a_request_in_small_pieces(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=20) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in raw_request(b'{"Limit": 1}'):
            raw.send(bytes([byte]))
        assert read_answer(raw)[0] == 200


# What has come of it by then is JSON; the client meant to send more, and hears of no answer.
def test_a_client_that_hangs_up_in_the_middle(
    address: tuple[str, int], dynamodb: Any, table: str, key: dict[str, Any]
) -> None:
    body = put(table, key, "half of it")
    request = raw_request(body, "PutItem")
    length = b"content-length: %d" % len(body)
    assert length in request.lower()
    at = request.lower().index(length)
    more = request[:at] + b"content-length: %d" % (len(body) + 10) + request[at + len(length) :]
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(more)
        raw.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while raw.recv(1000):
                pass
    for _ in range(3):
        assert "Item" not in dynamodb.get_item(TableName=table, Key=key)


# What was refused without a look at its body does not disturb what comes after it.
def test_a_body_that_nobody_reads(address: tuple[str, int]) -> None:
    refused = raw_request(b"x" * 100_000, content_type="text/plain")
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(refused + raw_request(b"{}"))
        assert read_answer(raw)[::2] == (404, UNKNOWN)
        assert read_answer(raw)[0] == 200


# Headers without an end are cut off before they fill the memory; large ones are not.
def test_headers_without_end(address: tuple[str, int]) -> None:
    line = b"x-filler: " + b"x" * 10_000 + b"\r\n"
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n" + line * 20 + b"\r\n")
        assert read_answer(raw)[0] == 200
        raw.sendall(b"GET / HTTP/1.1\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(1000):
                raw.sendall(line)
            pytest.fail("ten megabytes of headers were taken")


def test_one_header_without_end(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nx-filler: ")
        with contextlib.suppress(ConnectionError):
            for _ in range(1000):
                raw.sendall(b"x" * 10_000)
            pytest.fail("a header of ten megabytes was taken")
