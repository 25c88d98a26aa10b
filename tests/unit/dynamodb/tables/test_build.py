"""Indexes that are built over items that are older than they are."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.layout import BUILDING, COUNTS, INDEX, after, number32
from everwarm.dynamodb.tables import build

Call = Callable[..., dict[str, Any]]

BY_NAME = {
    "IndexName": "by-name",
    "KeySchema": [{"AttributeName": "name", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "KEYS_ONLY"},
}


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "STEP_ITEMS", 3)


def put(call: Call, *numbers: int, **more: Any) -> None:
    for number in numbers:
        item = {"pk": {"S": str(number)}, "name": {"S": f"name-{number}"}, "other": {"S": "x"}, **more}
        call("PutItem", TableName="rates", Item={name: value for name, value in item.items() if value is not None})


def begin(call: Call) -> None:
    call(
        "UpdateTable",
        TableName="rates",
        AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": BY_NAME}],
    )


def index(call: Call) -> dict[str, Any]:
    [found] = call("DescribeTable", TableName="rates")["Table"]["GlobalSecondaryIndexes"]
    return {name: found[name] for name in ("IndexStatus", "ItemCount", "IndexSizeBytes")} | {
        "Backfilling": found.get("Backfilling")
    }


def entries(engine: Engine) -> int:
    return sum(1 for _ in engine.store.scan(INDEX, after(INDEX)))


def step(engine: Engine) -> bool:
    return engine.store.update(engine.builder.step, alone=True)


# pk, a digit, name and name-digit: 3 + 10 bytes an entry.
def done(count: int) -> dict[str, Any]:
    return {"IndexStatus": "ACTIVE", "ItemCount": count, "IndexSizeBytes": count * 13, "Backfilling": None}


def test_step_by_step(engine: Engine, call: Call, create: Call) -> None:
    create("rates")
    put(call, *range(7))
    begin(call)
    assert index(call) == {"IndexStatus": "CREATING", "ItemCount": 0, "IndexSizeBytes": 0, "Backfilling": True}
    assert step(engine)
    assert entries(engine) == 3
    assert index(call)["IndexStatus"] == "CREATING"
    engine.builder.build()
    assert index(call) == done(7)
    assert entries(engine) == 7
    assert not list(engine.store.scan(BUILDING, after(BUILDING)))


def test_writes_go_on_meanwhile(engine: Engine, call: Call, create: Call) -> None:
    create("rates")
    put(call, *range(7))
    begin(call)
    for number in range(7):
        # Before or after the builder comes by: changed, left as it is in the index, gone from it, deleted, new.
        step(engine)
        match number:
            case 0 | 1:
                put(call, number, name={"S": f"eman-{number}"})
            case 2:
                put(call, number, other={"S": "y"})
            case 3 | 4:
                put(call, number, name=None)
            case 5:
                call("DeleteItem", TableName="rates", Key={"pk": {"S": "5"}})
            case 6:
                put(call, 7, 8)
    engine.builder.build()
    # 0, 1, 2, 6, 7, 8
    assert index(call) == done(6)
    assert entries(engine) == 6


# "Item violations" in the developer guide: such items are left out, the index becomes active all the same.
@pytest.mark.parametrize("name", [None, {"N": "1"}, {"S": ""}, {"S": "x" * 2049}, {"L": []}])
def test_items_that_cannot_be_in_it_are_left_out(
    engine: Engine, call: Call, create: Call, name: dict[str, Any] | None
) -> None:
    create("rates")
    put(call, 0)
    put(call, 1, name=name)
    begin(call)
    engine.builder.build()
    assert index(call) == done(1)


def test_a_large_item_ends_a_step(engine: Engine, call: Call, create: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "STEP_BYTES", 10)
    create("rates")
    put(call, 0, 1)
    begin(call)
    assert step(engine)
    assert entries(engine) == 1


# "Deleting an index that is being created" is the one change of it that AWS allows.
def test_an_index_that_is_deleted_meanwhile_leaves_nothing(engine: Engine, call: Call, create: Call) -> None:
    create("rates")
    put(call, *range(7))
    begin(call)
    step(engine)
    number = engine.tables.find("rates").indexes[0].number
    call("UpdateTable", TableName="rates", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-name"}}])
    engine.builder.build()
    assert not entries(engine)
    assert not list(engine.store.scan(BUILDING, after(BUILDING)))
    assert engine.store.get(COUNTS + number32(number)) is None
    assert "GlobalSecondaryIndexes" not in call("DescribeTable", TableName="rates")["Table"]


def test_a_table_that_is_deleted_meanwhile_leaves_nothing(engine: Engine, call: Call, create: Call) -> None:
    create("rates")
    put(call, *range(7))
    begin(call)
    step(engine)
    call("DeleteTable", TableName="rates")
    engine.builder.build()
    for space in (INDEX, BUILDING, COUNTS):
        assert not list(engine.store.scan(space, after(space)))


@pytest.fixture
def reopened(tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Opens the same data directory again and again."""
    opened: list[Engine] = []

    def open_again() -> Engine:
        if opened:
            opened[-1].close()
        opened.append(Engine.open(tmp_path, ManualClock()))
        return opened[-1]

    yield open_again
    opened[-1].close()


def test_it_goes_on_after_a_restart(reopened: Callable[[], Engine], call_on: Callable[[Engine], Call]) -> None:
    engine = reopened()
    call = call_on(engine)
    call(
        "CreateTable",
        TableName="rates",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    put(call, *range(7))
    begin(call)
    step(engine)
    engine = reopened()
    call = call_on(engine)
    assert (entries(engine), index(call)["IndexStatus"]) == (3, "CREATING")
    assert step(engine)
    assert entries(engine) == 6
    engine.builder.build()
    assert index(call) == done(7)
    assert index(call_on(reopened())) == done(7)
