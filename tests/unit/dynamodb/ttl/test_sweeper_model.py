"""The sweeper against a model: whatever is written, however the clock goes, an item is gone exactly if it has to be."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.layout import EXPIRY, after
from everwarm.dynamodb.tables.keys import key_of_request
from everwarm.dynamodb.ttl.eligibility import FIVE_YEARS_S
from everwarm.dynamodb.ttl.options import Delay, TimeToLiveOptions
from everwarm.dynamodb.ttl.sweeper import Sweep
from everwarm.dynamodb.values.types import Item
from tests.unit.dynamodb.ttl.commits import putting, together

Call = Callable[..., dict[str, Any]]

NOW = 1_700_000_000
YEAR_S = 365 * 86400
TABLES = ("rates", "prices")

places = st.tuples(st.sampled_from(TABLES), st.sampled_from("abcde"))
# Relative to the clock's time; None for an item that does not expire.
lifetimes = st.none() | st.integers(-20, 20) | st.sampled_from([-5 * YEAR_S - 5, -5 * YEAR_S + 5, -3 * YEAR_S])
puts = st.tuples(st.just("put"), places, lifetimes)
step = st.tuples(st.just("step"))
actions = st.one_of(
    puts,
    st.tuples(st.just("together"), st.lists(puts | step, min_size=2, max_size=5)),
    st.tuples(st.just("delete"), places),
    st.tuples(st.just("advance"), st.integers(1, 15) | st.just(YEAR_S)),
    st.tuples(st.just("jump"), st.integers(-15, 15) | st.sampled_from([-6 * YEAR_S, 6 * YEAR_S])),
    st.tuples(st.just("switch"), st.sampled_from(TABLES)),
    step,
    st.tuples(st.just("sweep")),
)


@dataclass
class Model:
    """What there should be: due times by table and key, and which tables have TTL on."""

    clock: ManualClock
    delay: Delay
    engine: Engine
    items: dict[tuple[str, str], int | None] = field(default_factory=dict)
    on: set[str] = field(default_factory=lambda: set(TABLES))

    def put(self, place: tuple[str, str], lifetime: int | None) -> Item:
        """Note a put; the item."""
        due = None if lifetime is None else int(self.clock.now()) + lifetime
        self.items[place] = due
        return {"pk": {"S": place[1]}} | ({} if due is None else {"ttl": {"N": str(due)}})

    def expired(self, sweep: Sweep) -> None:
        """Note what a step did, and see that it was right."""
        for one in sweep.expired:
            place = (one.table, one.key["pk"]["S"])
            assert self.goes(place)
            del self.items[place]

    def goes(self, place: tuple[str, str]) -> bool:
        """Whether an item has to be deleted by now."""
        due, now = self.items[place], self.clock.now()
        if due is None or due < 0 or place[0] not in self.on:
            return False
        table = self.engine.tables.find(place[0])
        encoded = key_of_request(table, {"pk": {"S": place[1]}}).encoded
        moment_ms = self.delay.moment_ms(due * 1000, table.table_id, encoded)
        earliest_ms = (now - FIVE_YEARS_S) * 1000 + self.delay.high_ms
        return earliest_ms <= moment_ms <= now * 1000


@pytest.mark.parametrize("delay", ["0", "5s..10s"])
@settings(max_examples=60, deadline=None)
@given(happened=st.lists(actions, max_size=40))
def test_what_is_left(call_on: Callable[[Engine], Call], delay: str, happened: list[tuple[Any, ...]]) -> None:
    clock = ManualClock(NOW)
    options = TimeToLiveOptions.parse(delay)
    engine = Engine.open(None, clock, time_to_live=options)
    try:
        with (
            patch("everwarm.dynamodb.ttl.sweeper.BATCH", 3),
            patch("everwarm.dynamodb.ttl.backfill.STEP_ITEMS", 2),
            patch("everwarm.dynamodb.ttl.index.MAX_LOOSE", 3),
        ):
            play(Model(clock, options.delay, engine), call_on(engine), [*happened, ("sweep",)])
    finally:
        engine.close()


def play(model: Model, call: Call, happened: list[tuple[Any, ...]]) -> None:
    for table in TABLES:
        call(
            "CreateTable",
            TableName=table,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        switch(call, table, True)
    for name, *more in happened:
        ACTIONS[name](model, call, *more)


def switch(call: Call, table: str, on: bool) -> None:
    call("UpdateTimeToLive", TableName=table, TimeToLiveSpecification={"Enabled": on, "AttributeName": "ttl"})


def do_put(model: Model, call: Call, place: tuple[str, str], lifetime: int | None) -> None:
    item = model.put(place, lifetime)
    call("PutItem", TableName=place[0], Item=item)


def do_together(model: Model, call: Call, happened: list[tuple[Any, ...]]) -> None:
    before = dict(model.items)
    bodies = [
        model.engine.sweeper.step if name == "step" else putting(model.engine, more[0][0], model.put(*more))
        for name, *more in happened
    ]
    model.items = before
    for (name, *more), done in zip(happened, together(model.engine, *bodies), strict=True):
        if name == "step":
            model.expired(done)
        else:
            model.put(*more)


def do_delete(model: Model, call: Call, place: tuple[str, str]) -> None:
    call("DeleteItem", TableName=place[0], Key={"pk": {"S": place[1]}})
    model.items.pop(place, None)


def do_switch(model: Model, call: Call, table: str) -> None:
    switch(call, table, table not in model.on)
    model.on ^= {table}


def do_step(model: Model, call: Call) -> None:
    model.expired(model.engine.store.update(model.engine.sweeper.step))


def do_sweep(model: Model, call: Call) -> None:
    gone = [place for place in model.items if model.goes(place)]
    assert model.engine.sweeper.sweep() == len(gone)
    for place in gone:
        del model.items[place]
    left = {(table, item["pk"]["S"]) for table in TABLES for item in call("Scan", TableName=table)["Items"]}
    assert left == set(model.items)
    # An entry for each item that may expire one day, and no other.
    wanted = sum(due is not None and due >= 0 and table in model.on for (table, _), due in model.items.items())
    assert len(list(model.engine.store.scan(EXPIRY, after(EXPIRY)))) == wanted


ACTIONS: dict[str, Callable[..., None]] = {
    "put": do_put,
    "together": do_together,
    "delete": do_delete,
    "advance": lambda model, call, seconds: model.clock.advance(seconds),
    "jump": lambda model, call, seconds: model.clock.jump(seconds),
    "switch": do_switch,
    "step": do_step,
    "sweep": do_sweep,
}
