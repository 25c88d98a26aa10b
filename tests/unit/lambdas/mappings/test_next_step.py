"""The rules of "Retries for DynamoDB stream events" in the Lambda developer guide, and what was recorded on AWS."""

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.lambdas.mappings.batch import Batch
from everwarm.lambdas.mappings.next_step import (
    Commit,
    Condition,
    GiveUp,
    Outcome,
    Result,
    Retry,
    Step,
    age_limit_s,
    backoff_s,
    drop_expired,
    next_step,
)
from everwarm.lambdas.mappings.settings import MappingSettings
from tests.unit.lambdas.mappings.fake_stream import places, record

NOW = 1_700_000_000.0
HOUR_S = 3600.0

OK = Outcome(Result.OK)
FUNCTION_ERROR = Outcome(Result.FUNCTION_ERROR, "ValueError: no")
NOT_STARTED = Outcome(Result.NOT_STARTED, "throttled")


def batch(*places: int, created_s: float = NOW) -> Batch:
    return Batch(tuple(record(place, created_s) for place in places))


def calls_until_given_up(settings: MappingSettings, outcome: Outcome, jitter: float = 0.5) -> tuple[int, Condition]:
    """Call a batch, as the loop does, until it is let go: the number of calls, and why."""
    sent, now = batch(1, 2), NOW
    for calls in range(1, 100_000):
        step: Step = next_step(sent, outcome, settings, now, jitter)
        if isinstance(step, GiveUp):
            return calls, step.condition
        assert isinstance(step, Retry)
        now += step.after_s
        if drop_expired(step.batches[0], now, age_limit_s(settings, tried=True))[1] is None:
            return calls, Condition.RECORD_AGE_EXCEEDED
        (sent,) = step.batches
    raise AssertionError("retried for ever")


def test_success_moves_the_position_to_the_last_record() -> None:
    assert next_step(batch(1, 2, 3), OK, MappingSettings(), NOW, 0.5) == Commit()


# Recorded: with 1 the failure record says 2 calls, with 3 it says 4.
@pytest.mark.parametrize(("retries", "calls"), [(0, 1), (1, 2), (3, 4)])
def test_n_retries_come_after_the_first_call(retries: int, calls: int) -> None:
    settings = MappingSettings(maximum_retry_attempts=retries)
    assert calls_until_given_up(settings, FUNCTION_ERROR) == (calls, Condition.RETRY_ATTEMPTS_EXHAUSTED)


def test_a_batch_that_is_given_up_says_how_often_it_was_called() -> None:
    step = next_step(batch(1), FUNCTION_ERROR, MappingSettings(maximum_retry_attempts=0), NOW, 0.5)
    assert isinstance(step, GiveUp)
    assert step.batch.attempts == 1


def test_a_retry_sends_the_same_records() -> None:
    sent = batch(1, 2)
    step = next_step(sent, FUNCTION_ERROR, MappingSettings(), NOW, 0.5)
    assert isinstance(step, Retry)
    assert step.batches == (replace(sent, attempts=1),)


# A throttle or a lack of workers is not the function's fault: it uses up no attempts, but the records still age.
def test_a_call_that_never_started_is_no_attempt() -> None:
    settings = MappingSettings(maximum_retry_attempts=0, maximum_record_age_s=60)
    step = next_step(batch(1), NOT_STARTED, settings, NOW, 0.5)
    assert isinstance(step, Retry)
    assert step.batches[0].attempts == 0
    assert calls_until_given_up(settings, NOT_STARTED)[1] is Condition.RECORD_AGE_EXCEEDED


# Recorded on AWS (a Kinesis mapping, whose poller is of the same family).
def test_a_maximum_age_of_60_s_allows_8_calls() -> None:
    settings = MappingSettings(maximum_record_age_s=60)
    assert calls_until_given_up(settings, FUNCTION_ERROR) == (8, Condition.RECORD_AGE_EXCEEDED)


def test_without_limits_a_batch_is_retried_until_it_expires_from_the_stream() -> None:
    calls, condition = calls_until_given_up(MappingSettings(), FUNCTION_ERROR, jitter=1.0)
    assert condition is Condition.RECORD_AGE_EXCEEDED
    assert calls > 24 * 60  # a day, at one call a minute or more


# A maximum age may be set to a week, but the stream forgets after a day.
def test_retries_never_outlive_the_stream() -> None:
    old = batch(1, created_s=NOW - 25 * HOUR_S)
    step = next_step(old, FUNCTION_ERROR, MappingSettings(maximum_record_age_s=604_800), NOW, 0.5)
    assert isinstance(step, GiveUp)
    assert step.condition is Condition.RECORD_AGE_EXCEEDED


# Nothing ran for a day: what the stream still has is delivered.
def test_a_record_that_was_never_sent_has_no_age_limit_of_its_own() -> None:
    assert age_limit_s(MappingSettings(), tried=False) == inf
    assert age_limit_s(MappingSettings(maximum_record_age_s=60), tried=False) == 60


# Recorded on AWS (Kinesis): a batch whose head is too old loses the head only.
def test_only_the_old_head_is_dropped() -> None:
    mixed = Batch((record(1, NOW - 100), record(2, NOW - 61), record(3, NOW - 60), record(4, NOW)), attempts=2)
    too_old, rest = drop_expired(mixed, NOW, 60)
    assert too_old is not None
    assert rest is not None
    assert (places(too_old.records), places(rest.records), rest.attempts) == ([1, 2], [3, 4], 2)


def test_dropping_may_take_all_or_nothing() -> None:
    assert drop_expired(batch(1, 2), NOW + 61, 60) == (batch(1, 2), None)
    assert drop_expired(batch(1, 2), NOW + 60, 60) == (None, batch(1, 2))


@given(st.integers(1, 100_000), st.floats(0, 1))
def test_a_pause_is_never_longer_than_a_minute_and_at_most_halved_by_chance(failures: int, jitter: float) -> None:
    full = backoff_s(failures, 1.0)
    assert 0.5 <= full <= 60
    assert full / 2 <= backoff_s(failures, jitter) <= full


def test_pauses_double() -> None:
    assert [backoff_s(failures, 1.0) for failures in (1, 2, 3, 7, 8, 9)] == [0.5, 1.0, 2.0, 32.0, 60.0, 60.0]


# Nobody is called every half a second for a day because there is no worker for it.
def test_pauses_grow_with_calls_that_never_started_too() -> None:
    sent = Batch((record(1),), attempts=1, not_started=2)
    step = next_step(sent, NOT_STARTED, MappingSettings(), NOW, 1.0)
    assert isinstance(step, Retry)
    assert step.after_s == 4.0
