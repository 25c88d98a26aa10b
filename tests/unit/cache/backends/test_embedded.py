"""The engine of this process as a backend: calls, sharing, closing, locks."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everwarm.cache.backends.embedded import Embedded
from everwarm.cache.backends.setup import ensure_table
from everwarm.cache.names import Names
from everwarm.clock import ManualClock, SystemClock
from everwarm.dynamodb.storage.store import Store
from everwarm.errors import (
    BackendError,
    ConditionalCheckFailedException,
    ResourceNotFoundException,
    SettingError,
    StorageLocked,
    StorageUnwritable,
    ValidationException,
)
from everwarm.whereabouts import FILE, Whereabouts

TABLE = "rates"
KEY = {"key": {"S": "EUR/KRW"}}
ITEM = {**KEY, "value": {"L": [{"M": {"rate": {"N": "1475.3"}}}]}, "blob1": {"B": "AAEC"}}


@pytest.fixture
def backend() -> Iterator[Embedded]:
    backend = Embedded(None, ManualClock())
    ensure_table(backend, TABLE, Names(), create=True)
    yield backend
    backend.close()


def put(backend: Embedded, **more: Any) -> None:
    backend.call("PutItem", {"TableName": TABLE, "Item": {**ITEM, **more}})


def test_what_was_put_is_got(backend: Embedded) -> None:
    put(backend)
    assert backend.call("GetItem", {"TableName": TABLE, "Key": KEY, "ConsistentRead": True}) == {"Item": ITEM}


def test_what_is_not_there_has_no_item(backend: Embedded) -> None:
    assert backend.call("GetItem", {"TableName": TABLE, "Key": KEY}) == {}


def test_a_projection_is_obeyed(backend: Embedded) -> None:
    put(backend)
    got = backend.call("GetItem", {"TableName": TABLE, "Key": KEY, "ProjectionExpression": "blob1"})
    assert got == {"Item": {"blob1": {"B": "AAEC"}}}


def test_a_batch_is_plain_data(backend: Embedded) -> None:
    put(backend)
    got = backend.call("BatchGetItem", {"RequestItems": {TABLE: {"Keys": [KEY, {"key": {"S": "other"}}]}}})
    assert got == {"Responses": {TABLE: [ITEM]}, "UnprocessedKeys": {}}


@pytest.mark.parametrize("key", [{}, {"other": {"S": "x"}}, {"key": {"N": "1"}}, {"key": {"S": ""}}])
def test_a_key_of_another_shape_is_refused(backend: Embedded, key: dict[str, Any]) -> None:
    with pytest.raises(ValidationException):
        backend.call("GetItem", {"TableName": TABLE, "Key": key})


def test_no_such_table(backend: Embedded) -> None:
    with pytest.raises(ResourceNotFoundException) as caught:
        backend.call("GetItem", {"TableName": "nothing", "Key": KEY})
    assert caught.value.code == "ResourceNotFoundException"


def test_a_failed_condition_has_its_item(backend: Embedded) -> None:
    put(backend)
    with pytest.raises(ConditionalCheckFailedException) as caught:
        backend.call(
            "PutItem",
            {
                "TableName": TABLE,
                "Item": ITEM,
                "ConditionExpression": "attribute_not_exists(#key)",
                "ExpressionAttributeNames": {"#key": "key"},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
        )
    assert caught.value.members["Item"] == ITEM


def test_many_threads_count_as_one(backend: Embedded) -> None:
    """Calls come from any thread: no update is lost, and no reader meets half of one."""
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(50):
                backend.call(
                    "UpdateItem",
                    {
                        "TableName": TABLE,
                        "Key": KEY,
                        "UpdateExpression": "ADD one :one, two :one",
                        "ExpressionAttributeValues": {":one": {"N": "1"}},
                    },
                )
                item = backend.call("GetItem", {"TableName": TABLE, "Key": KEY})["Item"]
                assert item["one"] == item["two"]
                assert len(backend.call("Scan", {"TableName": TABLE})["Items"]) == 1
                backend.call("DescribeTable", {"TableName": TABLE})
        except BaseException as err:
            errors.append(err)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert backend.call("GetItem", {"TableName": TABLE, "Key": KEY})["Item"]["one"] == {"N": "400"}


def test_after_close_it_says_so(backend: Embedded) -> None:
    backend.close()
    backend.close()
    with pytest.raises(BackendError, match="closed"):
        backend.call("GetItem", {"TableName": TABLE, "Key": KEY})


def test_in_memory_nothing_is_shared(backend: Embedded) -> None:
    other = Embedded(None, ManualClock())
    assert other.call("ListTables", {})["TableNames"] == []
    other.close()


def test_a_directory_is_shared_until_the_last_has_gone(tmp_path: Path) -> None:
    before = set(threading.enumerate())  # other tests' stacks may be running
    clock = ManualClock()
    one = Embedded(tmp_path / "data", clock)
    (tmp_path / "also").symlink_to(tmp_path / "data")
    two = Embedded(tmp_path / "also", clock)
    ensure_table(one, TABLE, Names(), create=True)
    put(two)
    one.close()
    one.close()
    assert two.call("GetItem", {"TableName": TABLE, "Key": KEY}) == {"Item": ITEM}
    two.close()
    again = Embedded(tmp_path / "data", clock)
    assert again.call("GetItem", {"TableName": TABLE, "Key": KEY}) == {"Item": ITEM}
    again.close()
    left = set(threading.enumerate()) - before
    assert not [thread for thread in left if thread.name.startswith("everwarm")]


def test_one_directory_has_one_clock(tmp_path: Path) -> None:
    one = Embedded(tmp_path, SystemClock())
    Embedded(tmp_path, SystemClock()).close()
    with pytest.raises(SettingError, match="clock"):
        Embedded(tmp_path, ManualClock())
    with pytest.raises(SettingError, match="eu-west-1"):
        Embedded(tmp_path, SystemClock(), "eu-west-1")
    one.close()


def test_a_directory_that_cannot_be_written_to_says_what_to_do(tmp_path: Path) -> None:
    """The first thing that a cache meets on Lambda, if nobody has told it that its table is on AWS."""
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnwritable, match=r"file/data cannot be written to .*directory=.*endpoint=\"aws\""):
        Embedded(tmp_path / "file" / "data", ManualClock())


def test_a_locked_directory_says_what_to_do(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    with pytest.raises(StorageLocked, match="everwarm up"):
        Embedded(tmp_path, ManualClock())
    with (
        Whereabouts("http://127.0.0.1:8123").published(tmp_path),
        pytest.raises(StorageLocked, match="8123"),
    ):
        Embedded(tmp_path, ManualClock())
    store.close()


def test_what_a_killed_stack_has_left_sends_nobody_there(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    (tmp_path / FILE).write_text('{"url": "http://127.0.0.1:8123"}')
    backend = Embedded(tmp_path, ManualClock())
    assert Whereabouts.read(tmp_path) is None
    backend.close()


def test_a_pause_is_one_of_the_clock(tmp_path: Path) -> None:
    clock = ManualClock()
    backend = Embedded(None, clock)
    over = threading.Event()

    def pause() -> None:
        backend.pause(3600)
        over.set()

    thread = threading.Thread(target=pause)
    thread.start()
    while not over.is_set():
        clock.advance(1800)
    thread.join()
    backend.close()


def test_closing_ends_a_pause() -> None:
    backend = Embedded(None, ManualClock())
    begun = threading.Event()

    def pause() -> None:
        begun.set()
        try:
            backend.pause(3600)
        except BackendError:
            return  # the other side was quicker

    thread = threading.Thread(target=pause)
    thread.start()
    begun.wait()
    backend.close()
    thread.join(10)
    assert not thread.is_alive()
