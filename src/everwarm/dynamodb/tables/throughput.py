"""Billing mode and throughput, of tables and of global indexes: whether a request's make sense. They are kept and
shown; nothing is ever throttled. Texts as AWS gives them.
"""

from typing import Any

from everwarm.errors import ValidationException, invalid_parameters

ON_DEMAND = "PAY_PER_REQUEST"
PROVISIONED = "PROVISIONED"

MAX_UNITS = 1_000_000_000_000

ON_DEMAND_WARM = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}
"""What a new on-demand table or index can take at once. Source: "DynamoDB warm throughput", developer guide."""


def check_table(billing_mode: str, throughput: dict[str, int] | None) -> None:
    """Check a table's throughput against its billing mode.

    Raises:
        ValidationException: it has one and must not, or has none and must, or it is out of bounds.
    """
    if billing_mode == ON_DEMAND:
        if throughput is not None:
            raise invalid_parameters(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
            )
        return
    if throughput is None:
        raise invalid_parameters(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
        )
    check_bounds(throughput)


def check_index(name: str, billing_mode: str, throughput: dict[str, int] | None) -> None:
    """As `check_table`, for a global index."""
    if billing_mode == ON_DEMAND:
        if throughput is not None:
            raise invalid_parameters(
                f"ProvisionedThroughput should not be specified for index: {name} when BillingMode is PAY_PER_REQUEST"
            )
        return
    if throughput is None:
        raise invalid_parameters(f"ProvisionedThroughput is not specified for index: {name}")
    check_bounds(throughput, f" for index {name}")


def check_bounds(throughput: dict[str, int], whose: str = "") -> None:
    """
    Raises:
        ValidationException: a number that no throughput can have.
    """
    for member in ("ReadCapacityUnits", "WriteCapacityUnits"):
        if throughput[member] > MAX_UNITS:
            raise ValidationException(f"Given value {throughput[member]} for {member} is out of bounds{whose}")


def check_maximum(billing_mode: str, maximum: dict[str, int] | None) -> None:
    """Check an `OnDemandThroughput`, the most that an on-demand table or index may cost; -1 is no limit.

    Raises:
        ValidationException: the table is not on demand, or a limit is no number of units.
    """
    if maximum is None:
        return
    if billing_mode != ON_DEMAND:
        raise invalid_parameters("OnDemandThroughput cannot be specified when BillingMode is PROVISIONED")
    if not maximum:
        raise invalid_parameters("At least one of MaxReadRequestUnits or MaxWriteRequestUnits must be specified")
    for member, units in maximum.items():
        if units != -1 and not 1 <= units <= MAX_UNITS:
            raise invalid_parameters(f"Given value {units} for {member} is out of bounds")


def check_warm(warm: dict[str, int] | None) -> None:
    """Check a `WarmThroughput`.

    Raises:
        ValidationException: it is empty, or less than every table has.
    """
    if warm is None:
        return
    if not warm:
        raise invalid_parameters("At least one of ReadUnitsPerSecond or WriteUnitsPerSecond must be specified")
    for member, units in warm.items():
        if units < 1:
            raise invalid_parameters(f"Given value {units} for {member} is out of bounds")


def describe(settings: dict[str, Any]) -> dict[str, Any]:
    """The `ProvisionedThroughputDescription` of a table or an index."""
    none = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    return {"NumberOfDecreasesToday": 0, **settings.get("ProvisionedThroughput", none)}


def describe_warm(settings: dict[str, Any], billing_mode: str) -> dict[str, Any]:
    """What a table or an index can take at once; the whole of what is provisioned, unless more was asked for."""
    if billing_mode == ON_DEMAND:
        found = ON_DEMAND_WARM
    else:
        provisioned = settings.get("ProvisionedThroughput", {})
        found = {
            "ReadUnitsPerSecond": provisioned.get("ReadCapacityUnits", 0),
            "WriteUnitsPerSecond": provisioned.get("WriteCapacityUnits", 0),
        }
    asked = settings.get("WarmThroughput", {})
    return {**{member: max(units, asked.get(member, 0)) for member, units in found.items()}, "Status": "ACTIVE"}
