"""Many items due at once: in short steps, shared by the tables; and tables that fail, which nobody has to wait for."""

from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.layout import EXPIRY, after
from everwarm.dynamodb.ttl import sweeper
from everwarm.dynamodb.ttl.sweeper import BATCH, BATCH_BYTES, LONGEST_REST_S, REST_S, TABLES, Sweep

Call = Callable[..., dict[str, Any]]
Put = Callable[..., None]
Keys = Callable[..., list[str]]

NOW = 1_700_000_000


def step(engine: Engine) -> Sweep:
    return engine.store.update(engine.sweeper.step)


def names(sweep: Sweep) -> list[str]:
    return sorted({one.table for one in sweep.expired})


# Writers wait for a step, and a step is held in memory.
def test_a_step_of_large_items_is_short(create: Call, engine: Engine, put: Put) -> None:
    create("rates", ttl="ttl")
    for number in range(25):
        put(str(number), -1, value={"S": "x" * 100_000})
    deleted = []
    while (done := step(engine)).expired:
        deleted.append(len(done.expired))
    assert sum(deleted) == 25
    assert max(deleted) == BATCH_BYTES // 100_000 + 1


# Each index is another write for each item.
def test_a_step_counts_the_entries_of_indexes(call: Call, engine: Engine, put: Put, monkeypatch: Any) -> None:
    monkeypatch.setattr(sweeper, "BATCH", 20)
    call(
        "CreateTable",
        TableName="rates",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "a", "b", "c")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": f"by-{name}",
                "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
            for name in ("a", "b", "c")
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    call("UpdateTimeToLive", TableName="rates", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    for number in range(7):
        put(str(number), -1, a={"S": "x"}, b={"S": "x"}, c={"S": "x"})
    assert [len(step(engine).expired), len(step(engine).expired)] == [5, 2]


def test_a_burst_of_one_table_does_not_hold_up_another(create: Call, engine: Engine, put: Put) -> None:
    for table in ("burst", "rates"):
        create(table, ttl="ttl")
    engine.sweeper.sweep()  # the items from before TTL, of which there are none
    for number in range(2 * BATCH):
        put(str(number), -10, "burst")
    put("a", -1, "rates")
    first = step(engine)
    assert names(first) == ["burst", "rates"]
    assert len(first.expired) <= BATCH
    assert len(step(engine).expired) == BATCH  # all of it, once nobody else has anything due


def test_many_tables_take_turns(create: Call, engine: Engine, put: Put) -> None:
    tables = [f"table-{number:02}" for number in range(2 * TABLES + 3)]
    for table in tables:
        create(table, ttl="ttl")
        for number in range(40):
            put(str(number), -1, table)
    served = [names(step(engine)) for _ in range(3)]
    assert [len(some) for some in served] == [TABLES] * 3
    assert set().union(*served) == set(tables)
    engine.sweeper.sweep()
    assert engine.sweeper.stats.deleted == 40 * len(tables)


# While the items from before TTL are looked at, those that are known to be due do not wait.
def test_due_items_do_not_wait_for_the_backfill(
    call: Call, create: Call, engine: Engine, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("everwarm.dynamodb.ttl.backfill.STEP_ITEMS", 5)
    create("rates")
    for number in range(50):
        put(f"old-{number}", 60)
    create("prices", ttl="ttl")
    call("UpdateTimeToLive", TableName="rates", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    put("new", -1)
    put("other", -1, "prices")
    assert names(step(engine)) == ["prices", "rates"]
    assert step(engine).next_due <= NOW


# Something is wrong with a table that nobody has thought of: it is tried again after longer and longer pauses, the
# others are on time, and nothing of the failed part is left behind.
def test_a_table_that_fails_rests(
    create: Call, engine: Engine, put: Put, keys: Keys, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for table in ("broken", "rates"):
        create(table, ttl="ttl")
    engine.sweeper.sweep()
    for key in ("a", "b"):
        put(key, -1, "broken")
        put(key, -1, "rates")
    remove = engine.sweeper._remove

    def fail(tx: Any, table: Any, key: Any, *item: Any) -> Any:
        if table.name == "broken" and key.attributes == {"pk": {"S": "b"}}:
            raise KeyError("a mistake of ours")
        return remove(tx, table, key, *item)

    monkeypatch.setattr(engine.sweeper, "_remove", fail)
    with capture_logs() as log:
        first = step(engine)
        assert names(first) == ["rates"]
        assert first.next_due == NOW + REST_S
        assert step(engine).next_due == NOW + REST_S  # nothing is tried before that
        clock.advance(REST_S)
        assert step(engine).next_due == NOW + 3 * REST_S
    assert [(line["table"], line["retry_s"]) for line in log] == [("broken", REST_S), ("broken", 2 * REST_S)]
    assert (keys("rates"), keys("broken")) == ([], ["a", "b"])
    with capture_logs():
        for _ in range(10):
            clock.advance(LONGEST_REST_S)
            assert 0 < step(engine).next_due - clock.now() <= LONGEST_REST_S
    monkeypatch.undo()
    clock.advance(LONGEST_REST_S)
    assert engine.sweeper.sweep() == 2


# A step is one look at the index, however much has been deleted before it: a burst costs what it deletes. So do items
# that are overdue when they are put, behind which the tombstones of a burst lie.
def test_a_step_does_not_walk_over_what_was_deleted(
    create: Call, engine: Engine, put: Put, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    create("rates", ttl="ttl")
    for number in range(3 * BATCH):
        put(str(number), 10)
    engine.sweeper.sweep()
    clock.advance(20)
    starts: list[bytes] = []
    scan = engine.store.scan

    def noted(start: bytes, end: bytes, **more: Any) -> Any:
        starts.append(start)
        return scan(start, end, **more)

    monkeypatch.setattr(engine.store, "scan", noted)
    for _ in range(3):
        left = next(scan(EXPIRY, after(EXPIRY)))[0]
        step(engine)
        assert starts.pop() == left
        assert starts == []
    put("late", 30)
    for number in range(20):
        put(f"overdue-{number}", 9)
        put(f"same-{number}", 10)
    assert len(step(engine).expired) == 40
    assert starts.pop() == next(scan(EXPIRY, after(EXPIRY)))[0]
    assert starts == []


def test_more_overdue_items_than_are_kept_in_mind(
    create: Call, engine: Engine, put: Put, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("everwarm.dynamodb.ttl.index.MAX_LOOSE", 5)
    create("rates", ttl="ttl")
    engine.sweeper.sweep()
    for number in range(17):
        put(str(number), -number)
    put("future", 10)
    assert engine.sweeper.sweep() == 17
    assert keys() == ["future"]
