"""Which items expire: the table of "Which items are eligible", from AWS's guides and recordings, row by row."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.ttl.eligibility import FIVE_YEARS_S, due_ms, earliest_ms
from everwarm.dynamodb.values.numbers import normal_text
from everwarm.dynamodb.values.types import AttributeValue, Item

Call = Callable[..., dict[str, Any]]

NOW = 1_700_000_000  # where a ManualClock begins
KEY: Item = {"pk": {"S": "a"}}


@pytest.mark.parametrize(
    ("value", "expires"),
    [
        pytest.param(None, False, id="attribute absent"),
        pytest.param({"N": str(NOW - 60)}, True, id="past, less than five years ago"),
        pytest.param({"N": str(NOW)}, True, id="this very second"),
        pytest.param({"N": str(NOW + 1)}, False, id="future"),
        pytest.param({"N": str(NOW - FIVE_YEARS_S)}, True, id="five years ago"),
        pytest.param({"N": str(NOW - FIVE_YEARS_S - 1)}, False, id="more than five years ago"),
        pytest.param({"N": "0"}, False, id="zero"),
        pytest.param({"N": str(-NOW)}, False, id="negative"),
        pytest.param({"N": "-0.5"}, False, id="negative fraction"),
        pytest.param({"N": str(NOW * 1000)}, False, id="milliseconds"),
        pytest.param({"N": f"{NOW - 60}.25"}, True, id="fractional"),
        pytest.param({"N": f"{NOW}.25"}, False, id="fraction of a second ahead"),
        pytest.param({"N": f"{NOW // 10}e1"}, True, id="exponent form"),
        pytest.param({"N": "1E125"}, False, id="the largest number there is"),
        pytest.param({"N": "1E-130"}, False, id="the smallest number there is"),
        pytest.param({"S": str(NOW - 60)}, False, id="string of digits"),
        pytest.param({"M": {"ttl": {"N": str(NOW - 60)}}}, False, id="nested in a map"),
        pytest.param({"L": [{"N": str(NOW - 60)}]}, False, id="nested in a list"),
        pytest.param({"NS": [str(NOW - 60)]}, False, id="number set"),
        pytest.param({"SS": ["a"]}, False, id="string set"),
        pytest.param({"BOOL": True}, False, id="boolean"),
        pytest.param({"NULL": True}, False, id="null"),
        pytest.param({"B": "AAAA"}, False, id="binary"),
    ],
)
@pytest.mark.parametrize("written", ["before TTL was enabled", "after"])
def test_rows(
    call: Call, create: Call, engine: Engine, value: AttributeValue | None, expires: bool, written: str
) -> None:
    """Each row of the table, for an item that the index saw written and for one that it had to find."""
    create("rates", ttl="ttl" if written == "after" else None)
    call("PutItem", TableName="rates", Item=KEY if value is None else {**KEY, "ttl": value})
    if written != "after":
        specification = {"Enabled": True, "AttributeName": "ttl"}
        call("UpdateTimeToLive", TableName="rates", TimeToLiveSpecification=specification)
    assert engine.sweeper.sweep() == expires
    assert ("Item" in call("GetItem", TableName="rates", Key=KEY)) == (not expires)


# Rows "partition key, type N", "sort key, type N" and "a key of type S".
@pytest.mark.parametrize(
    ("key", "ttl", "expires"),
    [
        pytest.param(("ttl:N",), {"N": str(NOW)}, True, id="partition key"),
        pytest.param(("pk:S", "ttl:N"), {"N": str(NOW)}, True, id="sort key"),
        pytest.param(("ttl:S",), {"S": str(NOW)}, False, id="partition key of type S"),
    ],
)
def test_keys(
    call: Call, create: Call, engine: Engine, key: tuple[str, ...], ttl: AttributeValue, expires: bool
) -> None:
    create("rates", *key, ttl="ttl")
    call("PutItem", TableName="rates", Item={"pk": {"S": "a"}, "ttl": ttl})
    assert engine.sweeper.sweep() == expires


# Rows "moved ahead" and "removed before the deletion": the update is honoured, though it was overdue.
@pytest.mark.parametrize("update", ["SET #t = :later", "REMOVE #t", "SET #t = :text"])
def test_an_overdue_item_can_still_be_saved(call: Call, create: Call, engine: Engine, update: str) -> None:
    create("rates", ttl="ttl")
    call("PutItem", TableName="rates", Item={**KEY, "ttl": {"N": str(NOW - 60)}})
    values: Item = {":later": {"N": str(NOW + 60)}, ":text": {"S": "never"}}
    used = {name: value for name, value in values.items() if name in update}
    more = {"ExpressionAttributeValues": used} if used else {}
    names = {"#t": "ttl"}
    call("UpdateItem", TableName="rates", Key=KEY, UpdateExpression=update, ExpressionAttributeNames=names, **more)
    assert engine.sweeper.sweep() == 0
    assert "Item" in call("GetItem", TableName="rates", Key=KEY)


# What lies more than five years back does not become due by waiting.
def test_an_old_item_stays_for_good(call: Call, create: Call, engine: Engine, clock: ManualClock) -> None:
    create("rates", ttl="ttl")
    call("PutItem", TableName="rates", Item={**KEY, "ttl": {"N": str(NOW - FIVE_YEARS_S - 1)}})
    clock.advance(10 * FIVE_YEARS_S)
    assert engine.sweeper.sweep() == 0


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("1700000000", 1_700_000_000_000), ("1700000000.25", 1_700_000_000_250), ("1700000000.0001", 1_700_000_000_001)],
)
def test_due_from_the_first_whole_millisecond_on(text: str, milliseconds: int) -> None:
    assert due_ms({"ttl": {"N": normal_text(text)}}, "ttl") == milliseconds


# However a number is written, and wherever its point is: due in the first whole millisecond that is not before it.
@given(st.integers(0, 10**38 - 1), st.integers(-37, 3))
def test_exact_for_every_number(digits: int, exponent: int) -> None:
    text = normal_text(f"{digits}E{exponent}")
    exact_ms = -(-digits * Fraction(10) ** exponent * 1000 // 1)
    last_ms = 253_500_000_000_000
    assert due_ms({"ttl": {"N": text}}, "ttl") == (exact_ms if exact_ms <= last_ms else None)


def test_five_years_are_of_365_days() -> None:
    assert earliest_ms(NOW) == (NOW - 5 * 365 * 86400) * 1000
