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

_INITIAL = (
    "initial throughput for OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
    "on-demand-capacity-mode.html#on-demand-capacity-mode-initial"
)


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
    limited({}, billing_mode, index.settings.get("OnDemandThroughput"), index.name, new=True)
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
    settings: dict[str, Any], billing_mode: str, wanted: dict[str, int] | None, index: str = "", new: bool = False
) -> dict[str, Any]:
    """The settings of a table or index after a request for an `OnDemandThroughput`, the most that it may cost. A member
    that the request does not name stays, -1 takes one away.

    Args:
        index: its name; none for the table.
        new: whether there is nothing yet that could be taken away.

    Raises:
        ValidationException: the table is not on demand, or a limit is no number of units.
    """
    if not wanted:
        return settings
    if billing_mode != ON_DEMAND:
        member = min(wanted)
        if new:
            whose = f" for index: {index}" if index else ""
            why = "when table BillingMode is PROVISIONED."
        else:
            whose = f" for index : {index}" if index else ""
            why = "when the table BillingMode is PROVISIONED"
        raise invalid_parameters(f"{member} for OnDemandThroughput{whose} cannot be specified {why}")
    for member, units in sorted(wanted.items()):
        if not (1 <= units <= MAX_UNITS or (units == -1 and not new)):
            whose = f"index : {index}" if index else "table"
            raise invalid_parameters(f"Requested {member} for OnDemandThroughput for {whose} is outside of valid range")
    limits = {**settings.get("OnDemandThroughput", {}), **wanted}
    limits = {member: units for member, units in limits.items() if units != -1}
    others = {name: value for name, value in settings.items() if name != "OnDemandThroughput"}
    return {**others, "OnDemandThroughput": limits} if limits else others


def check_warm(
    wanted: dict[str, int] | None, settings: dict[str, Any], billing_mode: str, whose: str, new: bool = False
) -> None:
    """Check a `WarmThroughput`.

    Args:
        settings: of the table or index as it is.
        whose: `table`, or `index` and its name.
        new: whether the table or index is made only now.

    Raises:
        ValidationException: it is less than what there is already.
    """
    if not wanted:
        return
    least = _least_warm(settings, billing_mode) if new else warm(settings, billing_mode)
    for member, units in wanted.items():
        if units < least[member]:
            limit = "current WarmThroughput, decreasing WarmThroughput is not supported"
            if new and billing_mode == ON_DEMAND:
                limit = _INITIAL
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
    if old is None or new is None or CAPACITY_UNITS[0] not in old or CAPACITY_UNITS[0] not in new:
        return after
    figures = {member: old.get(member, 0) for member in (*CAPACITY_UNITS, "NumberOfDecreasesToday") if member in new}
    return {**after, "ProvisionedThroughput": {**new, **figures}}


def given_up(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of a table or an index that is paid by request from now on: it is told of ever after when its
    throughput was changed."""
    had = settings.get("ProvisionedThroughput", {})
    history = {member: value for member, value in had.items() if member not in CAPACITY_UNITS}
    others = {name: value for name, value in settings.items() if name != "ProvisionedThroughput"}
    return {**others, "ProvisionedThroughput": history} if history else others


def describe(settings: dict[str, Any]) -> dict[str, Any]:
    """The `ProvisionedThroughputDescription` of a table or an index."""
    none = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    return {"NumberOfDecreasesToday": 0, **none, **settings.get("ProvisionedThroughput", {})}


def warm(settings: dict[str, Any], billing_mode: str) -> dict[str, int]:
    """What a table or an index can take at once."""
    asked = settings.get("WarmThroughput", {})
    least = _least_warm(settings, billing_mode)
    return {member: max(units, asked.get(member, 0)) for member, units in least.items()}


def still_as_warm(before: dict[str, Any], mode_before: str, after: dict[str, Any], mode_after: str) -> dict[str, Any]:
    """The settings of a table or an index after a change: what was warm once stays so."""
    had, has = warm(before, mode_before), warm(after, mode_after)
    kept = {member: max(units, had[member]) for member, units in has.items()}
    if kept == _least_warm(after, mode_after):
        return {name: value for name, value in after.items() if name != "WarmThroughput"}
    return {**after, "WarmThroughput": kept}


def warming(settings: dict[str, Any], billing_mode: str, changes: bool) -> dict[str, Any]:
    """The setting that shows the warm throughput as it is, whether it is to grow or not."""
    return {"WarmThroughput": {**warm(settings, billing_mode), "Status": "UPDATING" if changes else "ACTIVE"}}


def taken_away(settings: dict[str, Any], wanted: dict[str, int] | None) -> dict[str, Any]:
    """The setting that shows limits which a request has taken away, as the request wrote them."""
    gone = {member: units for member, units in (wanted or {}).items() if units == -1}
    return {"OnDemandThroughput": {**settings.get("OnDemandThroughput", {}), **gone}} if gone else {}


def warm_shown(settings: dict[str, Any], billing_mode: str, table_status: str) -> dict[str, Any] | None:
    """The `WarmThroughput` of a table or an index as the table in that state shows it; None if it does not."""
    asked: dict[str, Any] | None = settings.get("WarmThroughput")
    if table_status == "DELETING" or (table_status == "CREATING" and asked is None):
        return None
    if asked is not None and "Status" in asked:
        return asked
    return {**warm(settings, billing_mode), "Status": "UPDATING" if table_status == "CREATING" else "ACTIVE"}


def _least_warm(settings: dict[str, Any], billing_mode: str) -> dict[str, int]:
    if billing_mode == ON_DEMAND:
        return ON_DEMAND_WARM
    provisioned = settings.get("ProvisionedThroughput", {})
    return {
        "ReadUnitsPerSecond": provisioned.get("ReadCapacityUnits", 0),
        "WriteUnitsPerSecond": provisioned.get("WriteCapacityUnits", 0),
    }
