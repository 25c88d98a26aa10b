"""When: until when a value is fresh, how long it is kept, when a failed load is tried again. Pure decisions.

Each is a function of the settings, of moments in epoch seconds, and of a `chance`: a number from 0 to 1 that the
caller has drawn. Moments are rounded to milliseconds, as they are stored.

Not here: how the settings are read (`settings.py`), wall-clock times (`schedule.py`), how many loads at a time
(`limits.py`), and who does what is decided (`refresh.py`, `handler.py`).
"""

import math
from dataclasses import dataclass, field
from typing import Any, Unpack

from everwarm.cache.policies.schedule import Schedule
from everwarm.cache.policies.settings import (
    KeepOf,
    KeepWarm,
    LengthOf,
    Settings,
    backoff_of,
    bytes_of,
    choice_of,
    count_of,
    jitter_of,
    length_s,
    number_of,
    told_length_s,
)
from everwarm.durations import duration
from everwarm.errors import SettingError

DAY_S = 86_400.0

DEFAULTS = Settings(
    refresh="10m",
    zone="UTC",
    jitter="10%",
    early=0.0,
    negative=None,
    backoff="1s..5m",
    keep_warm=KeepWarm.ALWAYS,
    idle_periods=3,
    lease="60s",
    max_bytes=None,
    compress_above=None,
    gap=False,
)
"""Of what is not given. `keep` is a day, or twice the time until the refresh where that is longer; a schedule has no
jitter."""

SHORTEST_TOLD_S = 1.0
"""A value that says of itself to be fresh for a shorter time is taken to say this."""

_LARGEST_SPREAD = 0.5
"""Jitter takes so much of a time at the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The settings as numbers, and what follows from them. Made by `Policy.of`.

    Attributes:
        refresh_s: how long a value is fresh; None where `refresh_of` or `schedule` says it.
        refresh_of: tells it of a value.
        schedule: when values are refreshed, at the clock on the wall.
        keep_s: how long a value is served, after it was loaded; None for ever, unless `keep_of` or nothing says it.
        keep_of: tells it of a value.
        keeps_by_default: nothing was said of it; see `DEFAULTS`.
        jitter_share: of the time until the refresh, by which it may come earlier (with a schedule: later).
        jitter_s: the same in seconds.
        early: XFetch's beta; 0 for none.
        negative_s: how long it is remembered that there is nothing; None for not at all.
        first_retry_s, last_retry_s: the pauses between tries that fail, the first and the longest.
        keep_warm: whether entries are refreshed without a reader.
        idle_periods: after how many without a reader one is let go, with `while-read`.
        lease_s: how long a load may take before another process may begin one.
        max_bytes: what a stored value may have at the most; None for what DynamoDB allows.
        compress_above: larger values are compressed; None for none.
        gap: one item, which is away while it is loaded.
        given: what it was made of.
    """

    refresh_s: float | None
    refresh_of: LengthOf | None
    schedule: Schedule | None
    keep_s: float | None
    keep_of: KeepOf | None
    keeps_by_default: bool
    jitter_share: float
    jitter_s: float
    early: float
    negative_s: float | None
    first_retry_s: float
    last_retry_s: float
    keep_warm: KeepWarm
    idle_periods: int
    lease_s: float
    max_bytes: int | None
    compress_above: int | None
    gap: bool
    given: Settings = field(repr=False, compare=False)

    @classmethod
    def of(cls, **given: Unpack[Settings]) -> "Policy":
        """A policy of what users write; `docs/cache/policies.md` tells of each.

        Raises:
            SettingError: an option that cannot be understood, or two that do not go together.
        """
        if unknown := sorted(given.keys() - Settings.__annotations__.keys()):
            raise SettingError(f"there is no option {unknown[0]!r}; there are {', '.join(Settings.__annotations__)}")
        settings = Settings(**{**DEFAULTS, **given})
        refresh, keep, negative = given.get("refresh"), given.get("keep"), settings["negative"]
        schedule = None
        if given.get("schedule") is not None:
            if refresh is not None:
                raise SettingError(
                    "refresh and schedule are two ways to say when: give one, "
                    'refresh="10m" or schedule="0 */6 * * *" say'
                )
            schedule = Schedule.of(given["schedule"], settings["zone"])
        elif refresh is None:
            refresh = DEFAULTS["refresh"]
        jitter_share, jitter_s = jitter_of(settings["jitter"] if schedule is None or "jitter" in given else 0)
        first_retry_s, last_retry_s = backoff_of(settings["backoff"])
        max_bytes, compress_above = settings["max_bytes"], settings["compress_above"]
        found = cls(
            refresh_s=None if refresh is None or callable(refresh) else length_s("refresh", refresh, 'refresh="10m"'),
            refresh_of=refresh if callable(refresh) else None,
            schedule=schedule,
            keep_s=None if keep is None or callable(keep) else length_s("keep", keep, 'keep="1d"'),
            keep_of=keep if callable(keep) else None,
            keeps_by_default="keep" not in given,
            jitter_share=jitter_share,
            jitter_s=jitter_s,
            early=number_of("early", settings["early"], least=0, example="1.0"),
            negative_s=None if negative is None else length_s("negative", negative, 'negative="1m"'),
            first_retry_s=first_retry_s,
            last_retry_s=last_retry_s,
            keep_warm=choice_of("keep_warm", settings["keep_warm"], KeepWarm),
            idle_periods=count_of("idle_periods", settings["idle_periods"], least=1, example="3"),
            lease_s=length_s("lease", settings["lease"], 'lease="60s"'),
            max_bytes=None if max_bytes is None else bytes_of("max_bytes", max_bytes, 1),
            compress_above=None if compress_above is None else bytes_of("compress_above", compress_above),
            gap=bool(settings["gap"]),
            given=given,
        )
        found._check()
        return found

    def but(self, **changes: Unpack[Settings]) -> "Policy":
        """The same with other settings: what one function has of its own. A schedule replaces `refresh`, and so on.

        Raises:
            SettingError: as `of`.
        """
        if bool(changes.get("gap", self.gap)) is not self.gap:
            raise SettingError("gap is the whole cache's: give it to Cache, or make a second one")
        kept = self.given.copy()
        if changes.get("schedule") is not None:
            kept.pop("refresh", None)
        if changes.get("refresh") is not None:
            kept.pop("schedule", None)
        return Policy.of(**Settings(**{**kept, **changes}))

    def _check(self) -> None:
        if self.keep_s is not None and self.refresh_s is not None and self.keep_s < self.refresh_s:
            raise SettingError(
                f"keep ({duration(self.keep_s)}) is shorter than refresh ({duration(self.refresh_s)}): a value has to "
                f'be kept until it is refreshed, and longer for a source that fails; write keep="'
                f'{duration(2 * self.refresh_s)}" say, or None for ever'
            )
        if self.keep_s is not None and self.schedule is not None and self.keep_s < (pause_s := self.schedule.pause_s()):
            raise SettingError(
                f"keep ({duration(self.keep_s)}) is shorter than the longest pause of schedule={self.schedule.text!r}, "
                f'which is {duration(pause_s)} at least; write keep="{duration(2 * pause_s)}" say, or None for ever'
            )
        if self.early and self.schedule is not None:
            raise SettingError(
                "early and schedule do not go together: what is loaded before its time is not what comes with it; "
                "leave early away, or write early=0 for a function that has a schedule"
            )
        if self.gap and self.keep_warm is KeepWarm.WHILE_READ:
            raise SettingError(
                'keep_warm="while-read" notes reads in the timer, and with gap=True there is none: write '
                'keep_warm="always", or leave gap away'
            )

    @property
    def sets_timers(self) -> bool:
        """Whether a value is refreshed by a timer of its own."""
        return self.keep_warm is not KeepWarm.NEVER and not self.gap

    def fresh_until(self, loaded_at: float, value: Any, chance: float) -> float:
        """When a value is to be refreshed: never later than its `ttl`.

        Jitter is spread evenly. With `refresh` it takes away from the time, so that a value is never fresh for longer
        than was said; with a schedule it adds to it, for before the time there is nothing new. It takes half of the
        time until the refresh, or of the pause behind it, at the most.

        Args:
            loaded_at: when the loader was asked for it.
            value: what it returned.

        Raises:
            SettingError: a function of the settings told something else than a length of time.
        """
        if self.schedule is not None:
            due = self.schedule.next(loaded_at)
            if self.jitter_share or self.jitter_s:
                due += self._spread_s(self.schedule.next(due) - due) * chance
        else:
            length_s = self._refresh_s(value)
            due = loaded_at + length_s - self._spread_s(length_s) * chance
        ttl = self.ttl(loaded_at, value)
        return round(due, 3) if ttl is None else min(round(due, 3), ttl)

    def ttl(self, loaded_at: float, value: Any) -> float | None:
        """From when on a value is not served any more; None for never.

        Raises:
            SettingError: as `fresh_until`.
        """
        if self.keeps_by_default:
            until_s = self._refresh_s(value) if self.schedule is None else self.schedule.next(loaded_at) - loaded_at
            return round(loaded_at + max(DAY_S, 2 * until_s), 3)
        keep_s = self.keep_s
        if self.keep_of is not None:
            told = self.keep_of(value)
            keep_s = None if told is None else told_length_s("keep", told, SHORTEST_TOLD_S, '"1d"')
        return None if keep_s is None else round(loaded_at + keep_s, 3)

    def negative_until(self, loaded_at: float, chance: float) -> float | None:
        """Until when it is remembered that there is nothing, jitter taken off; None for not at all."""
        if self.negative_s is None:
            return None
        return round(loaded_at + self.negative_s - self._spread_s(self.negative_s) * chance, 3)

    def retry_at(self, failures: int, now: float, chance: float) -> float:
        """When to try again.

        The pause doubles with every failure, up to the longest; it is spread evenly over the upper half of that, so
        that keys that fail together do not come back together. It is never shorter than the first.

        Args:
            failures: how many in a row, this one included.
        """
        longest_s = min(self.first_retry_s * 2.0 ** min(failures, 64), self.last_retry_s)
        shortest_s = max(longest_s / 2, self.first_retry_s)
        return round(now + shortest_s + (longest_s - shortest_s) * chance, 3)

    def next_try(self, failures: int, now: float, ttl: float | None, chance: float) -> float | None:
        """As `retry_at`; None if the value is not served any more by then, so that a reader has to load it.

        Args:
            ttl: the value's, as stored; None for never.
        """
        moment = self.retry_at(failures, now, chance)
        return moment if ttl is None or moment < ttl else None

    def refreshes_early(self, now: float, fresh_until: float, load_s: float, chance: float) -> bool:
        """Whether this reader refreshes a value that is still fresh: seldom long before its time, surely just before.

        XFetch, of Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015:
        the last load's duration times beta times an exponentially distributed number is how much too early a reader
        thinks it is. So at a time `t` before the end, one in exp(t / (load_s * early)) readers does it.

        Args:
            load_s: how long the last load took.
        """
        if not self.early or load_s <= 0:
            return False
        ahead_s = -math.log(chance) * load_s * self.early if chance > 0 else math.inf
        return now + ahead_s >= fresh_until

    def lets_go(self, read_at: float | None, loaded_at: float, fresh_until: float, now: float) -> bool:
        """Whether an entry whose time has come is left to itself instead of being refreshed.

        With `while-read`: if nobody has read it for `idle_periods` times the time from its load to its refresh. One
        period is added, for reads are noted once a period, so that the last of them may be later than the note.

        Args:
            read_at: the last read that was noted; None for none, which counts from `loaded_at`. A timer therefore
                takes the note of the one before it along, and the first has the moment of its load.
        """
        if self.keep_warm is KeepWarm.WHILE_READ:
            last = loaded_at if read_at is None else read_at
            return now - last >= (self.idle_periods + 1) * (fresh_until - loaded_at)
        return self.keep_warm is KeepWarm.NEVER

    def notes_read(self, last_noted: float | None, now: float, period: float) -> bool:
        """Whether a read is to be noted: with `while-read`, and once a period at the most.

        Args:
            last_noted: when a read was noted last, as far as this process knows; None for never.
            period: seconds from the value's load to its refresh.
        """
        return self.keep_warm is KeepWarm.WHILE_READ and (last_noted is None or now - last_noted >= period)

    def _refresh_s(self, value: Any) -> float:
        if self.refresh_of is not None:
            return told_length_s("refresh", self.refresh_of(value), SHORTEST_TOLD_S, '"10m"')
        assert self.refresh_s is not None
        return self.refresh_s

    def _spread_s(self, length_s: float) -> float:
        return min(self.jitter_share * length_s + self.jitter_s, _LARGEST_SPREAD * length_s)
