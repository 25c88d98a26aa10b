"""A schedule: wall-clock times in a time zone, written as cron has them. Read by the library cronsim.

When the clocks change, it is as with Debian's cron. A time of day (`30 2 * * *`) comes once a day, whatever the clocks
do: one that is left out comes at the first minute behind the gap, one that comes twice is taken the first time. What
has a `*` in front (`0 */2 * * *`, `*/10 * * * *`) goes by the clock on the wall: left out in the gap, and both times
in the hour that is repeated.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from everwarm.errors import SettingError

_FIELDS = 5
_HOUR_S = 3600
# Any week in which no clock changes anywhere; a Monday, 00:00 UTC.
_SOME_MONDAY = datetime(2024, 1, 8, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Schedule:
    """Made by `Schedule.of`, which checks it.

    Attributes:
        text: five fields: minute, hour, day of the month, month, day of the week.
        zone: the IANA's name of the time zone in which they are read.
    """

    text: str
    zone: str = "UTC"

    @classmethod
    def of(cls, text: object, zone: object = "UTC") -> "Schedule":
        """A schedule that comes.

        Raises:
            SettingError: it cannot be read, never comes, or there is no such zone here.
        """
        right = 'write minute, hour, day, month and weekday, schedule="0 */6 * * *" for every six hours say'
        if not isinstance(text, str):
            raise SettingError(f"schedule={text!r} is not a text: {right}")
        if (fields := len(text.split())) != _FIELDS:
            # cronsim would take a sixth for seconds, in front; AWS has one for the year, behind.
            raise SettingError(f"schedule={text!r} has {fields} fields and not {_FIELDS}: {right}")
        found = cls(text, _checked_zone(zone))
        try:
            found.next(_SOME_MONDAY)
        except CronSimError as error:
            raise SettingError(f"schedule={text!r} cannot be read ({error}): {right}") from None
        except StopIteration:
            raise SettingError(f"schedule={text!r} never comes: {right}") from None
        return found

    def next(self, after: float) -> float:
        """The first of its times that is later than a moment; both in epoch seconds."""
        times = CronSim(self.text, datetime.fromtimestamp(after, _timezone(self.zone)))
        # In an hour that is repeated, it may come up with the time's first round, which is over.
        while (moment := next(times).timestamp()) <= after:
            pass
        return moment

    def pause_s(self) -> float:
        """The longest pause between two of its times, as far as one week shows it: it may be longer, never shorter."""
        hours = (_SOME_MONDAY + hour * _HOUR_S for hour in range(7 * 24))
        return max(self.next(moment) - moment for moment in hours)


def _checked_zone(zone: object) -> str:
    right = 'write a name of the IANA, zone="Europe/Berlin" say; for a machine without any: pip install tzdata'
    if not isinstance(zone, str):
        raise SettingError(f"zone={zone!r} is not a text: {right}")
    try:
        _timezone(zone)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a directory's name is an OSError
        raise SettingError(f"zone={zone!r} is no time zone that is known here: {right}") from None
    return zone


def _timezone(zone: str) -> tzinfo:
    # No database of time zones is needed for this one.
    return UTC if zone == "UTC" else ZoneInfo(zone)
