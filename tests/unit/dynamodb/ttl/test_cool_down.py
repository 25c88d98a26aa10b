"""The cool-down between changes of a table's TTL: AWS's, where it is asked for."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.ttl.options import TimeToLiveOptions
from everwarm.errors import ValidationException

Call = Callable[..., dict[str, Any]]

HOUR_S = 3600
TOO_SOON = "Time to live has been modified multiple times within a fixed interval"


@pytest.fixture
def engine(clock: ManualClock) -> Iterator[Engine]:
    engine = Engine.open(None, clock, time_to_live=TimeToLiveOptions.parse(cool_down="1h"))
    yield engine
    engine.close()


def switch(call: Call, enabled: bool, attribute: str = "ttl") -> None:
    call(
        "UpdateTimeToLive", TableName="rates", TimeToLiveSpecification={"Enabled": enabled, "AttributeName": attribute}
    )


def refuse(call: Call, message: str, enabled: bool, attribute: str = "ttl") -> None:
    with pytest.raises(ValidationException) as caught:
        switch(call, enabled, attribute)
    assert caught.value.message == message


def test_either_direction_starts_it(call: Call, create: Call, clock: ManualClock) -> None:
    create("rates")
    for enabled in (True, False, True):
        switch(call, enabled)
        clock.advance(HOUR_S - 0.001)
        refuse(call, TOO_SOON, not enabled)
        clock.advance(0.001)


def test_a_refused_change_does_not_lengthen_it(call: Call, create: Call, clock: ManualClock) -> None:
    create("rates", ttl="ttl")
    for _ in range(60):
        refuse(call, TOO_SOON, False)
        clock.advance(60)
    switch(call, False)


def test_it_is_looked_at_last(call: Call, create: Call) -> None:
    create("rates", ttl="ttl")
    refuse(call, "TimeToLive is already enabled", True)
    refuse(call, "TimeToLive is active on a different AttributeName: current AttributeName is ttl", True, "other")
    refuse(call, "TimeToLive is active on a different AttributeName: current AttributeName is ttl", False, "other")
    refuse(call, TOO_SOON, False)


def test_a_change_that_changes_nothing_else(call: Call, create: Call, clock: ManualClock) -> None:
    create("rates", ttl="ttl")
    refuse(call, TOO_SOON, False)
    described = call("DescribeTimeToLive", TableName="rates")["TimeToLiveDescription"]
    assert described == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


# It belongs to the table's identity, not to its name.
def test_a_table_made_again_starts_clean(call: Call, create: Call) -> None:
    create("rates", ttl="ttl")
    call("DeleteTable", TableName="rates")
    create("rates", ttl="ttl")


def test_tables_do_not_share_it(call: Call, create: Call) -> None:
    create("rates", ttl="ttl")
    create("prices", ttl="ttl")


def test_other_changes_of_the_table_leave_it(call: Call, create: Call, clock: ManualClock) -> None:
    create("rates", ttl="ttl")
    clock.advance(HOUR_S / 2)
    call("UpdateTable", TableName="rates", DeletionProtectionEnabled=True)
    refuse(call, TOO_SOON, False)
    clock.advance(HOUR_S / 2)
    switch(call, False)


# A clock that is put back behind the last change would else refuse the next one for as long as it was put back.
def test_a_clock_that_is_put_back_locks_nobody_out(call: Call, create: Call, clock: ManualClock) -> None:
    create("rates", ttl="ttl")
    clock.jump(-30 * 86400)
    switch(call, False)
    refuse(call, TOO_SOON, True)


def test_a_restart_does_not_end_it(tmp_path: Path, clock: ManualClock, call_on: Callable[[Engine], Call]) -> None:
    options = TimeToLiveOptions.parse(cool_down="1h")
    engine = Engine.open(tmp_path, clock)
    call = call_on(engine)
    call(
        "CreateTable",
        TableName="rates",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    switch(call, True)  # without the option nothing is refused, and yet it is known when the change was
    engine.close()
    engine = Engine.open(tmp_path, clock, time_to_live=options)
    try:
        refuse(call_on(engine), TOO_SOON, False)
        clock.advance(HOUR_S)
        switch(call_on(engine), False)
    finally:
        engine.close()
