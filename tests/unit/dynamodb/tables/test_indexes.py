"""Indexes follow their table: after any writes they hold what a look at all items would put into them."""

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.layout import COLLECTION, after
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables import collections
from everwarm.dynamodb.tables.capacity import of_write
from everwarm.dynamodb.tables.change import ItemChange
from everwarm.dynamodb.tables.counts import Counts
from everwarm.dynamodb.tables.index_keys import all_entries
from everwarm.dynamodb.tables.keys import known_key
from everwarm.dynamodb.tables.read import decode
from everwarm.dynamodb.tables.schema import Index, IndexKind, KeyPart, KeySchema, Projection, Table
from everwarm.dynamodb.values.sizes import item_size
from everwarm.dynamodb.values.types import AttributeValue, Item

PK, L, G, H = KeyPart("pk", "S"), KeyPart("l", "N"), KeyPart("g", "S"), KeyPart("h", "N")

INDEXES = (
    Index(1, "local", IndexKind.LOCAL, KeySchema.of(PK, L), Projection("KEYS_ONLY")),
    Index(2, "all", IndexKind.GLOBAL, KeySchema.of(G, H), Projection("ALL")),
    Index(3, "one", IndexKind.GLOBAL, KeySchema((G,)), Projection("INCLUDE", ("a",))),
    Index(4, "both", IndexKind.GLOBAL, KeySchema((G, H), (PK, L)), Projection("KEYS_ONLY")),
)
TABLE_KEY = KeySchema.of(PK, KeyPart("sk", "N"))


def in_index(index: Index, item: Item) -> Item | None:
    """What the developer guide says that an index has of an item."""
    names = {part.name for part in index.key_schema.parts}
    if not names <= item.keys():
        return None
    if index.projection.kind == "ALL":
        return item
    kept = names | {"pk", "sk"} | set(index.projection.attributes)
    return {name: value for name, value in item.items() if name in kept}


def number(low: int, high: int) -> st.SearchStrategy[dict[str, str]]:
    return st.integers(low, high).map(lambda value: {"N": str(value)})


keys = st.fixed_dictionaries({"pk": st.sampled_from(["x", "y"]).map(lambda pk: {"S": pk}), "sk": number(0, 2)})
others = st.fixed_dictionaries(
    {},
    optional={
        "l": number(-1, 1),
        "g": st.sampled_from(["", "a", "b"]).filter(bool).map(lambda g: {"S": g}),
        "h": number(0, 1),
        "a": number(0, 1),
        "b": st.text(max_size=3).map(lambda b: {"S": b}),
    },
)
writes = st.lists(st.tuples(keys, st.none() | others), max_size=25)


@pytest.fixture(scope="module")
def engine() -> Any:
    engine = Engine.open(None, ManualClock())
    yield engine
    engine.close()


def new_table(engine: Engine) -> Table:
    for table in engine.tables:
        engine.store.update(lambda tx, table=table: engine.tables.remove(tx, table), alone=True)  # type: ignore[misc]
    return engine.store.update(
        lambda tx: engine.tables.create(tx, "rates", "us-east-1", 0.0, TABLE_KEY, indexes=INDEXES), alone=True
    )


def write(engine: Engine, table: Table, key: Item, new: Item | None) -> ItemChange:
    def body(tx: Tx) -> ItemChange:
        return engine.write(tx, table, known_key(table, key), lambda old: new)

    return engine.store.update(body)


@settings(max_examples=60, deadline=None)
@given(writes)
def test_an_index_holds_what_its_table_has(engine: Engine, writes: list[tuple[Item, Item | None]]) -> None:
    table = new_table(engine)
    model: dict[tuple[str, str], Item] = {}
    for key, rest in writes:
        place = key["pk"]["S"], key["sk"]["N"]
        if rest is None:
            write(engine, table, key, None)
            model.pop(place, None)
        else:
            model[place] = {**key, **rest}
            write(engine, table, key, model[place])
    for index in table.indexes:
        found = [decode(value) for _, value in engine.store.scan(*all_entries(index))]
        wanted = [entry for item in model.values() if (entry := in_index(index, item)) is not None]
        assert sorted(map(str, map(sorted, (one.items() for one in found)))) == sorted(
            map(str, map(sorted, (one.items() for one in wanted)))
        )
        assert Counts.read(engine.store, index.number) == Counts(len(wanted), sum(map(item_size, wanted)))
    assert Counts.read(engine.store, table.number) == Counts(len(model), sum(map(item_size, model.values())))
    # An item collection has what the table and its local indexes have of one partition key.
    for pk in {place[0] for place in model}:
        items = [item for (one, _), item in model.items() if one == pk]
        local = [entry for item in items if (entry := in_index(INDEXES[0], item)) is not None]
        wanted_bytes = sum(map(item_size, items + local))
        assert collections.size_bytes(engine.store, table, known_key(table, items[0])) == wanted_bytes
    assert len(list(engine.store.scan(COLLECTION, after(COLLECTION)))) == len({place[0] for place in model})


KEY = {"pk": {"S": "x"}, "sk": {"N": "1"}}
WHOLE = {**KEY, "g": {"S": "g"}, "h": {"N": "1"}, "a": {"N": "1"}}
SET: AttributeValue = {"SS": ["a", "b"]}
OTHER_ORDER: AttributeValue = {"SS": ["b", "a"]}


# "Using Global Secondary Indexes in DynamoDB", "Provisioned throughput considerations": an entry that comes or goes is
# one write, one whose key changes is two, one that stays as it is costs nothing.
@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, WHOLE, {"all": 1, "one": 1}),
        (WHOLE, None, {"all": 1, "one": 1}),
        (WHOLE, {**WHOLE, "a": {"N": "2"}}, {"all": 1, "one": 1}),
        (WHOLE, {**WHOLE, "b": {"N": "2"}}, {"all": 1}),
        (WHOLE, {**WHOLE, "h": {"N": "2"}}, {"all": 2}),
        (WHOLE, {**WHOLE, "g": {"S": "other"}}, {"all": 2, "one": 2}),
        (WHOLE, {**KEY, "g": {"S": "g"}, "a": {"N": "1"}}, {"all": 1}),
        (WHOLE, WHOLE, {}),
        ({**WHOLE, "a": SET, "b": {"N": "1"}}, {**WHOLE, "a": OTHER_ORDER, "b": {"N": "2"}}, {"all": 1}),
        (None, KEY, {}),
    ],
)
def test_what_a_write_costs_in_indexes(
    engine: Engine, before: Item | None, after: Item | None, units: dict[str, float]
) -> None:
    table = new_table(engine)
    if before is not None:
        write(engine, table, KEY, before)
    capacity = of_write(write(engine, table, KEY, after))
    assert capacity.table == 1
    assert {name: cost for (_, name), cost in capacity.indexes.items()} == units


def test_a_dropped_table_leaves_no_entries(engine: Engine) -> None:
    table = new_table(engine)
    write(engine, table, KEY, WHOLE)
    engine.store.update(lambda tx: engine.tables.remove(tx, table), alone=True)
    assert all(list(engine.store.scan(*all_entries(index))) == [] for index in table.indexes)
    assert Counts.read(engine.store, table.indexes[1].number) == Counts()
