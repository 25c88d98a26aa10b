"""Which items expire, and what holds until they are deleted: sections 4 and 5 of what is known of AWS's TTL.

The table of section 4 has a test for each row, which is named in its docstring.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.wire.ttl import ON, YEAR_S, Place, running


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with running() as place:
        yield place


def number(value: object) -> dict[str, str]:
    return {"N": str(value)}


def test_without_the_attribute(place: Place) -> None:
    """Section 4, row "attribute absent": never."""
    assert not place.expires(None, after_s=6 * YEAR_S)


def test_in_the_past(place: Place) -> None:
    """Section 4, row "Number, past, less than five years ago": yes."""
    assert place.expires(number(place.now - 60))
    assert place.expires(number(place.now - 5 * YEAR_S + 60))


def test_in_the_future(place: Place) -> None:
    """Section 4, row "Number, future": when due, and not before."""
    table = place.table()
    due = place.now + 3600
    place.put(table, "a", number(due))
    place.clock.advance(3599)
    place.settle(table)
    assert place.has(table, "a")
    place.clock.advance(1)
    place.settle(table)
    assert not place.has(table, "a")
    [deletion] = [one for one in place.deleted(table, 3) if one.key == {"pk": {"S": "a"}}]
    assert deletion.due_at == deletion.deleted_at == due


def test_more_than_five_years_ago(place: Place) -> None:
    """Section 4, row "Number more than five years in the past": never, also not later. Years have 365 days here."""
    assert place.expires(number(place.now - 5 * YEAR_S))
    assert not place.expires(number(place.now - 5 * YEAR_S - 1))
    assert not place.expires(number(place.now - 5 * YEAR_S - 1), after_s=YEAR_S)


@pytest.mark.parametrize("value", ["0", "-1", "-1700000000", "-0.5", "1"])
def test_zero_and_less(place: Place, value: str) -> None:
    """Section 4, row "Zero or negative": never, they are more than five years in the past."""
    assert not place.expires(number(value))


def test_milliseconds(place: Place) -> None:
    """Section 4, row "Milliseconds (13 digits)": never in practice, the year is some 55,000."""
    assert not place.expires(number(place.now * 1000), after_s=100 * YEAR_S)


@pytest.mark.parametrize("value", ["9" * 38, "1E+125", "1E-130"])
def test_numbers_of_any_size(place: Place, value: str) -> None:
    """Section 4, rows "Number, future" and "more than five years in the past", at the ends of what a number can be."""
    assert not place.expires(number(value), after_s=YEAR_S)


def test_a_fraction(place: Place) -> None:
    """Section 4, row "Fractional number": yes, at its fraction of a second."""
    assert place.expires(number(f"{place.now - 60}.25"))
    table = place.table()
    place.put(table, "a", number(f"{place.now + 10}.25"))
    place.clock.advance(10.249)
    place.settle(table)
    assert place.has(table, "a")
    place.clock.advance(0.001)
    place.settle(table)
    assert not place.has(table, "a")
    place.clock.advance(0.75)


def test_an_exponent(place: Place) -> None:
    """Section 4, row "Exponent form": yes, it is the same number."""
    past = place.now // 10 - 10
    assert place.expires(number(f"{past}e1"))
    assert place.expires(number(f"{past}00E-1"))
    assert not place.expires(number(f"{place.now}e1"))


def test_a_string(place: Place) -> None:
    """Section 4, row "String holding digits": never."""
    assert not place.expires({"S": str(place.now - 60)}, after_s=3600)


def test_nested(place: Place) -> None:
    """Section 4, row "Number nested in a map or list": never, only a top-level attribute counts."""
    past = number(place.now - 60)
    assert not place.expires({"M": {"ttl": past}}, after_s=3600)
    assert not place.expires({"L": [past]}, after_s=3600)


def test_nested_under_a_name_with_a_dot(place: Place) -> None:
    """Section 4, row "Number nested in a map or list": a name with a dot is a name, and no path."""
    table = place.table(ttl=False)
    dotted = {"Enabled": True, "AttributeName": "times.ttl"}
    place.dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=dotted)
    past = number(place.now - 60)
    place.put(table, "path", times={"M": {"ttl": past}})
    place.put(table, "name", **{"times.ttl": past})
    place.deleted(table)
    assert (place.has(table, "path"), place.has(table, "name")) == (True, False)


@pytest.mark.parametrize("kind", ["NS", "SS", "BS", "BOOL", "NULL", "B"])
def test_other_types(place: Place, kind: str) -> None:
    """Section 4, row "Set, boolean, null, binary": never."""
    past = str(place.now - 60)
    values: dict[str, Any] = {
        "NS": [past],
        "SS": [past],
        "BS": [past.encode()],
        "BOOL": True,
        "NULL": True,
        "B": past.encode(),
    }
    assert not place.expires({kind: values[kind]}, after_s=3600)


def test_the_partition_key(place: Place) -> None:
    """Section 4, row "TTL attribute is the partition key, type N": yes; enabling is accepted."""
    table = place.table("ttl:N")
    place.dynamodb.put_item(TableName=table, Item={"ttl": number(place.now - 60)})
    place.dynamodb.put_item(TableName=table, Item={"ttl": number(place.now + 60)})
    place.deleted(table)
    assert [item["ttl"] for item in place.dynamodb.scan(TableName=table)["Items"]] == [number(place.now + 60)]


def test_the_sort_key(place: Place) -> None:
    """Section 4, row "TTL attribute is the sort key or an LSI key, type N": yes, as the sort key."""
    table = place.table("pk:S", "ttl:N")
    for due in (place.now - 60, place.now + 60):
        place.dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}, "ttl": number(due)})
    place.deleted(table)
    assert [item["ttl"] for item in place.dynamodb.scan(TableName=table)["Items"]] == [number(place.now + 60)]


def test_the_key_of_a_local_index(place: Place) -> None:
    """Section 4, row "TTL attribute is the sort key or an LSI key, type N": yes, as the key of a local index."""
    table = place.table(
        "pk:S",
        "sk:S",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": tag} for name, tag in (("pk", "S"), ("sk", "S"), ("ttl", "N"))
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-ttl",
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "ttl", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    for key, due in (("past", place.now - 60), ("future", place.now + 60)):
        item = {"pk": {"S": "a"}, "sk": {"S": key}, "ttl": number(due)}
        place.dynamodb.put_item(TableName=table, Item=item)
    place.deleted(table)
    by_ttl = place.dynamodb.query(
        TableName=table,
        IndexName="by-ttl",
        KeyConditionExpression="pk = :a",
        ExpressionAttributeValues={":a": {"S": "a"}},
    )
    assert [item["sk"]["S"] for item in by_ttl["Items"]] == ["future"]


def test_a_key_of_another_type(place: Place) -> None:
    """Section 4, row "TTL attribute is a key of type S": enabling is accepted, nothing ever expires."""
    table = place.table("ttl:S")
    place.dynamodb.put_item(TableName=table, Item={"ttl": {"S": str(place.now - 60)}})
    place.clock.advance(3600)
    place.settle(place.table())
    assert place.dynamodb.scan(TableName=table)["Count"] == 1


def test_written_before(place: Place) -> None:
    """Section 4, row "Item written before TTL was enabled": yes, be it overdue or due later."""
    table = place.table(ttl=False)
    for key, due in (("overdue", place.now - 60), ("later", place.now + 60), ("never", place.now - 6 * YEAR_S)):
        place.put(table, key, number(due))
    place.dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=ON)
    place.deleted(table)
    assert [place.has(table, key) for key in ("overdue", "later", "never")] == [False, True, True]
    place.clock.advance(60)
    place.deleted(table, 2)
    assert [place.has(table, key) for key in ("overdue", "later", "never")] == [False, False, True]


@pytest.mark.parametrize(
    ("update", "for_good"),
    [
        ("SET #t = :later", False),
        ("SET #t = #t + :hour", False),
        ("ADD #t :hour", False),
        ("REMOVE #t", True),
        ("SET #t = :text", True),
    ],
)
def test_saved_in_time(place: Place, update: str, for_good: bool) -> None:
    """Section 4, row "Expired, then its TTL attribute moved ahead or removed before the deletion": it survives.

    Here it is moved just before its second; test_ttl_delay.py has items that are overdue.
    """
    table = place.table()
    due = place.now + 60
    place.put(table, "a", number(due))
    values = {":later": number(due + 3600), ":hour": number(3600), ":text": {"S": "never"}}
    used = {name: value for name, value in values.items() if name in update}
    place.dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": "a"}},
        UpdateExpression=update,
        ExpressionAttributeNames={"#t": "ttl"},
        **({"ExpressionAttributeValues": used} if used else {}),
    )
    place.clock.advance(60 + 3599)
    place.settle(table)
    assert place.has(table, "a")
    place.clock.advance(1)
    place.settle(table)
    assert place.has(table, "a") == for_good


def test_put_again(place: Place) -> None:
    """Section 4, row "Expired, then its TTL attribute moved ahead": a new item in its place has a life of its own."""
    table = place.table()
    place.put(table, "a", number(place.now + 60))
    place.put(table, "a", number(place.now + 120))
    place.put(table, "b", number(place.now + 120))
    place.put(table, "b", number(place.now + 60))
    place.clock.advance(60)
    place.settle(table)
    assert (place.has(table, "a"), place.has(table, "b")) == (True, False)


def test_the_very_second(place: Place) -> None:
    """Section 4, "Boundary second": AWS says it in two ways; here an item is due when its value is at or before now."""
    assert place.expires(number(place.now))
    assert not place.expires(number(place.now + 1))
