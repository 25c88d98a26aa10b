"""The sweeper: on time, never early, whatever happened to the item meanwhile."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.ttl.backfill import STEP_ITEMS
from everwarm.dynamodb.ttl.sweeper import BATCH
from everwarm.dynamodb.values.types import Item
from tests.unit.dynamodb.ttl.commits import putting, together

Call = Callable[..., dict[str, Any]]
Records = Callable[[str], list[dict[str, Any]]]

NOW = 1_700_000_000


def switch(call: Call, table: str, enabled: bool) -> None:
    call("UpdateTimeToLive", TableName=table, TimeToLiveSpecification={"Enabled": enabled, "AttributeName": "ttl"})


def exists(call: Call, key: str, table: str = "rates") -> bool:
    return "Item" in call("GetItem", TableName=table, Key={"pk": {"S": key}})


def test_on_time_and_not_before(
    call: Call, create: Call, engine: Engine, clock: ManualClock, put: Callable[..., None]
) -> None:
    create("rates", ttl="ttl")
    put("a", 60)
    clock.advance(59.999)
    assert engine.sweeper.sweep() == 0
    assert exists(call, "a")  # expired or not, it is there until it is deleted
    clock.advance(0.001)
    assert engine.sweeper.sweep() == 1
    assert not exists(call, "a")
    assert engine.sweeper.sweep() == 0


def test_in_the_order_of_their_times(create: Call, engine: Engine, put: Callable[..., None], records: Records) -> None:
    create("rates", stream="KEYS_ONLY", ttl="ttl")
    for key, in_s in (("third", -10), ("first", -30), ("second", -20)):
        put(key, in_s)
    engine.sweeper.sweep()
    removed = [record["dynamodb"]["Keys"]["pk"]["S"] for record in records("rates") if record["eventName"] == "REMOVE"]
    assert removed == ["first", "second", "third"]


def test_the_deletion_is_marked_as_the_services(
    create: Call, call: Call, engine: Engine, put: Callable[..., None], records: Records
) -> None:
    create("rates", stream="NEW_AND_OLD_IMAGES", ttl="ttl")
    put("a", -1)
    engine.sweeper.sweep()
    put("b", -1)
    call("DeleteItem", TableName="rates", Key={"pk": {"S": "b"}})
    _, expired, _, deleted = records("rates")
    assert expired["eventName"] == "REMOVE"
    assert expired["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    assert expired["dynamodb"]["OldImage"] == {"pk": {"S": "a"}, "ttl": {"N": str(NOW - 1)}}
    assert "userIdentity" not in deleted


def test_a_moved_time_counts(
    call: Call, create: Call, engine: Engine, clock: ManualClock, put: Callable[..., None]
) -> None:
    create("rates", ttl="ttl")
    put("later", 10)
    put("later", 30)
    put("sooner", 30)
    put("sooner", 10)
    clock.advance(20)
    assert engine.sweeper.sweep() == 1
    assert (exists(call, "later"), exists(call, "sooner")) == (True, False)
    clock.advance(10)
    assert engine.sweeper.sweep() == 1


def test_an_item_that_was_deleted_is_not_deleted_again(
    call: Call, create: Call, engine: Engine, clock: ManualClock, put: Callable[..., None], records: Records
) -> None:
    create("rates", stream="KEYS_ONLY", ttl="ttl")
    put("a", 10)
    call("DeleteItem", TableName="rates", Key={"pk": {"S": "a"}})
    clock.advance(10)
    assert engine.sweeper.sweep() == 0
    assert [record["eventName"] for record in records("rates")] == ["INSERT", "REMOVE"]


# Written before TTL was enabled, and more of them than are looked at in one transaction.
def test_old_items_are_found(call: Call, create: Call, engine: Engine, clock: ManualClock) -> None:
    create("rates")
    count = STEP_ITEMS + 300
    for first in range(0, count, 25):
        wanted = [
            {"PutRequest": {"Item": {"pk": {"S": str(number)}, "ttl": {"N": str(NOW + number % 2 * 60)}}}}
            for number in range(first, first + 25)
        ]
        call("BatchWriteItem", RequestItems={"rates": wanted})
    switch(call, "rates", enabled=True)
    assert engine.sweeper.sweep() == count // 2
    clock.advance(60)
    assert engine.sweeper.sweep() == count // 2


# Switching TTL on for a large table does not hold up its writers: a step looks at some items and asks for the next.
def test_old_items_are_looked_at_in_short_steps(call: Call, create: Call, engine: Engine) -> None:
    create("rates")
    for first in range(0, STEP_ITEMS + 25, 25):
        wanted = [
            {"PutRequest": {"Item": {"pk": {"S": str(number)}, "ttl": {"N": str(NOW + 60)}}}}
            for number in range(first, first + 25)
        ]
        call("BatchWriteItem", RequestItems={"rates": wanted})
    switch(call, "rates", enabled=True)
    assert engine.store.update(engine.sweeper.step).next_due <= NOW
    assert engine.store.update(engine.sweeper.step).next_due == NOW + 60


# While the old items are being looked at, somebody writes to them; what holds is what they wrote.
def test_writes_during_the_backfill_count(call: Call, create: Call, engine: Engine, put: Callable[..., None]) -> None:
    create("rates")
    for key in ("kept", "deleted", "due"):
        put(key, -1)
    switch(call, "rates", enabled=True)
    put("kept", 60)
    call("DeleteItem", TableName="rates", Key={"pk": {"S": "deleted"}})
    put("new", -1)
    assert engine.sweeper.sweep() == 2
    assert [key for key in ("kept", "deleted", "due", "new") if exists(call, key)] == ["kept"]


def test_tables_do_not_disturb_each_other(
    call: Call, create: Call, engine: Engine, clock: ManualClock, put: Callable[..., None]
) -> None:
    for table, ttl in (("one", "ttl"), ("two", "ttl"), ("other", "until"), ("none", None)):
        create(table, ttl=ttl)
        put("a", 10, table)
    put("b", 20, "two")
    clock.advance(10)
    assert engine.sweeper.sweep() == 2
    assert [exists(call, "a", table) for table in ("one", "two", "other", "none")] == [False, False, True, True]
    clock.advance(10)
    assert engine.sweeper.sweep() == 1


def test_disabled_means_off_and_enabled_again_on(
    call: Call, create: Call, engine: Engine, clock: ManualClock, put: Callable[..., None]
) -> None:
    create("rates", ttl="ttl")
    put("a", 10)
    put("b", 10)
    switch(call, "rates", enabled=False)
    put("b", 30)
    clock.advance(20)
    assert engine.sweeper.sweep() == 0
    switch(call, "rates", enabled=True)
    assert engine.sweeper.sweep() == 1
    assert (exists(call, "a"), exists(call, "b")) == (False, True)
    clock.advance(10)
    assert engine.sweeper.sweep() == 1


# Another attribute after a change of mind: the times of the first one mean nothing any more.
def test_another_attribute(call: Call, create: Call, engine: Engine, put: Callable[..., None]) -> None:
    create("rates", ttl="ttl")
    put("a", -1)
    switch(call, "rates", enabled=False)
    specification = {"Enabled": True, "AttributeName": "until"}
    call("UpdateTimeToLive", TableName="rates", TimeToLiveSpecification=specification)
    call("PutItem", TableName="rates", Item={"pk": {"S": "b"}, "until": {"N": str(NOW)}})
    assert engine.sweeper.sweep() == 1
    assert (exists(call, "a"), exists(call, "b")) == (True, False)


def test_a_table_made_again_owes_nothing_to_the_first(
    call: Call, create: Call, engine: Engine, clock: ManualClock, put: Callable[..., None]
) -> None:
    create("rates", ttl="ttl")
    put("a", 10)
    call("DeleteTable", TableName="rates")
    create("rates", ttl="ttl")
    call("PutItem", TableName="rates", Item={"pk": {"S": "a"}})
    clock.advance(10)
    assert engine.sweeper.sweep() == 0
    assert exists(call, "a")


def test_a_burst_is_deleted_in_short_steps(create: Call, engine: Engine, put: Callable[..., None]) -> None:
    create("rates", ttl="ttl")
    for number in range(BATCH + 10):
        put(str(number), -1)
    first = engine.store.update(engine.sweeper.step)
    second = engine.store.update(engine.sweeper.step)
    third = engine.store.update(engine.sweeper.step)
    assert [len(step.expired) for step in (first, second, third)] == [BATCH, 10, 0]
    assert first.next_due <= NOW < second.next_due == third.next_due


# TTL, item and expiry entry are on disk: what fell due while nothing ran is deleted at once.
def test_a_restart_forgets_no_due_time(tmp_path: Path, call_on: Callable[[Engine], Call], clock: ManualClock) -> None:
    engine = Engine.open(tmp_path, clock)
    call = call_on(engine)
    call(
        "CreateTable",
        TableName="rates",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    switch(call, "rates", enabled=True)
    call("PutItem", TableName="rates", Item={"pk": {"S": "a"}, "ttl": {"N": str(NOW + 10)}})
    engine.close()
    clock.advance(3600)
    engine = Engine.open(tmp_path, clock)
    assert engine.sweeper.sweep() == 1
    engine.close()


# An overdue item is kept in mind; then the clock is put back, so that it lies ahead, and another one comes before it.
def test_the_order_under_a_clock_that_is_put_back(
    create: Call, engine: Engine, clock: ManualClock, put: Callable[..., None], keys: Callable[..., list[str]]
) -> None:
    create("rates", ttl="ttl")
    put("future", 1000)
    engine.sweeper.sweep()
    put("second", -1)
    clock.jump(-100)
    assert engine.sweeper.sweep() == 0
    put("first", -50)
    clock.advance(70)
    assert engine.sweeper.sweep() == 1
    assert keys() == ["future", "second"]
    clock.advance(30)
    assert engine.sweeper.sweep() == 1


# Writers and the sweeper share commits. What it knows of the way to the next entry must hold whichever comes first;
# here new entries lie before the one that was next, due in the same second.
@pytest.mark.parametrize("sweep_first", [True, False])
def test_a_put_in_the_commit_of_a_sweep(
    call: Call, create: Call, engine: Engine, clock: ManualClock, put: Callable[..., None], sweep_first: bool
) -> None:
    create("rates", ttl="ttl")
    put("known", 60)
    engine.sweeper.sweep()
    clock.advance(60)
    # Whatever the order of their keys is.
    items: list[Item] = [{"pk": {"S": f"new-{number}"}, "ttl": {"N": str(NOW + 60)}} for number in range(20)]
    bodies = [engine.sweeper.step, *(putting(engine, "rates", item) for item in items)]
    together(engine, *(bodies if sweep_first else reversed(bodies)))
    engine.sweeper.sweep()
    assert call("Scan", TableName="rates")["Count"] == 0
