"""UpdateContinuousBackups over the wire; the moments that can be restored: unit/dynamodb/tables."""

from typing import Any

import pytest

from tests.wire.refused import refused


def recovery(dynamodb: Any, table: str, **specification: Any) -> dict[str, Any]:
    answer = dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=specification)
    described = answer["ContinuousBackupsDescription"]
    assert described == dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    found: dict[str, Any] = described["PointInTimeRecoveryDescription"]
    return found


def test_on_and_off(dynamodb: Any, fresh: str) -> None:
    on = recovery(dynamodb, fresh, PointInTimeRecoveryEnabled=True)
    assert (on["PointInTimeRecoveryStatus"], on["RecoveryPeriodInDays"]) == ("ENABLED", 35)
    assert on["EarliestRestorableDateTime"] <= on["LatestRestorableDateTime"]
    shorter = recovery(dynamodb, fresh, PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=7)
    assert (shorter["RecoveryPeriodInDays"], shorter["PointInTimeRecoveryStatus"]) == (7, "ENABLED")
    off = recovery(dynamodb, fresh, PointInTimeRecoveryEnabled=False)
    assert off == {"PointInTimeRecoveryStatus": "DISABLED"}


@pytest.mark.parametrize("days", [0, 36])
def test_a_period_out_of_range(unchecked: Any, fresh: str, days: int) -> None:
    with refused(
        "ValidationException", has=f"Value '{days}' at 'pointInTimeRecoverySpecification.recoveryPeriodInDays'"
    ):
        recovery(unchecked, fresh, PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=days)


def test_a_period_for_nothing(dynamodb: Any, fresh: str) -> None:
    with refused(
        "ValidationException",
        "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.",
    ):
        recovery(dynamodb, fresh, PointInTimeRecoveryEnabled=False, RecoveryPeriodInDays=7)


def test_no_such_table(dynamodb: Any) -> None:
    with refused("TableNotFoundException", "Table not found: wire-none"):
        recovery(dynamodb, "wire-none", PointInTimeRecoveryEnabled=True)
