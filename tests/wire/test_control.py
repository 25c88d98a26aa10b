"""everwarm's own operations over HTTP: who may call them, and how mistakes are told."""

import contextlib
import http.client
import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everwarm import Stack
from everwarm.control.client import RunningStack, SigningKey, at, at_endpoint, running
from everwarm.errors import ControlError, NotRunning
from everwarm.whereabouts import FILE, Whereabouts
from tests.wire.conftest import connect

JSON = {"Content-Type": "application/json"}


def ask(
    connection: http.client.HTTPConnection,
    path: str = "/_everwarm/ping",
    body: bytes = b"",
    method: str = "POST",
    headers: dict[str, str] = JSON,
) -> tuple[int, Any, http.client.HTTPMessage]:
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    text = response.read()
    return response.status, json.loads(text) if text else None, response.headers


def test_ping(connection: http.client.HTTPConnection) -> None:
    status, told, _ = ask(connection)
    assert status == 200
    assert told.keys() == {"version"}


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {}, 415),
        ("POST", {"Content-Type": "text/plain"}, 415),
        ("POST", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ("POST", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ("GET", {}, 405),
        ("POST", {**JSON, "Origin": "https://evil.example"}, 403),
        ("POST", {**JSON, "Origin": "null"}, 403),
        ("GET", {"Origin": "https://evil.example"}, 403),
        (
            "OPTIONS",
            {
                "Origin": "https://evil.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            },
            403,
        ),
    ],
)
def test_web_pages_are_kept_out(
    connection: http.client.HTTPConnection, method: str, headers: dict[str, str], status: int
) -> None:
    """Nothing that a browser sends for a page of another site is carried out, and no CORS is granted."""
    got, told, answered = ask(connection, method=method, headers=headers)
    assert got == status
    assert "error" in told
    assert not [name for name in answered if name.lower().startswith("access-control")]


def test_a_charset_does_no_harm(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, headers={"Content-Type": "Application/JSON; charset=utf-8"})[0] == 200


@pytest.mark.parametrize("path", ["/_everwarm", "/_everwarm/", "/_everwarm/no/such"])
def test_an_operation_that_there_is_not(connection: http.client.HTTPConnection, path: str) -> None:
    status, told, _ = ask(connection, path)
    assert (status, told["error"]["type"]) == (404, "UnknownOperation")


@pytest.mark.parametrize("body", [b"[]", b"1", b"{", b"null", b"\xff"])
def test_what_is_no_json_object(connection: http.client.HTTPConnection, body: bytes) -> None:
    status, told, _ = ask(connection, body=body)
    assert (status, told["error"]["type"]) == (400, "NotJson")


def test_too_large(connection: http.client.HTTPConnection) -> None:
    status, told, _ = ask(connection, body=b"{" + b" " * 1024 * 1024)
    assert (status, told["error"]["message"]) == (413, "a request may have 1 MiB")


@pytest.mark.parametrize(
    ("operation", "parameters", "message"),
    [
        ("failures/show", {}, "id has to be a whole number"),
        ("failures/show", {"id": "1"}, "id has to be a whole number"),
        ("failures/show", {"id": True}, "id has to be a whole number"),
        ("failures/redrive", {"id": 1.5}, "id has to be a whole number"),
        ("failures/list", {"after": "x"}, "after has to be a whole number"),
        ("failures/purge", {}, "say which to purge: id, older_than_s, or all as true"),
        ("failures/purge", {"all": "yes"}, "say which to purge: id, older_than_s, or all as true"),
        ("failures/purge", {"older_than_s": "x"}, "older_than_s has to be a number"),
    ],
)
def test_wrong_parameters(endpoint: str, operation: str, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ControlError, match=f"^{message}$"):
        RunningStack(endpoint).call(operation, **parameters)


@pytest.mark.parametrize("operation", ["failures/show", "failures/redrive", "failures/purge"])
def test_a_failure_that_there_is_not(connection: http.client.HTTPConnection, operation: str) -> None:
    status, told, _ = ask(connection, f"/_everwarm/{operation}", b'{"id": 123456}')
    assert status == 404
    assert told["error"]["message"].startswith("there is no failure 123456;")


# Who may come


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that checks credentials."""
    directory = tmp_path_factory.mktemp("guarded")
    (directory / "keys").write_text("[a]\naws_access_key_id = AKIDA\naws_secret_access_key = s3cret\n")
    with Stack(directory, credentials=directory / "keys") as stack:
        yield stack


def test_without_a_signature(guarded: Stack) -> None:
    with pytest.raises(ControlError, match="checks credentials: give a file"):
        RunningStack(guarded.endpoint).call("ping")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (SigningKey("AKIDA", "wrong"), "The request signature we calculated does not match"),
        (SigningKey("AKIDB", "s3cret"), "The security token included in the request is invalid."),
    ],
)
def test_with_a_wrong_key(guarded: Stack, key: SigningKey, message: str) -> None:
    with pytest.raises(ControlError, match=f"^{message}"):
        RunningStack(guarded.endpoint, key).call("ping")


def test_with_a_key_of_the_file(guarded: Stack) -> None:
    assert guarded.data is not None
    at_endpoint(guarded.endpoint, guarded.data.parent / "keys").call("ping")


def test_with_the_keys_of_the_environment(guarded: Stack) -> None:
    environ = {"AWS_ACCESS_KEY_ID": "AKIDA", "AWS_SECRET_ACCESS_KEY": "s3cret"}
    at_endpoint(guarded.endpoint, None, environ).call("failures/list")


def test_with_the_data_directory(guarded: Stack) -> None:
    """Who may read it is let in, and nobody else may read the file."""
    assert guarded.data is not None
    stack = running(guarded.data)
    assert stack is not None
    assert stack.url == guarded.endpoint
    assert stat.S_IMODE((guarded.data / FILE).stat().st_mode) == 0o600


# Finding it


def test_another_stack_than_the_one_that_is_meant(endpoint: str) -> None:
    with pytest.raises(NotRunning, match=f"no stack answers at {endpoint}"):
        RunningStack(endpoint, stack_id="a-stack-that-was").call("ping")


def test_what_is_no_everwarm(endpoint: str) -> None:
    with pytest.raises(NotRunning, match="is no everwarm"):
        RunningStack(f"{endpoint}/elsewhere").call("ping")


def test_what_is_no_url() -> None:
    with pytest.raises(ControlError, match="is not the URL of an endpoint"):
        RunningStack("localhost:8000").call("ping")


def test_the_file_is_there_while_it_runs(tmp_path: Path) -> None:
    with Stack(tmp_path) as stack:
        assert stack.data is not None
        found = Whereabouts.read(stack.data)
        assert found is not None
        assert (found.url, found.secret) == (stack.endpoint, None)
        with at(stack.data) as reached:
            assert reached.call("failures/list")["counts"]["failures"] == 0
    assert running(stack.data) is None
    assert not (stack.data / FILE).exists()


def test_a_stack_that_was_killed_is_not_found(tmp_path: Path) -> None:
    """Its file is still there; the data is looked at where it lies."""
    with Stack(tmp_path) as stack:
        assert stack.data is not None
        left_behind = (stack.data / FILE).read_text()
    (stack.data / FILE).write_text(left_behind)
    with at(stack.data) as reached:
        assert reached.call("failures/list")["failures"] == []
        with pytest.raises(NotRunning, match="this needs one"):
            reached.call("failures/redrive", id=1)


def test_a_directory_without_data(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="there is no data"), at(tmp_path / ".everwarm"):
        raise AssertionError
    assert not (tmp_path / ".everwarm").exists()


# An empty body means everything to some operations; one that did not come means nothing.
def test_a_client_that_hangs_up_before_its_parameters(tmp_path: Path) -> None:
    with Stack(tmp_path, memory=True) as stack:
        host, _, port = stack.endpoint.removeprefix("http://").partition(":")
        dynamodb = connect("dynamodb", stack.endpoint)
        dynamodb.create_table(
            TableName="cache",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        )
        body = b'{"stream": "cache"}'
        head = "POST /_everwarm/streams/split HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        with socket.create_connection((host, int(port)), timeout=20) as raw:
            raw.sendall(f"{head}Content-Length: {len(body) + 1}\r\n\r\n".encode() + body)
            raw.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionError):
                while raw.recv(1000):
                    pass
        assert RunningStack(stack.endpoint).call("streams/describe", stream="cache")["stream"]["open_shards"] == 1
        dynamodb.close()
