"""Until when a value is fresh and how long it is kept; early refreshes; who is let go."""

import itertools
import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everwarm.cache.policies.policy import Policy
from everwarm.cache.policies.settings import Settings

NOW = 1_700_000_000.0
DAY_S = 86_400.0
CHANCES = [number / 1000 for number in range(1000)]

chances = st.floats(0, 1)
moments = st.floats(1e9, 4e9)
lengths = st.floats(1, 1e6)


# -- refresh and keep ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("refresh", ["10m", 600, 600.0, timedelta(minutes=10)])
def test_a_length_of_time_in_any_form(refresh: Any) -> None:
    policy = Policy.of(refresh=refresh, jitter=0)
    assert policy.fresh_until(NOW, None, 0.5) == NOW + 600


def test_what_nobody_has_said() -> None:
    policy = Policy.of()
    assert policy.fresh_until(NOW, None, 0.0) == NOW + 600
    assert policy.ttl(NOW, None) == NOW + DAY_S
    assert policy.negative_until(NOW, 0.0) is None
    assert policy.sets_timers


def test_kept_for_ever() -> None:
    assert Policy.of(keep=None).ttl(NOW, None) is None


def test_a_keep_that_was_not_given_is_twice_a_long_refresh() -> None:
    assert Policy.of(refresh="2d").ttl(NOW, None) == NOW + 4 * DAY_S
    assert Policy.of(refresh=lambda days: days * DAY_S).ttl(NOW, 3) == NOW + 6 * DAY_S
    assert Policy.of(refresh=lambda days: days * DAY_S).ttl(NOW, 0.25) == NOW + DAY_S


# 2026-03-07 was a Saturday.
def test_a_keep_that_was_not_given_is_twice_a_long_pause_of_the_schedule() -> None:
    policy = Policy.of(schedule="0 6 * * MON")
    saturday = 1_772_863_200.0  # 2026-03-07T06:00Z
    assert policy.fresh_until(saturday, None, 0.5) == saturday + 2 * DAY_S
    assert policy.ttl(saturday, None) == saturday + 4 * DAY_S


# -- jitter --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("jitter", "earliest_s"), [("10%", 540), (0.1, 540), ("30s", 570), (timedelta(minutes=1), 540)]
)
def test_jitter_takes_away_from_the_time_evenly(jitter: Any, earliest_s: float) -> None:
    policy = Policy.of(refresh="10m", jitter=jitter)
    times = [policy.fresh_until(NOW, None, chance) - NOW for chance in (0.0, 0.5, 1.0)]
    assert times == [600, (600 + earliest_s) / 2, earliest_s]


def test_jitter_in_seconds_takes_half_of_a_short_time_at_the_most() -> None:
    policy = Policy.of(refresh=lambda value: value, jitter="30s")
    assert policy.fresh_until(NOW, "10m", 1.0) == NOW + 570
    assert policy.fresh_until(NOW, "20s", 1.0) == NOW + 10


def test_jitter_comes_behind_a_scheduled_time_and_long_before_the_next() -> None:
    hourly = Policy.of(schedule="0 * * * *", jitter="2m")
    at_22_33 = 1_700_001_200.0  # 2023-11-14T22:33:20Z
    assert hourly.fresh_until(at_22_33, None, 0.0) == 1_700_002_800  # 23:00
    assert hourly.fresh_until(at_22_33, None, 1.0) == 1_700_002_920
    assert Policy.of(schedule="0 * * * *", jitter="3h").fresh_until(at_22_33, None, 1.0) == 1_700_002_800 + 1800
    assert Policy.of(schedule="0 * * * *", jitter="10%").fresh_until(at_22_33, None, 1.0) == 1_700_002_800 + 360


def test_a_schedule_has_no_jitter_by_itself() -> None:
    policy = Policy.of(schedule="0 * * * *")
    assert policy.fresh_until(NOW, None, 0.0) == policy.fresh_until(NOW, None, 1.0)


@given(moments, lengths, lengths, st.floats(0, 0.5), chances)
def test_a_refresh_is_never_later_than_the_end(
    loaded_at: float, one_s: float, other_s: float, jitter: float, chance: float
) -> None:
    policy = Policy.of(refresh=min(one_s, other_s), keep=max(one_s, other_s), jitter=jitter)
    ttl = policy.ttl(loaded_at, None)
    assert ttl is not None
    assert loaded_at < policy.fresh_until(loaded_at, None, chance) <= ttl


@given(moments, st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.sampled_from(["0s", "30s", "1h"]), chances)
def test_nor_when_values_tell_it(loaded_at: float, refresh: float, keep: float, jitter: str, chance: float) -> None:
    policy = Policy.of(refresh=lambda value: value[0], keep=lambda value: value[1], jitter=jitter)
    ttl = policy.ttl(loaded_at, (refresh, keep))
    assert ttl is not None
    assert loaded_at < policy.fresh_until(loaded_at, (refresh, keep), chance) <= ttl


@settings(deadline=None)
@given(moments, st.sampled_from(["*/5 * * * *", "0 6 * * *"]), st.sampled_from(["0s", "10m"]), lengths, chances)
def test_nor_with_a_schedule(loaded_at: float, schedule: str, jitter: str, keep: float, chance: float) -> None:
    policy = Policy.of(schedule=schedule, jitter=jitter, keep=lambda value: keep)
    ttl = policy.ttl(loaded_at, None)
    assert ttl is not None
    assert loaded_at < policy.fresh_until(loaded_at, None, chance) <= ttl


# -- per entry -----------------------------------------------------------------------------------------------------


def test_a_value_tells_how_long_it_is_fresh_and_kept() -> None:
    policy = Policy.of(refresh=lambda page: page["max_age"], keep=lambda page: page.get("keep"), jitter=0)
    assert policy.fresh_until(NOW, {"max_age": 30}, 0.5) == NOW + 30
    assert policy.fresh_until(NOW, {"max_age": "2h"}, 0.5) == NOW + 7200
    assert policy.ttl(NOW, {"max_age": 30}) is None
    assert policy.ttl(NOW, {"max_age": 30, "keep": timedelta(days=2)}) == NOW + 2 * DAY_S


# A source that says 0, or a time that is over, is not to be asked without a pause.
@pytest.mark.parametrize("told", [0, -60, "0", 0.001])
def test_a_value_that_is_fresh_for_no_time_is_fresh_for_a_second(told: Any) -> None:
    assert Policy.of(refresh=lambda value: value, jitter=0).fresh_until(NOW, told, 0.5) == NOW + 1


def test_a_value_that_is_kept_for_a_shorter_time_is_refreshed_by_then() -> None:
    policy = Policy.of(refresh="10m", keep=lambda value: "1m", jitter=0)
    assert policy.fresh_until(NOW, None, 0.5) == NOW + 60


# -- early refresh -------------------------------------------------------------------------------------------------


# Of readers at a time t before the end, exp(-t / (load * beta)) are to refresh: the paper's -log(U) is exponential.
@pytest.mark.parametrize("early", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("before_s", [0.1, 1, 3, 10])
def test_the_share_of_readers_who_refresh_early_is_that_of_the_formula(early: float, before_s: float) -> None:
    policy, load_s = Policy.of(early=early), 2.0
    early_ones = sum(policy.refreshes_early(NOW - before_s, NOW, load_s, chance) for chance in CHANCES)
    assert early_ones / len(CHANCES) == pytest.approx(math.exp(-before_s / (load_s * early)), abs=2 / len(CHANCES))


def test_nobody_refreshes_early_unless_asked_to() -> None:
    assert not any(Policy.of().refreshes_early(NOW - 0.001, NOW, 60.0, chance) for chance in CHANCES)


def test_a_load_that_takes_no_time_needs_no_start() -> None:
    assert not any(Policy.of(early=1).refreshes_early(NOW - 1, NOW, 0.0, chance) for chance in CHANCES)


@given(moments, st.floats(0, 1e5), st.floats(0, 1e3), chances)
def test_the_nearer_the_end_the_likelier(now: float, before_s: float, load_s: float, chance: float) -> None:
    policy = Policy.of(early=1.0)
    if policy.refreshes_early(now, now + before_s, load_s, chance):
        assert policy.refreshes_early(now, now + before_s / 2, load_s, chance)


# -- kept warm -----------------------------------------------------------------------------------------------------


def test_always_and_never() -> None:
    always, never = Policy.of(keep_warm="always"), Policy.of(keep_warm="never")
    assert (always.sets_timers, never.sets_timers) == (True, False)
    assert not always.lets_go(None, NOW, NOW + 600, NOW + 48 * 3600)
    assert never.lets_go(NOW + 599, NOW, NOW + 600, NOW + 600)
    assert not always.notes_read(None, NOW, 600)


# Refreshed each ten minutes; one who reads at any moment of a period may have been noted at its beginning only.
def test_an_entry_that_was_read_in_the_last_periods_is_not_let_go() -> None:
    policy = Policy.of(refresh="10m", jitter=0, keep_warm="while-read", idle_periods=3)
    noted_at = NOW
    for period in range(1, 4):
        loaded_at = NOW + 600 * (period - 1)
        assert not policy.lets_go(noted_at, loaded_at, loaded_at + 600, loaded_at + 600), period
    loaded_at = NOW + 600 * 3
    assert policy.lets_go(noted_at, loaded_at, loaded_at + 600, loaded_at + 600)


def test_without_a_note_the_load_counts() -> None:
    policy = Policy.of(refresh="10m", keep_warm="while-read", idle_periods=2)
    assert not policy.lets_go(None, NOW, NOW + 600, NOW + 601)
    assert policy.lets_go(None, NOW, NOW + 600, NOW + 1800)


@given(st.lists(st.floats(0, 300), min_size=1, max_size=50), st.integers(1, 4))
def test_reads_are_noted_once_a_period_and_none_is_let_go_too_soon(pauses: list[float], idle_periods: int) -> None:
    policy = Policy.of(keep_warm="while-read", idle_periods=idle_periods)
    period_s, now, noted = 100.0, NOW, [NOW]
    for pause_s in pauses:
        now += pause_s
        if policy.notes_read(noted[-1], now, period_s):
            noted.append(now)
    assert all(after - before >= period_s for before, after in itertools.pairwise(noted))
    last_read, soon_enough = now, now + idle_periods * period_s - 0.001
    assert not policy.lets_go(noted[-1], soon_enough - period_s, soon_enough, soon_enough)
    late = last_read + (idle_periods + 1) * period_s
    assert policy.lets_go(noted[-1], late - period_s, late, late)


# -- negative entries ----------------------------------------------------------------------------------------------


def test_that_there_is_nothing_is_kept_for_its_own_time() -> None:
    policy = Policy.of(refresh="10m", negative="1m", jitter="10%")
    assert [policy.negative_until(NOW, chance) for chance in (0.0, 1.0)] == [NOW + 60, NOW + 54]


# -- one function's own --------------------------------------------------------------------------------------------


def test_a_function_has_settings_of_its_own() -> None:
    common = Policy.of(refresh="10m", keep="2h", jitter=0, negative="1m")
    own = common.but(refresh="1m", negative=None)
    assert own.fresh_until(NOW, None, 0.5) == NOW + 60
    assert own.ttl(NOW, None) == NOW + 7200
    assert own.negative_until(NOW, 0.5) is None
    assert common.fresh_until(NOW, None, 0.5) == NOW + 600


def test_its_schedule_takes_the_place_of_the_refresh_and_the_other_way_round() -> None:
    scheduled = Policy.of(refresh="10m", jitter=0).but(schedule="0 6 * * *", zone="Europe/Berlin")
    assert scheduled.fresh_until(1_772_863_200.0, None, 0.5) == 1_772_863_200.0 + 23 * 3600  # 6:00 there is 5:00Z
    again = scheduled.but(refresh="1m")
    assert again.fresh_until(NOW, None, 0.5) == NOW + 60


def test_every_setting_reaches_the_policy() -> None:
    every = Settings(
        refresh="10m",
        keep="1h",
        jitter="1m",
        early=1.5,
        negative="2m",
        backoff="2s..4m",
        keep_warm="while-read",
        idle_periods=5,
        lease="90s",
        max_bytes="300KB",
        compress_above=1000,
        gap=False,
    )
    policy = Policy.of(**every)
    assert (policy.refresh_s, policy.keep_s, policy.jitter_share, policy.jitter_s) == (600, 3600, 0, 60)
    assert (policy.early, policy.negative_s, policy.first_retry_s, policy.last_retry_s) == (1.5, 120, 2, 240)
    assert (policy.keep_warm, policy.idle_periods, policy.lease_s) == ("while-read", 5, 90)
    assert (policy.max_bytes, policy.compress_above, policy.gap) == (307_200, 1000, False)
