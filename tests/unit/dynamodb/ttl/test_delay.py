"""Deletions that are late by chance: a rehearsal of AWS. Until its moment an item is there and can be saved."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.layout import EXPIRY, after
from everwarm.dynamodb.ttl.eligibility import FIVE_YEARS_S
from everwarm.dynamodb.ttl.options import TimeToLiveOptions

Call = Callable[..., dict[str, Any]]
Put = Callable[..., None]
Keys = Callable[..., list[str]]
Opened = Callable[..., Any]

NOW = 1_700_000_000
MINUTE_S = 60


@pytest.fixture
def engine(clock: ManualClock) -> Iterator[Engine]:
    engine = Engine.open(None, clock, time_to_live=TimeToLiveOptions.parse("8m..28m"))
    yield engine
    engine.close()


@pytest.fixture
def opened(tmp_path: Path, clock: ManualClock, call_on: Callable[[Engine], Call]) -> Opened:
    """`with opened("8m..28m") as (engine, call)`: always on the same directory."""

    @contextmanager
    def opened(delay: str) -> Iterator[tuple[Engine, Call]]:
        engine = Engine.open(tmp_path, clock, time_to_live=TimeToLiveOptions.parse(delay))
        try:
            yield engine, call_on(engine)
        finally:
            engine.close()

    return opened


def fill(call: Call, count: int, due: int = NOW) -> None:
    call(
        "CreateTable",
        TableName="rates",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    call("UpdateTimeToLive", TableName="rates", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    for number in range(count):
        call("PutItem", TableName="rates", Item={"pk": {"S": f"{number:03}"}, "ttl": {"N": str(due)}})


def test_none_before_the_range_and_all_at_its_end(call: Call, engine: Engine, clock: ManualClock, keys: Keys) -> None:
    fill(call, 100)
    clock.advance(8 * MINUTE_S - 0.001)
    assert engine.sweeper.sweep() == 0
    clock.advance(10 * MINUTE_S)
    assert 20 < engine.sweeper.sweep() < 80
    assert 20 < len(keys()) < 80
    clock.advance(10 * MINUTE_S + 0.001)
    engine.sweeper.sweep()
    assert keys() == []
    assert engine.sweeper.stats.deleted == 100


def test_each_at_its_own_moment(call: Call, engine: Engine, clock: ManualClock) -> None:
    fill(call, 20)
    engine.sweeper.sweep()
    for left in range(20, 0, -1):
        next_due = engine.store.update(engine.sweeper.step).next_due
        clock.advance(next_due - clock.now() - 0.001)
        assert engine.sweeper.sweep() == 0
        clock.advance(0.001)
        engine.sweeper.sweep()
        assert engine.sweeper.stats.deleted == 21 - left


@pytest.mark.parametrize("update", ["SET #t = :later", "REMOVE #t"])
def test_an_overdue_item_can_be_saved_until_then(
    call: Call, engine: Engine, clock: ManualClock, keys: Keys, update: str
) -> None:
    fill(call, 2)
    clock.advance(8 * MINUTE_S - 1)
    engine.sweeper.sweep()
    values = {"ExpressionAttributeValues": {":later": {"N": str(NOW + 86400)}}} if "later" in update else {}
    call(
        "UpdateItem",
        TableName="rates",
        Key={"pk": {"S": "000"}},
        UpdateExpression=update,
        ExpressionAttributeNames={"#t": "ttl"},
        **values,
    )
    clock.advance(21 * MINUTE_S)
    assert engine.sweeper.sweep() == 1
    assert keys() == ["000"]


# Overdue items that are still to wait are not looked at again and again: the cost is that of what is deleted.
def test_who_waits_costs_nothing(
    call: Call, engine: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(call, 200)
    engine.sweeper.sweep()
    looked_at = 0
    entries = engine.expiry.entries

    def counted(*args: Any) -> Iterator[Any]:
        nonlocal looked_at
        for entry in entries(*args):
            looked_at += 1
            yield entry

    monkeypatch.setattr(engine.expiry, "entries", counted)
    clock.advance(8 * MINUTE_S)
    for _ in range(20 * MINUTE_S):
        clock.advance(1)
        engine.sweeper.sweep()
    assert engine.sweeper.stats.deleted == 200
    assert looked_at <= 2 * 200


def test_a_restart_changes_no_moment(opened: Opened, clock: ManualClock) -> None:
    with opened("8m..28m") as (engine, call):
        fill(call, 50)
        engine.sweeper.sweep()
        before = engine.store.update(engine.sweeper.step).next_due
    with opened("8m..28m") as (engine, _):
        assert engine.store.update(engine.sweeper.step).next_due == before
        clock.advance(before - clock.now())
        assert engine.sweeper.sweep() >= 1


@pytest.mark.parametrize(("first", "second"), [("0", "1h"), ("1h", "0"), ("8m..28m", "1h"), ("8m..28m", "..28m")])
def test_another_delay_holds_from_the_next_start_on(
    opened: Opened, clock: ManualClock, first: str, second: str
) -> None:
    late_s = TimeToLiveOptions.parse(second).delay
    with opened(first) as (engine, call):
        fill(call, 30, due=NOW + 10)
        engine.sweeper.sweep()
    with opened(second) as (engine, call):
        clock.advance(10 + late_s.low_ms / 1000 - 0.001)
        assert engine.sweeper.sweep() == 0
        clock.advance((late_s.high_ms - late_s.low_ms) / 1000 + 0.001)
        assert engine.sweeper.sweep() == 30
        assert list(engine.store.scan(EXPIRY, after(EXPIRY))) == []


# Killed before the items were looked at again, it goes on at the next start, whatever that one's delay is.
def test_a_change_that_was_not_finished(opened: Opened, clock: ManualClock) -> None:
    with opened("0") as (engine, call):
        fill(call, 30, due=NOW + 10)
    with opened("1h"):
        pass
    with opened("1h") as (engine, call):
        call("PutItem", TableName="rates", Item={"pk": {"S": "000"}})
        clock.advance(3609)
        assert engine.sweeper.sweep() == 0
        clock.advance(1)
        assert engine.sweeper.sweep() == 29


# Near five years ago nothing is deleted that might have expired before.
def test_the_rule_of_five_years(call: Call, engine: Engine, keys: Keys) -> None:
    fill(call, 0)
    for key, age_s in (("old", FIVE_YEARS_S + 10 * MINUTE_S), ("overdue", FIVE_YEARS_S - 30 * MINUTE_S)):
        call("PutItem", TableName="rates", Item={"pk": {"S": key}, "ttl": {"N": str(NOW - age_s)}})
    assert engine.sweeper.sweep() == 1
    assert keys() == ["old"]
