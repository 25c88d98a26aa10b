"""What an update makes of an item. Source: "Using update expressions in DynamoDB" in the developer guide."""

import contextlib
import copy
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.dynamodb.expressions.bind import Binder
from everwarm.dynamodb.expressions.update import Update, apply, top_level_names, touched
from everwarm.dynamodb.values.types import AttributeValue, Item
from everwarm.errors import ValidationException


def n(number: int) -> AttributeValue:
    return {"N": str(number)}


def strings(*texts: str) -> AttributeValue:
    return {"L": [{"S": text} for text in texts]}


VALUES: dict[str, AttributeValue] = {
    ":one": n(1),
    ":five": n(5),
    ":x": {"S": "x"},
    ":y": {"S": "y"},
    ":list": strings("x", "y"),
    ":map": {"M": {"k": {"S": "x"}}},
    ":warm": {"SS": ["red", "orange"]},
    ":all": {"SS": ["blue", "red"]},
    ":numbers": {"NS": ["1", "2"]},
    ":max": {"N": "9" * 38 + "0" * 88},
}


def bound(text: str) -> Update:
    used = set(re.findall(r":\w+", text))
    return Binder(None, {name: VALUES[name] for name in used} or None).update(text)


def after(text: str, item: Item) -> Item:
    return apply(bound(text), item)


def refusal(text: str, item: Item) -> str:
    with pytest.raises(ValidationException) as caught:
        after(text, item)
    return caught.value.message


def test_set_creates_and_replaces() -> None:
    assert after("SET a = :x, b = :one", {"a": n(3), "c": n(4)}) == {"a": {"S": "x"}, "b": n(1), "c": n(4)}


def test_every_right_side_sees_the_old_item() -> None:
    assert after("SET a = b, b = a", {"a": n(1), "b": n(2)}) == {"a": n(2), "b": n(1)}
    assert after("SET a = b REMOVE b", {"b": n(2)}) == {"a": n(2)}
    assert after("SET a = b ADD b :five", {"b": n(2)}) == {"a": n(2), "b": n(7)}


def test_numbers_are_added_and_subtracted() -> None:
    assert after("SET a = a + :five, b = :one - b", {"a": n(1), "b": n(3)}) == {"a": n(6), "b": n(-2)}
    assert after("SET a = (if_not_exists(a, :one)) + (:five)", {}) == {"a": n(6)}


# Where a value shall go is looked at before the value is.
@pytest.mark.parametrize("text", ["SET gone.x = lost", "SET a.x = a + :one", "SET l[0].x = l[7]"])
def test_a_path_that_leads_nowhere_is_refused_first(text: str) -> None:
    with pytest.raises(ValidationException) as caught:
        after(text, {"a": {"S": "x"}, "l": strings("1")})
    assert caught.value.message == "The document path provided in the update expression is invalid for update"


# The other value has to be there even where it is not needed.
def test_if_not_exists_looks_at_both() -> None:
    with pytest.raises(ValidationException) as caught:
        after("SET a = if_not_exists(a, gone)", {"a": n(1)})
    assert caught.value.message == ("The provided expression refers to an attribute that does not exist in the item")


def test_if_not_exists() -> None:
    assert after("SET a = if_not_exists(a, :x), b = if_not_exists(b, :x)", {"a": n(1)}) == {"a": n(1), "b": {"S": "x"}}


def test_list_append_at_either_end() -> None:
    assert after("SET a = list_append(a, :list)", {"a": strings("1")})["a"] == strings("1", "x", "y")
    assert after("SET a = list_append(:list, a)", {"a": strings("1")})["a"] == strings("x", "y", "1")
    assert after("SET a = list_append(if_not_exists(a, :list), :list)", {})["a"] == strings("x", "y", "x", "y")


def test_elements_and_members_are_replaced() -> None:
    item: Item = {"l": strings("1", "2"), "m": {"M": {"k": n(1), "box": {"L": [{"M": {}}]}}}}
    assert after("SET l[1] = :x, m.k = :x, m.box[0].fresh = :one", item) == {
        "l": strings("1", "x"),
        "m": {"M": {"k": {"S": "x"}, "box": {"L": [{"M": {"fresh": n(1)}}]}}},
    }


def test_beyond_the_end_appends_in_the_order_of_the_indexes() -> None:
    assert after("SET l[9] = :y, l[5] = :x", {"l": strings("1")})["l"] == strings("1", "x", "y")
    assert after("SET l[10] = :y, l[9] = :x, l[0] = :y", {"l": strings("1")})["l"] == strings("y", "x", "y")


def test_remove() -> None:
    assert after("REMOVE a, gone, m.k, m.gone", {"a": n(1), "m": {"M": {"k": n(1)}}}) == {"m": {"M": {}}}


# The guide's own example, and its neighbours: an index means the element that had it before the update.
def test_remove_elements_by_their_old_index() -> None:
    tools: Item = {"l": strings("Chisel", "Hammer", "Nails", "Screwdriver", "Hacksaw")}
    left = strings("Chisel", "Screwdriver", "Hacksaw")
    assert after("REMOVE l[1], l[2]", tools)["l"] == left
    assert after("REMOVE l[2], l[1], l[7]", tools)["l"] == left
    assert after("REMOVE l[0] SET l[1] = :x", {"l": strings("a", "b", "c")})["l"] == strings("x", "c")
    assert after("REMOVE l[0] SET l[1].k = :x", {"l": {"L": [n(1), {"M": {}}]}})["l"] == {
        "L": [{"M": {"k": {"S": "x"}}}]
    }
    # Index 1 is beyond the old end, so what is appended there stays.
    assert after("REMOVE l[1] SET l[5] = :x", {"l": strings("a")})["l"] == strings("a", "x")


def test_add() -> None:
    assert after("ADD a :five, b :five", {"a": n(1)}) == {"a": n(6), "b": n(5)}
    added = after("ADD s :all, t :all", {"s": {"SS": ["red", "green"]}})
    assert sorted(added["s"]["SS"]) == ["blue", "green", "red"]
    assert sorted(added["t"]["SS"]) == ["blue", "red"]
    assert after("ADD m.k :one", {"m": {"M": {"k": n(1)}}}) == {"m": {"M": {"k": n(2)}}}


def test_delete() -> None:
    assert after("DELETE s :warm", {"s": {"SS": ["red", "green"]}}) == {"s": {"SS": ["green"]}}
    assert after("DELETE s :warm", {"s": {"SS": ["red"]}, "a": n(1)}) == {"a": n(1)}
    assert after("DELETE s :warm", {"a": n(1)}) == {"a": n(1)}


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("SET a.b = :x", {}),
        ("SET a.b = :x", {"a": {"S": "no map"}}),
        ("SET a[0] = :x", {"a": {"M": {}}}),
        ("SET a.b = :x", {"a": {"L": []}}),
        ("SET a[1].b = :x", {"a": {"L": [{"M": {}}]}}),
        ("REMOVE a.b", {}),
        ("ADD a.b :one", {}),
        ("DELETE a.b :warm", {}),
    ],
)
def test_a_path_without_a_parent(text: str, item: Item) -> None:
    assert refusal(text, item) == "The document path provided in the update expression is invalid for update"


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("SET a = b + :one", {"b": {"S": "1"}}),
        ("SET a = list_append(b, :list)", {"b": {"S": "1"}}),
        ("ADD b :one", {"b": {"S": "1"}}),
        ("ADD b :warm", {"b": {"NS": ["1"]}}),
        ("DELETE b :warm", {"b": {"NS": ["1"]}}),
    ],
)
def test_an_operand_of_another_type(text: str, item: Item) -> None:
    assert refusal(text, item) == "An operand in the update expression has an incorrect data type"


@pytest.mark.parametrize("text", ["SET a = b", "SET a = b + :one", "SET a = list_append(b, :list)", "SET a = a.b"])
def test_an_operand_that_is_missing(text: str) -> None:
    assert refusal(text, {"a": n(1)}) == (
        "The provided expression refers to an attribute that does not exist in the item"
    )


def test_a_sum_out_of_range() -> None:
    assert refusal("ADD a :max", {"a": VALUES[":max"]}).startswith("Number overflow.")


# 32 levels, with what lies in the innermost map or list: "Nested attribute depth" in the guide's constraints.
def test_nesting_has_32_levels() -> None:
    def nested(levels: int) -> AttributeValue:
        value: AttributeValue = {"L": []}
        for _ in range(levels - 1):
            value = {"L": [value]}
        return value

    def put(levels: int) -> Item:
        return apply(Binder(None, {":v": nested(levels)}).update("SET a.b = :v"), {"a": {"M": {}}})

    assert put(30)["a"]["M"]["b"] == nested(30)
    with pytest.raises(ValidationException, match="Nesting Levels have exceeded supported limits"):
        put(31)
    # A value has a level more as long as it lies in no item.
    deep = Binder(None, {":v": nested(32)}).update("SET a = :v")
    with pytest.raises(ValidationException, match=r"^Nesting Levels have exceeded supported limits$"):
        apply(deep, {})
    with pytest.raises(ValidationException, match=r"^ExpressionAttributeValues contains invalid value: Nest"):
        Binder(None, {":v": nested(33)}).update("SET a = :v")


def test_the_paths_and_attributes_it_touches() -> None:
    update = bound("SET b.c = :x, b.d = a REMOVE l[1], l[0] ADD a :one")
    assert set(touched(update)) == {("b", "c"), ("b", "d"), ("l", 1), ("l", 0), ("a",)}
    assert top_level_names(update) == {"a", "b", "l"}


ITEMS = st.fixed_dictionaries(
    {},
    optional={
        "a": st.one_of(st.just(n(1)), st.just({"S": "s"})),
        "l": st.just({"L": [n(0), {"M": {"k": n(1)}}, strings("x")]}),
        "m": st.just({"M": {"k": n(1), "l": strings("x", "y")}}),
        "s": st.just({"SS": ["red", "green"]}),
    },
)
ACTIONS = {
    "SET": ["a = :x", "a = a + :one", "l[1].k = :x", "l[0] = :y", "l[9] = :y", "m.k = m.l", "m.l[1] = :map", "q = l"],
    "REMOVE": ["a", "l[0]", "l[2][0]", "m.k", "m.l[0]", "gone"],
    "ADD": ["a :one", "s :warm", "m.k :five", "m.t :all", "l[7] :one"],
    "DELETE": ["s :all", "m.t :all"],
}


@given(ITEMS, st.fixed_dictionaries({}, optional={s: st.sampled_from(a) for s, a in ACTIONS.items()}))
def test_the_given_item_is_never_changed(item: Item, actions: dict[str, str]) -> None:
    before = copy.deepcopy(item)
    text = " ".join(f"{section} {action}" for section, action in actions.items()) or "REMOVE a"
    # Overlapping paths, or paths and types that the item does not have: these may be refused.
    with contextlib.suppress(ValidationException):
        assert after(text, item) is not item
    assert item == before
