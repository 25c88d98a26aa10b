"""Switching TTL on and off: AWS's refusals, and what Describe says."""

from collections.abc import Callable
from typing import Any

import pytest

from everwarm.errors import ResourceNotFoundException, ValidationException

Call = Callable[..., dict[str, Any]]


def update(call: Call, attribute: str, enabled: bool, table: str = "rates") -> dict[str, Any]:
    specification = {"Enabled": enabled, "AttributeName": attribute}
    return call("UpdateTimeToLive", TableName=table, TimeToLiveSpecification=specification)


def describe(call: Call) -> dict[str, Any]:
    description: dict[str, Any] = call("DescribeTimeToLive", TableName="rates")["TimeToLiveDescription"]
    return description


def test_the_answer_echoes_the_request(call: Call, create: Call) -> None:
    create("rates")
    assert update(call, "ttl", enabled=True) == {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "ttl"}}


def test_describe_follows_the_tables_history(call: Call, create: Call) -> None:
    create("rates")
    assert describe(call) == {"TimeToLiveStatus": "DISABLED"}
    update(call, "ttl", enabled=True)
    assert describe(call) == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    update(call, "ttl", enabled=False)
    assert describe(call) == {"TimeToLiveStatus": "DISABLED"}


@pytest.mark.parametrize(
    ("enabled_on", "attribute", "enabled", "message"),
    [
        ("ttl", "ttl", True, "TimeToLive is already enabled"),
        ("ttl", "x", True, "TimeToLive is active on a different AttributeName: current AttributeName is ttl"),
        ("ttl", "x", False, "TimeToLive is active on a different AttributeName: current AttributeName is ttl"),
        (None, "ttl", False, "TimeToLive is already disabled"),
    ],
)
def test_refusals(
    call: Call, create: Call, enabled_on: str | None, attribute: str, enabled: bool, message: str
) -> None:
    create("rates", ttl=enabled_on)
    with pytest.raises(ValidationException) as caught:
        update(call, attribute, enabled)
    assert caught.value.message == message


def test_no_such_table(call: Call) -> None:
    with pytest.raises(ResourceNotFoundException) as caught:
        update(call, "ttl", enabled=True, table="nowhere")
    assert caught.value.message == "Requested resource not found: Table: nowhere not found"
