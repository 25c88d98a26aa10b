"""Billing mode and throughput, of tables and of global indexes: whether a request's make sense. They are kept and
shown; nothing is ever throttled. Texts as AWS gives them.
"""

from typing import Any

from everwarm.dynamodb.tables.schema import Index
from everwarm.errors import ValidationException, invalid_parameters

ON_DEMAND = "PAY_PER_REQUEST"
PROVISIONED = "PROVISIONED"

CAPACITY_UNITS = ("ReadCapacityUnits", "WriteCapacityUnits")

MAX_UNITS = 1_000_000_000_000

_DAY_S = 24 * 3600

ON_DEMAND_WARM = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}
"""What a new on-demand table or index can take at once. Source: "DynamoDB warm throughput", developer guide."""


def billing_mode(settings: dict[str, Any]) -> str:
    """How a table is billed, by its settings."""
    mode: str = settings.get("BillingMode", PROVISIONED)
    return mode


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


def check_index(index: Index, billing_mode: str) -> None:
    """As `check_table`, for a new global index, and its further settings too."""
    wanted = index.settings.get("ProvisionedThroughput")
    if billing_mode == ON_DEMAND and wanted is not None:
        raise invalid_parameters(
            f"ProvisionedThroughput should not be specified for index: {index.name} when BillingMode is PAY_PER_REQUEST"
        )
    if billing_mode == PROVISIONED:
        if wanted is None:
            raise invalid_parameters(f"ProvisionedThroughput is not specified for index: {index.name}")
        check_bounds(wanted, f" for index {index.name}")
    limited({}, billing_mode, index.settings.get("OnDemandThroughput"), new=True)
    check_warm(index.settings.get("WarmThroughput"), index.settings, billing_mode, f"index {index.name}", new=True)


def check_bounds(throughput: dict[str, int], whose: str = "") -> None:
    """
    Raises:
        ValidationException: a number that no throughput can have.
    """
    for member in CAPACITY_UNITS:
        if throughput[member] > MAX_UNITS:
            raise ValidationException(f"Given value {throughput[member]} for {member} is out of bounds{whose}")


def limited(
    settings: dict[str, Any], billing_mode: str, wanted: dict[str, int] | None, new: bool = False
) -> dict[str, Any]:
    """The settings of a table or index after a request for an `OnDemandThroughput`, the most that it may cost. A member
    that the request does not name stays, -1 takes one away.

    Args:
        new: whether there is nothing yet that could be taken away.

    Raises:
        ValidationException: the table is not on demand, or a limit is no number of units.
    """
    if not wanted:
        return settings
    if billing_mode != ON_DEMAND:
        raise invalid_parameters("OnDemandThroughput cannot be specified when BillingMode is PROVISIONED")
    for member, units in wanted.items():
        if not (1 <= units <= MAX_UNITS or (units == -1 and not new)):
            raise invalid_parameters(f"Given value {units} for {member} is out of bounds")
    limits = {**settings.get("OnDemandThroughput", {}), **wanted}
    limits = {member: units for member, units in limits.items() if units != -1}
    others = {name: value for name, value in settings.items() if name != "OnDemandThroughput"}
    return {**others, "OnDemandThroughput": limits} if limits else others


def check_warm(
    warm: dict[str, int] | None, settings: dict[str, Any], billing_mode: str, whose: str, new: bool = False
) -> None:
    """Check a `WarmThroughput`.

    Args:
        settings: of the table or index as it is.
        whose: `table`, or `index` and its name.
        new: whether the table or index is made only now.

    Raises:
        ValidationException: it is empty, or less than what there is already.
    """
    if warm is None:
        return
    if not warm:
        raise invalid_parameters("At least one of ReadUnitsPerSecond or WriteUnitsPerSecond must be specified")
    least = _least_warm(settings, billing_mode) if new else describe_warm(settings, billing_mode)
    for member, units in warm.items():
        if units < least[member]:
            limit = "current WarmThroughput, decreasing WarmThroughput is not supported"
            if new and billing_mode == ON_DEMAND:
                limit = "initial throughput for OnDemand"
            elif new:
                limit = f"{member.removesuffix('UnitsPerSecond')}CapacityUnits of ProvisionedThroughput"
            raise invalid_parameters(f"Requested {member} for WarmThroughput for {whose} is lower than {limit}")


def changed(current: dict[str, Any], wanted: dict[str, int], now: float, whose: str) -> dict[str, Any]:
    """The throughput of a table or an index after a change, with what is told of changes.

    Args:
        current: as it is kept; empty where billing was by request until now.
        now: epoch seconds.
        whose: `table`, or `index` and its name.

    Raises:
        ValidationException: it is so already.
    """
    if all(wanted[member] == current.get(member) for member in CAPACITY_UNITS):
        kind = whose.partition(" ")[0]
        figures = " ".join(
            f"Current {member} provisioned for the {kind}: {wanted[member]}. Requested {member}: {wanted[member]}."
            for member in CAPACITY_UNITS
        )
        raise ValidationException(
            f"The provisioned throughput for the {whose} will not change. The requested value equals the current "
            f"value. {figures} Refer to the Amazon DynamoDB Developer Guide for current limits and how to request "
            "higher limits."
        )
    after: dict[str, Any] = {**current, **wanted}
    if any(wanted[member] > current.get(member, 0) for member in CAPACITY_UNITS):
        after["LastIncreaseDateTime"] = round(now, 3)
    if any(wanted[member] < current.get(member, 0) for member in CAPACITY_UNITS):
        same_day = now // _DAY_S == current.get("LastDecreaseDateTime", 0.0) // _DAY_S
        after["NumberOfDecreasesToday"] = 1 + (current.get("NumberOfDecreasesToday", 0) if same_day else 0)
        after["LastDecreaseDateTime"] = round(now, 3)
    return after


def under_way(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The settings of a table or an index while its throughput changes: the old figures, and when it began."""
    old, new = before.get("ProvisionedThroughput"), after.get("ProvisionedThroughput")
    if old is None or new is None:
        return after
    figures = {member: old.get(member, 0) for member in (*CAPACITY_UNITS, "NumberOfDecreasesToday") if member in new}
    return {**after, "ProvisionedThroughput": {**new, **figures}}


def describe(settings: dict[str, Any]) -> dict[str, Any]:
    """The `ProvisionedThroughputDescription` of a table or an index."""
    none = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    return {"NumberOfDecreasesToday": 0, **settings.get("ProvisionedThroughput", none)}


def describe_warm(settings: dict[str, Any], billing_mode: str) -> dict[str, Any]:
    """What a table or an index can take at once."""
    asked = settings.get("WarmThroughput", {})
    least = _least_warm(settings, billing_mode)
    return {**{member: max(units, asked.get(member, 0)) for member, units in least.items()}, "Status": "ACTIVE"}


def _least_warm(settings: dict[str, Any], billing_mode: str) -> dict[str, int]:
    if billing_mode == ON_DEMAND:
        return ON_DEMAND_WARM
    provisioned = settings.get("ProvisionedThroughput", {})
    return {
        "ReadUnitsPerSecond": provisioned.get("ReadCapacityUnits", 0),
        "WriteUnitsPerSecond": provisioned.get("WriteCapacityUnits", 0),
    }
