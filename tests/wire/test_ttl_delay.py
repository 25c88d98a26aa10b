"""A rehearsal of AWS's delays, where it is asked for: section 5, and the delays of section 6, of what is known of TTL.

The tables have a test for each row, which is named in its docstring.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from everwarm.errors import SettingError
from everwarm.stack import Stack
from tests.wire.refused import refused
from tests.wire.ttl import Place, running

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with running(ttl_delay="8m..28m") as place:
        yield place


@pytest.fixture
def overdue(place: Place) -> str:
    """A table with an item `a` that has expired seven minutes ago."""
    table = place.table()
    place.put(table, "a", {"N": str(place.now)})
    place.clock.advance(7 * MINUTE_S)
    return table


def test_it_still_appears(place: Place, overdue: str) -> None:
    """Section 5, "The item still appears in GetItem, Query and Scan, and still costs storage and reads"."""
    key = {"pk": {"S": "a"}}
    got = place.dynamodb.get_item(TableName=overdue, Key=key, ReturnConsumedCapacity="TOTAL")
    assert got["Item"]["pk"] == key["pk"]
    assert got["ConsumedCapacity"]["CapacityUnits"] == 0.5
    condition = {"KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": {":a": key["pk"]}}
    assert place.dynamodb.query(TableName=overdue, **condition)["Count"] == 1
    assert place.dynamodb.scan(TableName=overdue)["Count"] == 1
    assert place.dynamodb.describe_table(TableName=overdue)["Table"]["ItemCount"] == 1


def test_it_can_be_updated(place: Place, overdue: str) -> None:
    """Section 5, "It can be updated; AWS suggests a condition expression for that"; and then it lives on."""
    extend = {
        "UpdateExpression": "SET #t = :later",
        "ConditionExpression": "#t > :now",
        "ExpressionAttributeNames": {"#t": "ttl"},
    }
    values = {":later": {"N": str(place.now + HOUR_S)}, ":now": {"N": str(place.now)}}
    with refused("ConditionalCheckFailedException"):
        place.dynamodb.update_item(
            TableName=overdue, Key={"pk": {"S": "a"}}, ExpressionAttributeValues=values, **extend
        )
    values[":now"] = {"N": str(place.now - HOUR_S)}
    place.dynamodb.update_item(TableName=overdue, Key={"pk": {"S": "a"}}, ExpressionAttributeValues=values, **extend)
    place.clock.advance(HOUR_S)
    other = place.table()
    place.put(other, "a", {"N": str(place.now - HOUR_S)})
    place.deleted(other)
    assert place.has(overdue, "a")


def test_readers_filter(place: Place, overdue: str) -> None:
    """Section 5, "Readers that must not see it have to filter on the attribute"."""
    place.put(overdue, "fresh", {"N": str(place.now + HOUR_S)})
    found = place.dynamodb.scan(
        TableName=overdue,
        FilterExpression="#t > :now",
        ExpressionAttributeNames={"#t": "ttl"},
        ExpressionAttributeValues={":now": {"N": str(place.now)}},
    )
    assert [item["pk"]["S"] for item in found["Items"]] == ["fresh"]


def test_removing_the_attribute_saves_it(place: Place, overdue: str) -> None:
    """Section 4, row "Expired, then its TTL attribute moved ahead or removed before the deletion": overdue, here."""
    place.dynamodb.update_item(
        TableName=overdue,
        Key={"pk": {"S": "a"}},
        UpdateExpression="REMOVE #t",
        ExpressionAttributeNames={"#t": "ttl"},
    )
    place.put(overdue, "b", {"N": str(place.now - HOUR_S)})
    place.clock.advance(HOUR_S)
    place.deleted(overdue)
    assert (place.has(overdue, "a"), place.has(overdue, "b")) == (True, False)


@pytest.mark.parametrize(
    ("delay", "from_s", "to_s"),
    [
        pytest.param("..3d", 0, 3 * DAY_S, id="Developer guide, current page: within a few days"),
        pytest.param("..2d", 0, 2 * DAY_S, id="API reference: within two days"),
        pytest.param("..48h", 0, 48 * HOUR_S, id="Developer guide until 2023: within 48 hours"),
        pytest.param("10m..30m", 10 * MINUTE_S, 30 * MINUTE_S, id="Alternator tests on AWS: 10 to 30 minutes"),
        pytest.param("485s..791s", 485, 791, id="bahrmichael, 1,000 items: 485 s to 791 s"),
        pytest.param("10.5m..13m", 630, 780, id="bahr.dev, 1,000 items: mostly 10.5 to 13 min"),
        pytest.param("8m..28m", 8 * MINUTE_S, 28 * MINUTE_S, id="bahr.dev, 100,000 items: 17 to 25 min, up to 28"),
        pytest.param("8m", 8 * MINUTE_S, 8 * MINUTE_S, id="exactly"),
        pytest.param("0", 0, 0, id="none"),
    ],
)
def test_measured_delays(delay: str, from_s: float, to_s: float) -> None:
    """Section 6, each row of "Documented and measured delay" as the range that its test is named by."""
    with running(ttl_delay=delay) as place:
        table = place.table()
        due = place.now + 10
        for number in range(40):
            place.put(table, str(number), {"N": str(due)})
        place.clock.advance(10 + from_s - 0.001)
        assert place.dynamodb.scan(TableName=table)["Count"] == 40
        # In twelve strides over the range; none is deleted before its moment, and all by the end.
        for _ in range(12):
            place.clock.advance((to_s - from_s) / 12)
        place.clock.advance(0.001)
        late = [one.deleted_at - one.due_at for one in place.deleted(table, 40)]
        assert from_s <= min(late)
        assert max(late) <= to_s + 0.001
        assert place.dynamodb.scan(TableName=table)["Count"] == 0


def test_a_restart_keeps_the_moments(tmp_path: Path) -> None:
    """Section 6, "Documented and measured delay": what is late by chance is not drawn again at a restart."""
    with running(tmp_path, ttl_delay="..48h") as place:
        table = place.table()
        for number in range(20):
            place.put(table, str(number), {"N": str(place.now)})
        place.clock.advance(24 * HOUR_S)
        place.settled()
        left = place.dynamodb.scan(TableName=table)["Count"]
        assert 0 < left < 20
    with running(tmp_path, place.clock, ttl_delay="..48h") as place:
        place.settled()
        assert place.dynamodb.scan(TableName=table)["Count"] == left
        place.clock.advance(24 * HOUR_S)
        assert len(place.deleted(table, left)) == left


@pytest.mark.parametrize("delay", ["soon", "8", "28m..8m", "8m..", "2y", "400d"])
def test_what_is_no_delay(tmp_path: Path, delay: str) -> None:
    """`Stack(ttl_delay=...)` says what is wrong."""
    with pytest.raises(SettingError, match=delay):
        Stack(tmp_path, ttl_delay=delay)
