"""When a load that has failed is tried again."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.cache.policies.policy import Policy

NOW = 1_700_000_000.0

chances = st.floats(0, 1)


@pytest.mark.parametrize(
    ("failures", "least_s", "most_s"),
    [(1, 1, 2), (2, 2, 4), (3, 4, 8), (4, 8, 16), (8, 128, 256), (9, 150, 300), (10, 150, 300), (10_000, 150, 300)],
)
def test_the_pause_doubles_up_to_the_longest(failures: int, least_s: float, most_s: float) -> None:
    policy = Policy.of(backoff="1s..5m")
    assert policy.retry_at(failures, NOW, 0.0) == NOW + least_s
    assert policy.retry_at(failures, NOW, 1.0) == NOW + most_s


def test_always_the_same_pause() -> None:
    policy = Policy.of(backoff="30s")
    assert {policy.retry_at(failures, NOW, 0.5) for failures in range(1, 9)} == {NOW + 30}


@given(st.floats(0.1, 1e3), st.floats(1, 1e4), st.integers(1, 80), chances)
def test_a_later_failure_never_waits_for_less_and_none_for_more_than_the_longest(
    first_s: float, times: float, failures: int, chance: float
) -> None:
    policy = Policy.of(backoff=f"{first_s:.3f}s..{first_s * times + 0.001:.3f}s")
    pause_s, next_s = (policy.retry_at(count, 0.0, chance) for count in (failures, failures + 1))
    assert round(policy.first_retry_s, 3) <= pause_s <= next_s <= round(policy.last_retry_s, 3)


@given(st.integers(1, 80))
def test_keys_that_failed_together_do_not_come_back_together(failures: int) -> None:
    policy = Policy.of(backoff="1s..5m")
    moments = [policy.retry_at(failures, NOW, number / 10) for number in range(11)]
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert min(gaps) == pytest.approx(max(gaps), abs=0.002)
    assert moments[-1] - moments[0] >= (moments[0] - NOW) * 0.99


def test_no_try_when_the_value_is_over_by_then() -> None:
    policy = Policy.of(backoff="10s..5m")
    assert policy.next_try(1, NOW, NOW + 60, 0.0) == NOW + 10
    assert policy.next_try(1, NOW, NOW + 10, 0.0) is None
    assert policy.next_try(1, NOW, NOW + 9, 0.0) is None
    assert policy.next_try(1, NOW, None, 0.0) == NOW + 10


# However long the source is down: tries end with the value, and are few.
@given(chances)
def test_tries_come_to_an_end(chance: float) -> None:
    policy = Policy.of(backoff="1s..5m")
    now, failures = NOW, 1
    while (moment := policy.next_try(failures, now, NOW + 86_400, chance)) is not None:
        now, failures = moment, failures + 1
    assert failures < 8 + 86_400 / 150 + 1
