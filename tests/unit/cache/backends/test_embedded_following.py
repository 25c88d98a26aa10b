"""Every change of a table is told to who follows it, by the time the call that made it returns."""

from collections.abc import Iterator

import pytest

from everwarm.cache.backends.embedded import Embedded
from everwarm.cache.backends.setup import ensure_table
from everwarm.cache.names import Names
from everwarm.clock import ManualClock
from everwarm.errors import ConditionalCheckFailedException

TABLE = "rates"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def backend(clock: ManualClock) -> Iterator[Embedded]:
    backend = Embedded(None, clock)
    for name in (TABLE, "other"):
        ensure_table(backend, name, Names(), create=True)
    yield backend
    backend.close()


def key(text: str) -> dict[str, dict[str, str]]:
    return {"key": {"S": text}}


def test_puts_updates_deletions_batches_and_transactions(backend: Embedded) -> None:
    told: list[str | None] = []
    backend.follow(TABLE, told.append)
    backend.call("PutItem", {"TableName": TABLE, "Item": key("put")})
    assert told == ["put"]
    values = {":n": {"N": "1"}}
    update = {"TableName": TABLE, "Key": key("update"), "UpdateExpression": "ADD n :n"}
    backend.call("UpdateItem", {**update, "ExpressionAttributeValues": values})
    assert told == ["put", "update"]
    backend.call("DeleteItem", {"TableName": TABLE, "Key": key("put")})
    assert told == ["put", "update", "put"]
    puts = [{"PutRequest": {"Item": key(text)}} for text in ("one", "two")]
    backend.call("BatchWriteItem", {"RequestItems": {TABLE: puts}})
    assert told[3:] == ["one", "two"]
    actions = [{"Put": {"TableName": name, "Item": key("both")}} for name in (TABLE, "other")]
    backend.call("TransactWriteItems", {"TransactItems": actions})
    assert told[5:] == ["both"]


def test_what_does_not_come_to_be_is_not_told(backend: Embedded) -> None:
    told: list[str | None] = []
    backend.follow(TABLE, told.append)
    condition = {"ConditionExpression": "attribute_exists(ttl1)"}
    with pytest.raises(ConditionalCheckFailedException):
        backend.call("PutItem", {"TableName": TABLE, "Item": key("put"), **condition})
    backend.call("PutItem", {"TableName": "other", "Item": key("put")})
    assert told == []


def test_what_expires_is_told(backend: Embedded, clock: ManualClock) -> None:
    told: list[str | None] = []
    backend.call("PutItem", {"TableName": TABLE, "Item": {**key("a"), "ttl": {"N": str(int(clock.now() + 10))}}})
    backend.follow(TABLE, told.append)
    clock.advance(11)
    while backend.call("GetItem", {"TableName": TABLE, "Key": key("a")}):
        pass
    backend.call("PutItem", {"TableName": TABLE, "Item": key("b")})  # behind it
    assert told == ["a", "b"]


def test_a_deleted_table_is_told_as_a_whole(backend: Embedded) -> None:
    told: list[str | None] = []
    backend.follow(TABLE, told.append)
    backend.call("DeleteTable", {"TableName": "other"})
    assert told == []
    backend.call("DeleteTable", {"TableName": TABLE})
    assert told == [None]


def test_after_unfollow_and_close_nothing_is_told(backend: Embedded) -> None:
    told: list[str | None] = []
    others: list[str | None] = []
    unfollow = backend.follow(TABLE, told.append)
    backend.follow(TABLE, others.append)
    unfollow()
    unfollow()
    backend.call("PutItem", {"TableName": TABLE, "Item": key("a")})
    assert told == []
    assert others == ["a"]


def test_one_who_fails_is_in_nobodys_way(backend: Embedded) -> None:
    told: list[str | None] = []

    def fails(text: str | None) -> None:
        raise RuntimeError("no")

    backend.follow(TABLE, fails)
    backend.follow(TABLE, told.append)
    backend.call("PutItem", {"TableName": TABLE, "Item": key("a")})
    assert told == ["a"]
