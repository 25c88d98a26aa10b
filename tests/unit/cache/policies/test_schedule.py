"""Wall-clock times in a time zone, and the days on which clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everwarm.cache.policies.schedule import Schedule
from everwarm.errors import SettingError

BERLIN = "Europe/Berlin"


def moment(text: str) -> float:
    """Epoch seconds of an ISO time with its offset."""
    return datetime.fromisoformat(text).timestamp()


def following(schedule: Schedule, after: str, count: int) -> list[str]:
    found, at = [], moment(after)
    for _ in range(count):
        at = schedule.next(at)
        found.append(datetime.fromtimestamp(at, ZoneInfo(schedule.zone)).isoformat(timespec="minutes"))
    return found


def test_every_six_hours_of_the_day() -> None:
    assert following(Schedule.of("0 */6 * * *"), "2026-03-01T01:00:00Z", 4) == [
        "2026-03-01T06:00+00:00",
        "2026-03-01T12:00+00:00",
        "2026-03-01T18:00+00:00",
        "2026-03-02T00:00+00:00",
    ]


@pytest.mark.parametrize(
    ("after", "then"),
    [
        ("2026-03-01T05:59:59.999Z", "2026-03-01T06:00+00:00"),
        ("2026-03-01T06:00:00Z", "2026-03-01T12:00+00:00"),  # later than the moment, never the moment itself
        ("2026-03-01T06:00:00.001Z", "2026-03-01T12:00+00:00"),
    ],
)
def test_the_next_one_is_later(after: str, then: str) -> None:
    assert following(Schedule.of("0 */6 * * *"), after, 1) == [then]


def test_weekdays_and_a_zone() -> None:
    # 2026-07-03 is a Friday; New York is four hours behind in summer.
    opening = Schedule.of("30 9 * * MON-FRI", "America/New_York")
    assert following(opening, "2026-07-03T13:00:00Z", 2) == ["2026-07-03T09:30-04:00", "2026-07-06T09:30-04:00"]


# In Berlin on 2026-03-29, 02:00 to 03:00 is left out.
def test_a_time_of_day_in_the_gap_comes_behind_it() -> None:
    assert following(Schedule.of("30 2 * * *", BERLIN), "2026-03-28T12:00:00Z", 2) == [
        "2026-03-29T03:00+02:00",
        "2026-03-30T02:30+02:00",
    ]


# On 2026-10-25, 02:00 to 03:00 comes twice: with +02:00 first.
def test_a_time_of_day_that_is_repeated_comes_once() -> None:
    assert following(Schedule.of("30 2 * * *", BERLIN), "2026-10-24T12:00:00Z", 2) == [
        "2026-10-25T02:30+02:00",
        "2026-10-26T02:30+01:00",
    ]


# Asked in the second round of the hour, the first round's time is over.
def test_a_time_that_is_over_does_not_come_again() -> None:
    assert following(Schedule.of("45 2 * * *", BERLIN), "2026-10-25T02:10:00+01:00", 1) == ["2026-10-26T02:45+01:00"]


def test_every_so_many_hours_goes_by_the_clock_on_the_wall() -> None:
    every_two = Schedule.of("0 */2 * * *", BERLIN)
    assert following(every_two, "2026-03-28T23:30:00+01:00", 3) == [
        "2026-03-29T00:00+01:00",
        "2026-03-29T04:00+02:00",
        "2026-03-29T06:00+02:00",
    ]
    assert following(every_two, "2026-10-25T00:30:00+02:00", 3) == [
        "2026-10-25T02:00+02:00",
        "2026-10-25T02:00+01:00",
        "2026-10-25T04:00+01:00",
    ]


def test_a_day_in_another_length_still_has_its_noon() -> None:
    noon = Schedule.of("0 12 * * *", BERLIN)
    before_the_change = moment("2026-03-28T12:00:00+01:00")
    assert noon.next(before_the_change) - before_the_change == 23 * 3600
    before_the_change = moment("2026-10-24T12:00:00+02:00")
    assert noon.next(before_the_change) - before_the_change == 25 * 3600


@settings(deadline=None)  # a zone is read from disk the first time
@given(
    st.sampled_from(["0 */6 * * *", "30 2 * * *", "*/7 * * * *", "15 1,2,3 * * *", "0 4 1 * *", "10 2 * * SUN"]),
    st.sampled_from(["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - hypothesis wants them so
)
def test_each_is_later_than_the_one_before_and_none_is_left_out(text: str, zone: str, start: datetime) -> None:
    schedule, at = Schedule.of(text, zone), start.replace(tzinfo=UTC).timestamp()
    first = schedule.next(at)
    second = schedule.next(first)
    assert at < first < second
    # From any moment between two of them, it is the second that comes.
    assert schedule.next((first + second) / 2) == second
    assert first % 60 == 0


# An hour of the day comes about once a day, however the clocks change: nothing is asked for twice, nothing skipped.
@pytest.mark.parametrize("zone", [BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC"])
@pytest.mark.parametrize("time", ["15 1", "0 2", "30 2", "45 2", "0 3"])
def test_once_on_every_day_of_a_year(zone: str, time: str) -> None:
    daily = Schedule.of(f"{time} * * *", zone)
    at, days = moment("2026-01-01T12:00:00Z"), []
    for _ in range(365):
        at = daily.next(at)
        days.append(datetime.fromtimestamp(at, ZoneInfo(zone)).date())
    assert days == [days[0] + timedelta(days=number) for number in range(365)]


@pytest.mark.parametrize(
    ("text", "pause_s"),
    [
        ("0 6 * * *", 24 * 3600),
        ("0 */6 * * *", 6 * 3600),
        ("0 9 * * MON", 7 * 24 * 3600),
        ("0 9-17 * * MON-FRI", 64 * 3600),  # Friday 17:00 to Monday 9:00
    ],
)
def test_the_longest_pause(text: str, pause_s: float) -> None:
    assert Schedule.of(text).pause_s() == pause_s


@pytest.mark.parametrize(
    ("text", "zone", "problem"),
    [
        ("every day of the week", "UTC", r"cannot be read \(.*write minute, hour, day"),
        ("61 0 * * *", "UTC", "cannot be read"),
        ("0 0 0 * * *", "UTC", "has 6 fields and not 5: write minute, hour"),
        ("", "UTC", "has 0 fields"),
        ("0 0 30 2 *", "UTC", "cannot be read|never comes"),
        (6, "UTC", "schedule=6 is not a text"),
        ("0 6 * * *", "Mars/Phobos", 'zone=.* known here: write a name of the IANA, zone="Europe/Berlin"'),
        ("0 6 * * *", "", "zone=''"),
        ("0 6 * * *", "../etc", "zone="),
        ("0 6 * * *", "Europe", "zone="),
        ("0 6 * * *", 1, "zone=1 is not a text"),
    ],
)
def test_what_is_no_schedule(text: object, zone: object, problem: str) -> None:
    with pytest.raises(SettingError, match=problem):
        Schedule.of(text, zone)
