"""What the cache relies on, whichever backend it has."""

import queue
import threading
from typing import Any

import pytest

from everwarm.cache.backends.setup import ensure_table
from everwarm.cache.names import Names
from everwarm.errors import (
    BackendError,
    ConditionalCheckFailedException,
    NotFollowable,
    ResourceNotFoundException,
    TransactionCanceledException,
    ValidationException,
)
from tests.cache.backends import Bench

NAMES = Names()
WAIT_S = 20

ITEM: dict[str, Any] = {
    "key": {"S": "EUR/KRW"},
    "value": {"L": [{"M": {"rate": {"N": "1475.3"}, "on": {"BOOL": True}, "none": {"NULL": True}}}]},
    "blob1": {"B": "AAEC"},
    "blobs": {"BS": ["AAEC"]},
    "tags": {"SS": ["fx"]},
    "generation": {"N": "1700000000000"},
}
KEY = {"key": ITEM["key"]}


@pytest.fixture
def table(backend: Bench) -> str:
    name = backend.new_table_name()
    ensure_table(backend, name, NAMES, create=True)
    return name


def put(backend: Bench, table: str, key: str, ttl: float | None = None) -> None:
    item = {"key": {"S": key}} | ({} if ttl is None else {"ttl": {"N": str(int(ttl))}})
    backend.call("PutItem", {"TableName": table, "Item": item})


def test_a_table_is_made_once(backend: Bench, table: str) -> None:
    ensure_table(backend, table, NAMES, create=False)
    described = backend.call("DescribeTable", {"TableName": table})["Table"]
    assert described["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert isinstance(described["CreationDateTime"], float | int)


def test_what_was_put_is_got(backend: Bench, table: str) -> None:
    backend.call("PutItem", {"TableName": table, "Item": ITEM})
    assert backend.call("GetItem", {"TableName": table, "Key": KEY, "ConsistentRead": True}) == {"Item": ITEM}
    assert backend.call("GetItem", {"TableName": table, "Key": {"key": {"S": "other"}}}) == {}
    found = backend.call("BatchGetItem", {"RequestItems": {table: {"Keys": [KEY], "ConsistentRead": True}}})
    assert found["Responses"] == {table: [ITEM]}
    assert found["UnprocessedKeys"] == {}


def test_a_failed_condition(backend: Bench, table: str) -> None:
    backend.call("PutItem", {"TableName": table, "Item": ITEM})
    request = {
        "TableName": table,
        "Item": ITEM,
        "ConditionExpression": "attribute_not_exists(#key)",
        "ExpressionAttributeNames": {"#key": "key"},
    }
    with pytest.raises(ConditionalCheckFailedException) as caught:
        backend.call("PutItem", {**request, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})
    assert caught.value.code == "ConditionalCheckFailedException"
    assert caught.value.members["Item"] == ITEM


def test_a_cancelled_transaction_says_which_of_its_actions(backend: Bench, table: str) -> None:
    backend.call("PutItem", {"TableName": table, "Item": ITEM})
    again = {
        "Put": {
            "TableName": table,
            "Item": ITEM,
            "ConditionExpression": "attribute_not_exists(#key)",
            "ExpressionAttributeNames": {"#key": "key"},
        }
    }
    other = {"Put": {"TableName": table, "Item": {"key": {"S": "timer#EUR/KRW"}}}}
    with pytest.raises(TransactionCanceledException) as caught:
        backend.call("TransactWriteItems", {"TransactItems": [other, again]})
    codes = [reason["Code"] for reason in caught.value.members["CancellationReasons"]]
    assert codes == ["None", "ConditionalCheckFailed"]
    assert backend.call("GetItem", {"TableName": table, "Key": other["Put"]["Item"]}) == {}
    backend.call("TransactWriteItems", {"TransactItems": [other]})
    assert backend.call("GetItem", {"TableName": table, "Key": other["Put"]["Item"]}) != {}


def test_other_errors_have_their_class(backend: Bench, table: str) -> None:
    with pytest.raises(ResourceNotFoundException):
        backend.call("GetItem", {"TableName": backend.new_table_name(), "Key": KEY})
    with pytest.raises(ValidationException):
        backend.call("GetItem", {"TableName": table, "Key": {"other": {"S": "x"}}})


def test_any_number_of_threads(backend: Bench, table: str) -> None:
    add = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(5):
                backend.call("UpdateItem", {"TableName": table, "Key": KEY, **add})
                backend.call("GetItem", {"TableName": table, "Key": KEY})
        except BaseException as err:
            failed.append(err)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    item = backend.call("GetItem", {"TableName": table, "Key": KEY, "ConsistentRead": True})["Item"]
    if backend.kind != "moto":  # whose updates are not atomic
        assert item["n"] == {"N": "80"}


def test_what_expires_reaches_the_handler(backend: Bench, table: str) -> None:
    records: list[dict[str, Any]] = []

    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        records.extend(event["Records"])
        return {"batchItemFailures": []}

    backend.serve(table, handler, concurrency=4)
    now = backend.clock.now()
    put(backend, table, "timer#later", now + 7200)
    put(backend, table, "timer#soon", now + 600)
    put(backend, table, "never")
    assert backend.expire(table) == []
    backend.clock.advance(601)
    assert backend.expire(table) == ["timer#soon"]
    [record] = records
    assert record["eventName"] == "REMOVE"
    assert record["dynamodb"]["OldImage"] == {"key": {"S": "timer#soon"}, "ttl": {"N": str(int(now + 600))}}
    backend.old_images = False
    backend.call("DeleteItem", {"TableName": table, "Key": {"key": {"S": "never"}}})
    backend.deliver(table)
    assert records[1]["dynamodb"]["Keys"] == {"key": {"S": "never"}}
    assert "OldImage" not in records[1]["dynamodb"]


def test_changes_are_told(backend: Bench, table: str) -> None:
    told: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    put(backend, table, "before")
    unfollow = backend.follow(table, told.put)
    put(backend, table, "a")
    assert told.get(timeout=WAIT_S) == "a"
    backend.call("DeleteItem", {"TableName": table, "Key": {"key": {"S": "before"}}})
    assert told.get(timeout=WAIT_S) == "before"
    unfollow()
    put(backend, table, "b")
    assert told.empty()


def test_a_table_without_a_stream_is_followed_where_it_can_be(backend: Bench, table: str) -> None:
    off = {"StreamEnabled": False}
    backend.call("UpdateTable", {"TableName": table, "StreamSpecification": off})
    if backend.instant:
        told: list[str | None] = []
        backend.follow(table, told.append)
        put(backend, table, "a")
        assert told == ["a"]
    else:
        with pytest.raises(NotFollowable):
            backend.follow(table, lambda key: None)


def test_a_pause_is_one_of_the_clock(backend: Bench) -> None:
    over = threading.Event()

    def pause() -> None:
        backend.pause(600)
        over.set()

    thread = threading.Thread(target=pause)
    thread.start()
    while not over.is_set():
        backend.clock.advance(200)
    thread.join()


def test_after_close_it_says_so(backend: Bench, table: str) -> None:
    backend.close()
    backend.close()
    with pytest.raises(BackendError, match="closed"):
        backend.call("GetItem", {"TableName": table, "Key": KEY})
