"""The cache's backend for endpoints and AWS, against our endpoint over HTTP."""

import queue
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everwarm.cache.backends.opening import open_backend
from everwarm.cache.backends.remote import Remote
from everwarm.cache.backends.setup import ensure_table
from everwarm.cache.names import Names
from everwarm.clock import ManualClock, SystemClock
from everwarm.errors import ApiError, BackendError, ConditionalCheckFailedException
from everwarm.stack import Stack

WAIT_S = 20

CONFIGURED = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_ENDPOINT_URL",
)

FORK = """
import os, sys
from everwarm.cache.backends.remote import Remote
from everwarm.clock import SystemClock
backend = Remote(sys.argv[1], SystemClock())
table = sys.argv[2]
told = []
backend.follow(table, told.append)

def put(key):
    backend.call("PutItem", {"TableName": table, "Item": {"pk": {"S": key}}})

put("parent")
pid = os.fork()
for n in range(50):  # both at once: with one connection between them they would read each other's answers
    key = f"{os.getpid()}-{n}"
    put(key)
    assert backend.call("GetItem", {"TableName": table, "Key": {"pk": {"S": key}}})["Item"] == {"pk": {"S": key}}
if pid == 0:
    import time
    give_up_at = time.monotonic() + 20
    told.clear()
    put("last")
    while "last" not in told and None not in told:
        assert time.monotonic() < give_up_at, told
        time.sleep(0.01)
    sys.exit(0)
print("status", os.waitpid(pid, 0)[1])
backend.close()
"""


@pytest.fixture
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in CONFIGURED:
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))


@pytest.fixture
def backend(endpoint: str, clock: ManualClock) -> Iterator[Remote]:
    backend = Remote(endpoint, clock)
    yield backend
    backend.close()


@pytest.mark.usefixtures("nothing_configured")
def test_an_endpoint_needs_no_configuration(endpoint: str, table: str, key: dict[str, Any]) -> None:
    backend = Remote(endpoint, SystemClock())
    backend.call("PutItem", {"TableName": table, "Item": key})
    assert backend.call("GetItem", {"TableName": table, "Key": key}) == {"Item": key}
    backend.close()


@pytest.mark.usefixtures("nothing_configured")
def test_a_function_finds_it_by_its_environment(
    endpoint: str, table: str, key: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What `everwarm up` gives to handlers: no endpoint has to be named."""
    environment = {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    keys = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "thing", "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}
    for name, value in {**environment, **keys}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("EVERWARM_ENDPOINT", raising=False)
    backend = open_backend(None, directory=tmp_path, clock=SystemClock(), region=None)
    backend.call("PutItem", {"TableName": table, "Item": key})
    assert backend.call("GetItem", {"TableName": table, "Key": key}) == {"Item": key}
    backend.close()


def test_binary_values_are_what_others_see(backend: Remote, dynamodb: Any, table: str, key: dict[str, Any]) -> None:
    item = {**key, "one": {"B": "AAEC"}, "many": {"L": [{"BS": ["AAEC", "/w=="]}]}}
    backend.call("PutItem", {"TableName": table, "Item": item})
    seen = dynamodb.get_item(TableName=table, Key=key)["Item"]
    assert seen["one"] == {"B": b"\x00\x01\x02"}
    assert {*seen["many"]["L"][0]["BS"]} == {b"\x00\x01\x02", b"\xff"}
    changed = {"UpdateExpression": "SET two = :b", "ExpressionAttributeValues": {":b": {"B": "/w=="}}}
    got = backend.call("UpdateItem", {"TableName": table, "Key": key, **changed, "ReturnValues": "ALL_NEW"})
    assert got["Attributes"] == {**item, "two": {"B": "/w=="}}
    with pytest.raises(ConditionalCheckFailedException) as caught:
        backend.call(
            "PutItem",
            {
                "TableName": table,
                "Item": key,
                "ConditionExpression": "two <> :b",
                "ExpressionAttributeValues": {":b": {"B": "/w=="}},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
        )
    assert caught.value.members == {"Item": {**item, "two": {"B": "/w=="}}}


@pytest.mark.usefixtures("nothing_configured")
def test_who_is_not_let_in_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = tmp_path / "keys"
    keys.write_text("[default]\naws_access_key_id = AKIAKNOWN\naws_secret_access_key = secret\n")
    (tmp_path / "empty").mkdir()
    with Stack(tmp_path / "empty", memory=True, credentials=keys) as stack:
        stranger = Remote(stack.endpoint, SystemClock())
        with pytest.raises(ApiError) as caught:
            stranger.call("ListTables", {})
        assert caught.value.code == "UnrecognizedClientException"
        stranger.close()
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(keys))
        known = Remote(stack.endpoint, SystemClock())
        assert known.call("ListTables", {}) == {"TableNames": []}
        known.close()


def test_when_the_endpoint_goes_anything_may_have_changed(tmp_path: Path) -> None:
    told: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    with Stack(tmp_path, memory=True) as stack:
        backend = Remote(stack.endpoint, SystemClock())
        ensure_table(backend, "rates", Names(), create=True)
        backend.follow("rates", told.put)
        backend.call("PutItem", {"TableName": "rates", "Item": {"key": {"S": "a"}}})
        assert told.get(timeout=WAIT_S) == "a"
    assert told.get(timeout=WAIT_S) is None
    with pytest.raises(BackendError, match=f"{stack.endpoint} cannot be reached .* 'everwarm up'"):
        backend.call("ListTables", {})
    backend.close()


def test_a_forked_process_has_connections_and_eyes_of_its_own(endpoint: str, new_stream: str) -> None:
    table = new_stream.split("/")[1]
    command = [sys.executable, "-W", "ignore", "-c", FORK, endpoint, table]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "status 0" in done.stdout, done.stderr
