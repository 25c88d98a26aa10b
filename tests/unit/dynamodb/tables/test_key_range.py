"""Key conditions as ranges of bytes: a key lies in the range exactly if the conditions hold for it."""

from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given

from everwarm.dynamodb.expressions.key_condition import KeyCondition
from everwarm.dynamodb.tables.access import access_path
from everwarm.dynamodb.tables.key_range import key_range
from everwarm.dynamodb.tables.schema import Index, IndexKind, KeyPart, KeySchema, Projection, Table
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ValidationException

PK, SK = KeyPart("pk", "S"), KeyPart("sk", "S")
PARTS = tuple(KeyPart(name, "N") for name in ("a", "b", "c", "d"))
INDEX = Index(2, "index", IndexKind.GLOBAL, KeySchema(PARTS[:2], PARTS[2:]), Projection("ALL"))
TEXTS = Table(1, "texts", "id", "us-east-1", 0.0, KeySchema.of(PK, SK), indexes=(INDEX,))

OPERATORS = {
    "=": lambda value, low, high: value == low,
    "<": lambda value, low, high: value < low,
    "<=": lambda value, low, high: value <= low,
    ">": lambda value, low, high: value > low,
    ">=": lambda value, low, high: value >= low,
    "BETWEEN": lambda value, low, high: low <= value <= high,
    "begins_with": lambda value, low, high: value.startswith(low),
}

texts = st.text(st.sampled_from("\x00\x01ab\x7fé\U0010ffff"), min_size=1, max_size=4)


@given(st.sampled_from(sorted(OPERATORS)), texts, texts, texts)
def test_text_as_sort_key(operator: str, value: str, low: str, high: str) -> None:
    path = access_path(TEXTS, None)
    operands = ({"S": low}, {"S": high}) if operator == "BETWEEN" else ({"S": low},)
    conditions = (KeyCondition("pk", "=", ({"S": "p"},)), KeyCondition("sk", operator, operands))
    wanted = key_range(path, conditions)
    place = path.place({"pk": {"S": "p"}, "sk": {"S": value}})
    # Python orders text by code point, as UTF-8's bytes are ordered.
    assert (wanted.start <= place < wanted.end) == OPERATORS[operator](value, low, high)
    elsewhere = path.place({"pk": {"S": "q"}, "sk": {"S": value}})
    assert not wanted.start <= elsewhere < wanted.end


few = st.integers(-3, 3)


@given(st.sampled_from(sorted(set(OPERATORS) - {"begins_with"})), st.tuples(few, few, few, few), few, few)
def test_several_attributes(operator: str, value: tuple[int, int, int, int], low: int, high: int) -> None:
    path = access_path(TEXTS, "index")
    operands = tuple({"N": str(one)} for one in ((low, high) if operator == "BETWEEN" else (low,)))
    conditions = (
        KeyCondition("d", operator, operands),
        *(KeyCondition(name, "=", ({"N": "1"},)) for name in ("b", "c", "a")),
    )
    wanted = key_range(path, conditions)
    key: Item = {name: {"N": str(one)} for name, one in zip("abcd", value, strict=True)}
    place = path.place({**key, "pk": {"S": "p"}, "sk": {"S": "s"}})
    holds = value[:3] == (1, 1, 1) and OPERATORS[operator](Decimal(value[3]), Decimal(low), Decimal(high))
    assert (wanted.start <= place < wanted.end) == holds


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ("a", "Query condition missed key schema element: b"),
        ("abd", "Query condition missed key schema element: c"),
        ("abcdx", "Query key condition not supported"),
    ],
)
def test_attributes_that_are_missed(names: str, problem: str) -> None:
    conditions = tuple(KeyCondition(name, "=", ({"N": "1"},)) for name in names)
    with pytest.raises(ValidationException) as caught:
        key_range(access_path(TEXTS, "index"), conditions)
    assert caught.value.message == problem


# The legacy KeyConditions can ask for what no key can answer.
def test_operators_that_no_key_can_answer() -> None:
    conditions = (KeyCondition("pk", "=", ({"S": "p"},)), KeyCondition("sk", "NE", ({"S": "p"},)))
    with pytest.raises(ValidationException) as caught:
        key_range(access_path(TEXTS, None), conditions)
    assert caught.value.message == "Attempted conditional constraint is not an indexable operation"
