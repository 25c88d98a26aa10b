"""Which moments point-in-time recovery says can be restored."""

from everwarm.dynamodb.tables.continuous_backups import describe, updated

NOW = 1_700_000_000.0
DAY_S = 24 * 3600
ON = {"PointInTimeRecoveryEnabled": True}


def moments(settings: dict[str, object], now: float) -> tuple[float, float]:
    described = describe(settings, now)["PointInTimeRecoveryDescription"]
    return described["EarliestRestorableDateTime"], described["LatestRestorableDateTime"]


def test_from_when_it_was_switched_on_until_five_minutes_ago() -> None:
    settings = updated({}, ON, NOW)
    assert moments(settings, NOW + 60) == (NOW, NOW)
    assert moments(settings, NOW + DAY_S) == (NOW, NOW + DAY_S - 300)


def test_no_longer_ago_than_the_period() -> None:
    settings = updated({}, {**ON, "RecoveryPeriodInDays": 2}, NOW)
    assert moments(settings, NOW + 3 * DAY_S)[0] == NOW + DAY_S
    # Switched on again it stays as it is.
    again = updated(settings, ON, NOW + 3 * DAY_S)
    assert moments(again, NOW + 3 * DAY_S)[0] == NOW + DAY_S


def test_other_settings_stay() -> None:
    settings = updated({"TableClass": "STANDARD"}, ON, NOW)
    assert updated(settings, {"PointInTimeRecoveryEnabled": False}, NOW) == {"TableClass": "STANDARD"}
