"""Point-in-time recovery: whether it is on is kept and shown. Nothing can be restored from it.

Source: "Point-in-time recovery", developer guide: the earliest moment is when it was switched on, but not longer ago
than the recovery period; the latest is typically five minutes ago.
"""

from typing import Any

from everwarm.errors import ValidationException

DEFAULT_PERIOD_DAYS = 35

_SETTING = "PointInTimeRecovery"
_LATEST_S = 5 * 60
_DAY_S = 24 * 3600


def updated(settings: dict[str, Any], specification: dict[str, Any], now: float) -> dict[str, Any]:
    """A table's settings after an UpdateContinuousBackups.

    Args:
        specification: the `PointInTimeRecoverySpecification`.
        now: epoch seconds.

    Raises:
        ValidationException: a recovery period for what is switched off.
    """
    period_days = specification.get("RecoveryPeriodInDays")
    current = settings.get(_SETTING)
    rest = {name: value for name, value in settings.items() if name != _SETTING}
    if not specification["PointInTimeRecoveryEnabled"]:
        if period_days is not None:
            raise ValidationException(
                "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery."
            )
        return rest
    if current is None:
        current = {"since": now, "period_days": DEFAULT_PERIOD_DAYS}
    if period_days is not None:
        current = {**current, "period_days": period_days}
    return {**rest, _SETTING: current}


def describe(settings: dict[str, Any], now: float) -> dict[str, Any]:
    """The `ContinuousBackupsDescription`; backups themselves are on for every table, as on AWS."""
    current = settings.get(_SETTING)
    described: dict[str, Any] = {"PointInTimeRecoveryStatus": "DISABLED"}
    if current is not None:
        earliest = max(current["since"], now - current["period_days"] * _DAY_S)
        described = {
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": current["period_days"],
            "EarliestRestorableDateTime": round(earliest, 3),
            "LatestRestorableDateTime": round(max(earliest, now - _LATEST_S), 3),
        }
    return {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": described}
