"""DescribeContinuousBackups over the wire."""

from typing import Any

from tests.wire.refused import refused


def test_point_in_time_recovery_is_off_at_first(dynamodb: Any, fresh: str) -> None:
    arn = dynamodb.describe_table(TableName=fresh)["Table"]["TableArn"]
    for name in (fresh, arn):
        assert dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"] == {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
        }


def test_no_such_table(dynamodb: Any) -> None:
    with refused("TableNotFoundException", "Table not found: wire-none"):
        dynamodb.describe_continuous_backups(TableName="wire-none")
