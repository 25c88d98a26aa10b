"""The interval between changes of a table's TTL, where it is asked for: section 3 of what is known of AWS's TTL."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.wire.refused import refused
from tests.wire.ttl import OFF, ON, Place, running

TOO_SOON = "Time to live has been modified multiple times within a fixed interval"
HOUR_S = 3600


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """As it is documented: an hour."""
    with running(ttl_cool_down="1h") as place:
        yield place


@pytest.fixture
def table(place: Place) -> str:
    """TTL was enabled just now."""
    return place.table()


def update(place: Place, table: str, specification: dict[str, object]) -> None:
    place.dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)


def test_the_documented_interval(place: Place, table: str) -> None:
    """Section 3, row "Documented interval", and section 2, row "A valid change too soon after the last"."""
    place.clock.advance(HOUR_S - 1)
    with refused("ValidationException", TOO_SOON):
        update(place, table, OFF)
    place.clock.advance(1)
    update(place, table, OFF)


def test_the_measured_interval() -> None:
    """Section 3, row "Measured interval": refused at 8.1 s and at 1811 s, accepted at 1872 s, with `31m`."""
    with running(ttl_cool_down="31m") as place:
        table = place.table()
        for until_s in (8.1, 1811.0):
            place.clock.advance(until_s - (place.clock.now() - 1_700_000_000))
            with refused("ValidationException", TOO_SOON):
                update(place, table, OFF)
        place.clock.advance(1872 - 1811)
        update(place, table, OFF)


def test_a_round_half_hour() -> None:
    """Section 3, row "Second observation": about 30 minutes, with `30m`."""
    with running(ttl_cool_down="30m") as place:
        table = place.table()
        place.clock.advance(1799)
        with refused("ValidationException", TOO_SOON):
            update(place, table, OFF)
        place.clock.advance(1)
        update(place, table, OFF)


def test_either_direction(place: Place, table: str) -> None:
    """Section 3, row "What starts the interval": every successful change."""
    for specification, other in ((OFF, ON), (ON, OFF)):
        place.clock.advance(HOUR_S)
        update(place, table, specification)
        with refused("ValidationException", TOO_SOON):
            update(place, table, other)


def test_refused_calls(place: Place, table: str) -> None:
    """Section 3, row "Do refused calls lengthen it": no."""
    for _ in range(4):
        place.clock.advance(HOUR_S / 4 - 1)
        with refused("ValidationException", TOO_SOON):
            update(place, table, OFF)
    place.clock.advance(4)
    update(place, table, OFF)


def test_not_described(place: Place, table: str) -> None:
    """Section 3, row "Visible in Describe": no."""
    described = place.dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert described == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


def test_a_table_made_again(place: Place, table: str) -> None:
    """Section 3, row "Keyed on": the table's identity, so one of the same name starts clean."""
    place.dynamodb.delete_table(TableName=table)
    place.dynamodb.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    update(place, table, ON)


def test_renaming(place: Place, table: str) -> None:
    """Section 3, row "Rename of the TTL attribute": disable, wait, enable."""
    until = {"Enabled": True, "AttributeName": "until"}
    place.clock.advance(HOUR_S)
    with refused("ValidationException", begins="TimeToLive is active on a different AttributeName"):
        update(place, table, until)
    update(place, table, OFF)
    with refused("ValidationException", TOO_SOON):
        update(place, table, until)
    place.clock.advance(HOUR_S)
    update(place, table, until)
    assert place.dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["AttributeName"] == "until"


def test_content_comes_first(place: Place, table: str) -> None:
    """Section 2, "Order of checks": the cool-down is looked at last."""
    with refused("ValidationException", "TimeToLive is already enabled"):
        update(place, table, ON)
    with refused("ValidationException", begins="TimeToLive is active on a different AttributeName"):
        update(place, table, {"Enabled": False, "AttributeName": "until"})


def test_not_unless_it_is_asked_for(dynamodb: Any, fresh: str) -> None:
    """Section 3: off by default, as nobody should wait an hour for a test."""
    for specification in (ON, OFF) * 3:
        dynamodb.update_time_to_live(TableName=fresh, TimeToLiveSpecification=specification)


def test_a_restart(tmp_path: Path) -> None:
    """Section 3: the interval goes on over a restart."""
    with running(tmp_path, ttl_cool_down="1h") as place:
        table = place.table()
    with running(tmp_path, place.clock, ttl_cool_down="1h") as place:
        with refused("ValidationException", TOO_SOON):
            update(place, table, OFF)
        place.clock.advance(HOUR_S)
        update(place, table, OFF)
