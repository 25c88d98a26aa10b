"""The one road of every write: decide, store, tell the observers; all of it or nothing."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from everwarm.dynamodb.storage.store import Store
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.change import Cause, ItemChange
from everwarm.dynamodb.tables.counts import Counts
from everwarm.dynamodb.tables.keys import item_key, key_in_item
from everwarm.dynamodb.tables.read import decode, read_json
from everwarm.dynamodb.tables.schema import KeyPart, KeySchema, Table
from everwarm.dynamodb.tables.write import Decide, Found, remove, write
from everwarm.dynamodb.values.sizes import MAX_ITEM_BYTES, item_size
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ConditionalCheckFailedException, ValidationException

TABLE = Table(1, "rates", "id", "us-east-1", 0.0, KeySchema.of(KeyPart("pk", "S")))
KEY = key_in_item(TABLE, {"pk": {"S": "a"}})
ONE: Item = {"pk": {"S": "a"}, "n": {"N": "1"}}
TWO: Item = {"pk": {"S": "a"}, "n": {"N": "2"}}

Run = Callable[..., ItemChange]


def stored(store: Store) -> Item | None:
    found = read_json(store, TABLE, KEY)
    return None if found is None else decode(found)


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.open(None)
    yield store
    store.close()


@pytest.fixture
def told() -> list[ItemChange]:
    return []


@pytest.fixture
def run(store: Store, told: list[ItemChange]) -> Run:
    def run(decide: Decide, **more: Any) -> ItemChange:
        return store.update(lambda tx: write(tx, TABLE, KEY, decide, [lambda _, changes: told.extend(changes)], **more))

    return run


def test_insert_change_and_remove(run: Run, store: Store, told: list[ItemChange]) -> None:
    for new in (ONE, TWO, None):
        run(lambda old, new=new: new)
        assert stored(store) == new
    assert [(change.old, change.new) for change in told] == [(None, ONE), (ONE, TWO), (TWO, None)]


def test_decide_sees_the_item_as_it_is(run: Run) -> None:
    seen: list[Item | None] = []

    def decide(old: Item | None) -> Item:
        seen.append(old)
        return ONE

    run(decide)
    run(decide)
    assert seen == [None, ONE]


# Equal values, in another order: nothing is written, and nobody is told.
@pytest.mark.parametrize("again", [{"n": {"N": "1"}, "pk": {"S": "a"}}, dict(ONE)])
def test_no_change_is_no_write(run: Run, told: list[ItemChange], again: Item) -> None:
    run(lambda old: ONE)
    change = run(lambda old: again)
    assert (change.changed, len(told)) == (False, 1)


def test_removing_nothing_is_no_write(run: Run, told: list[ItemChange]) -> None:
    assert not run(lambda old: None).changed
    assert told == []


def test_a_refusal_leaves_everything_as_it_was(run: Run, store: Store, told: list[ItemChange]) -> None:
    def refuse(old: Item | None) -> Item:
        raise ConditionalCheckFailedException("The conditional request failed")

    run(lambda old: ONE)
    with pytest.raises(ConditionalCheckFailedException):
        run(refuse)
    assert stored(store) == ONE
    assert len(told) == 1


# Item, index and stream record stand or fall together.
def test_an_observer_that_fails_takes_the_write_with_it(store: Store) -> None:
    def fail(tx: Tx, changes: Sequence[ItemChange]) -> None:
        tx.put(b"\xfebeside", b"")
        raise LookupError("no room")

    with pytest.raises(LookupError):
        store.update(lambda tx: write(tx, TABLE, KEY, lambda old: ONE, [fail]))
    assert list(store.scan(b"", b"\xff")) == []


def test_the_cause_is_passed_on(run: Run, told: list[ItemChange]) -> None:
    run(lambda old: ONE)
    run(lambda old: None, cause=Cause.TIME_TO_LIVE)
    assert [change.cause for change in told] == [Cause.USER, Cause.TIME_TO_LIVE]


def test_items_that_are_removed_together_are_told_together(store: Store) -> None:
    items: list[Item] = [{"pk": {"S": pk}, "n": {"N": "1"}} for pk in "abc"]
    keys = [key_in_item(TABLE, item) for item in items]
    told: list[list[ItemChange]] = []

    def put_item(item: Item) -> Decide:
        return lambda old: item

    def put(tx: Tx) -> None:
        for key, item in zip(keys, items, strict=True):
            write(tx, TABLE, key, put_item(item), [])

    def remove_two(tx: Tx) -> None:
        found: list[Found] = []
        for key, item in list(zip(keys, items, strict=True))[:2]:
            item_json = tx.get(item_key(TABLE, key))
            assert item_json is not None
            found.append((key, item, item_json))
        remove(tx, TABLE, found, [lambda _, changes: told.append(list(changes))], Cause.TIME_TO_LIVE)

    store.update(put)
    store.update(remove_two)
    assert [read_json(store, TABLE, key) is not None for key in keys] == [False, False, True]
    assert [[(change.old, change.new, change.cause) for change in together] for together in told] == [
        [(items[0], None, Cause.TIME_TO_LIVE), (items[1], None, Cause.TIME_TO_LIVE)]
    ]
    assert Counts.read(store, TABLE.number) == Counts(1, item_size(items[2]))


# 400 KB as AWS counts them, names included; not as JSON has them.
def test_the_largest_item(run: Run) -> None:
    largest: Item = {"pk": {"S": "a"}, "v": {"S": '"' * (MAX_ITEM_BYTES - len("pkav"))}}
    assert item_size(largest) == 409_600
    run(lambda old: largest)
    with pytest.raises(ValidationException) as caught:
        run(lambda old: {**largest, "v": {"S": largest["v"]["S"] + "x"}})
    assert caught.value.message == "Item size has exceeded the maximum allowed size"
