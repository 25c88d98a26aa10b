"""When a call that nobody waits for is tried again, and when it is given up: the pure rules."""

import pytest

from everwarm.lambdas.async_calls import AsyncCall

CALL = AsyncCall("f", b"{}", "id", taken_s=1000.0, due_s=1000.0)


def test_retries_come_after_one_and_two_minutes() -> None:
    once = CALL.after_function_error(2000.0)
    assert (once.attempts, once.due_s) == (1, 2060.0)
    twice = once.after_function_error(3000.0)
    assert (twice.attempts, twice.due_s) == (2, 3120.0)


@pytest.mark.parametrize(
    ("attempts", "settings", "over"),
    [
        (2, {}, None),
        (3, {}, "RetriesExhausted"),
        (1, {"MaximumRetryAttempts": 0}, "RetriesExhausted"),
        (1, {"MaximumRetryAttempts": 1}, None),
    ],
)
def test_retries_come_to_an_end(attempts: int, settings: dict[str, int], over: str | None) -> None:
    call = CALL
    for _ in range(attempts):
        call = call.after_function_error(1000.0)
    assert call.over(settings, 1000.0) == over


def test_what_did_not_reach_the_function_is_tried_ever_more_rarely_and_uses_up_no_retry() -> None:
    call, pauses = CALL, []
    for _ in range(12):
        call = call.after_no_start(0.0)
        pauses.append(call.due_s)
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert call.attempts == 0
    assert call.after_function_error(0.0).after_no_start(0.0).due_s == 1


@pytest.mark.parametrize(
    ("settings", "age_s", "over"),
    [
        ({}, 21_600, None),
        ({}, 21_601, "EventAgeExceeded"),
        ({"MaximumEventAgeInSeconds": 60}, 60, None),
        ({"MaximumEventAgeInSeconds": 60}, 61, "EventAgeExceeded"),
    ],
)
def test_an_event_gets_too_old(settings: dict[str, int], age_s: float, over: str | None) -> None:
    assert CALL.over(settings, 1000.0 + age_s) == over


def test_it_survives_the_disk() -> None:
    call = AsyncCall("f", b'"\xc3\xa9"', "id", 1.5, 2.5, attempts=1, not_started=2, client_context="{}", depth=3)
    assert AsyncCall.from_record(call.to_record()) == call
