"""What the demo counts, and when it calls itself a success."""

import pytest

from everwarm.cli.demo_state import DemoState
from everwarm.dynamodb.ttl.sweeper import Expired
from everwarm.lambdas.mappings.next_step import Outcome, Result
from everwarm.stream_record import Record

OK = Outcome(Result.OK)
FAILED = Outcome(Result.FUNCTION_ERROR, "NotLoaded: 1 of 1 not loaded")


def expiry(name: str, late_ms: float = 1.0) -> Expired:
    return Expired("rates", {"content": {"S": name}}, 1_700_000_000, 1_700_000_000 + late_ms / 1000)


def record(name: str, event: str = "REMOVE") -> Record:
    return {"eventName": event, "dynamodb": {"Keys": {"content": {"S": name}}}}


@pytest.fixture
def state() -> DemoState:
    return DemoState()


def test_an_expiry_that_is_answered_by_a_refresh_is_a_success(state: DemoState) -> None:
    state.expired([expiry("EUR/USD", late_ms=2.5)])
    state.called("main", [record("EUR/USD")], OK)
    assert (state.expirations, state.refreshes, state.failures) == (1, 1, 0)
    assert state.new_events() == ["expired    EUR/USD, 2.5 ms after its second", "refreshed  EUR/USD"]
    assert state.succeeded


def test_nothing_expired_is_no_success(state: DemoState) -> None:
    assert state.settled.is_set()
    assert not state.succeeded


def test_an_entry_that_is_not_back_is_no_success(state: DemoState) -> None:
    state.expired([expiry("EUR/USD"), expiry("EUR/JPY")])
    state.called("main", [record("EUR/USD")], OK)
    assert not state.settled.is_set()
    assert not state.succeeded


# A retry may put it right in the end, but the demo says "nothing failed".
def test_a_failed_call_is_no_success_even_if_its_retry_is(state: DemoState) -> None:
    state.expired([expiry("EUR/USD")])
    state.called("main", [record("EUR/USD")], FAILED)
    assert not state.settled.is_set()
    state.called("main", [record("EUR/USD")], OK)
    assert (state.refreshes, state.failures) == (1, 1)
    assert state.settled.is_set()
    assert not state.succeeded
    assert "failed     NotLoaded: 1 of 1 not loaded" in state.new_events()


# The function's own puts come by as INSERT and MODIFY records.
def test_only_removals_are_refreshes(state: DemoState) -> None:
    state.called("main", [record("EUR/USD", "INSERT"), record("EUR/USD", "MODIFY")], OK)
    assert state.refreshes == 0


# With many entries something is always on its way; the end must not wait for what expires after it.
def test_after_the_end_only_what_had_expired_is_waited_for(state: DemoState) -> None:
    state.expired([expiry("EUR/USD")])
    state.end()
    state.expired([expiry("EUR/JPY")])
    state.called("main", [record("EUR/JPY")], OK)
    assert not state.settled.is_set()
    state.called("main", [record("EUR/USD")], OK)
    assert (state.expirations, state.refreshes) == (1, 1)
    assert state.succeeded


def test_events_are_told_once(state: DemoState) -> None:
    state.expired([expiry("EUR/USD")])
    assert len(state.new_events()) == 1
    assert state.new_events() == []


def test_lateness_is_unknown_before_the_first_deletion(state: DemoState) -> None:
    late = state.lateness()
    assert (late.p50_ms, late.p99_ms, late.max_ms) == (None, None, None)


# Nearest rank: the 50th and the 99th of a hundred.
def test_lateness_by_nearest_rank(state: DemoState) -> None:
    state.expired([expiry("EUR/USD", late_ms=float(ms)) for ms in range(100, 0, -1)])
    late = state.lateness()
    assert late.p50_ms == pytest.approx(50, abs=0.01)
    assert late.p99_ms == pytest.approx(99, abs=0.01)
    assert late.max_ms == pytest.approx(100, abs=0.01)


def test_lateness_of_a_single_deletion(state: DemoState) -> None:
    state.expired([expiry("EUR/USD", late_ms=3.0)])
    late = state.lateness()
    assert late.p50_ms == late.p99_ms == late.max_ms == pytest.approx(3, abs=0.01)
