"""Section 4 of what is known of event source mappings: failure, retry, blocking."""

from collections.abc import Iterator

import pytest

from everwarm.lambdas.mappings.lanes import lane_of
from tests.stack.support import eventually
from tests.wire.mapped import Mapped, Triggered, running

FAILS_WITH_BAD = "if 'bad' in keys(event): raise ValueError('no good')"

FUNCTIONS = {
    "once": Triggered("maximumRetryAttempts: 1", "raise ValueError('no good')"),
    "thrice": Triggered("maximumRetryAttempts: 3", "raise ValueError('no good')"),
    "patient": Triggered("batchSize: 100", "if call < 4: raise ValueError('not yet')"),
    "blocked": Triggered("batchSize: 1", "if 'bad' in keys(event) and not os.path.exists('ok'): raise ValueError"),
    "lanes": Triggered("batchSize: 1, parallelizationFactor: 10", FAILS_WITH_BAD),
    "halved": Triggered("batchSize: 100, bisectBatchOnFunctionError: true, maximumRetryAttempts: 1", FAILS_WITH_BAD),
    "throttled": Triggered("maximumRetryAttempts: 0, maximumRecordAgeInSeconds: 60", more="reservedConcurrency: 0"),
    "aged": Triggered("batchSize: 1, maximumRecordAgeInSeconds: 60", FAILS_WITH_BAD),
    "headless": Triggered("batchSize: 100, batchWindow: 70, maximumRecordAgeInSeconds: 60"),
    "forever": Triggered("batchSize: 100", "raise ValueError('never')"),
}


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    with running(tmp_path_factory.mktemp("project"), FUNCTIONS) as mapped:
        yield mapped


@pytest.mark.parametrize(("function", "calls"), [("once", 2), ("thrice", 4)])
def test_n_retries_come_after_the_first_call(mapped: Mapped, function: str, calls: int) -> None:
    """Section 1, row "MaximumRetryAttempts"; section 4, row "Attempts": 1 gives an invoke count of 2, 3 gives 4."""
    mapped.put(function, "a", "b")
    (kept,) = mapped.given_up(function)
    assert mapped.sent(function) == [["a", "b"]] * calls
    assert (kept.condition, kept.records, kept.attempts) == ("RetryAttemptsExhausted", 2, calls)
    assert kept.record["requestContext"]["approximateInvokeCount"] == calls


def test_a_function_error_is_retried_until_success_with_the_same_batch(mapped: Mapped) -> None:
    """Section 4, row "Function error", and below the table: "Each retry sends the same batch"."""
    mapped.put("patient", "a", "b")
    mapped.wait("patient", 1)
    mapped.put("patient", "c")
    assert mapped.wait("patient", 6, step_s=0.25) == [["a", "b"]] * 5 + [["c"]]


def test_a_batch_that_fails_blocks_its_shard(mapped: Mapped) -> None:
    """Section 4, row "What is blocked": with the defaults, the shard."""
    mapped.put("blocked", "bad")
    mapped.put("blocked", "good")
    assert mapped.wait("blocked", 4, step_s=0.25)[:4] == [["bad"]] * 4
    mapped.allow("ok")
    eventually(lambda: ["good"] in mapped.sent("blocked"), meanwhile=lambda: mapped.clock.advance(0.25))
    assert set(map(tuple, mapped.sent("blocked")[:-1])) == {("bad",)}


def test_with_parallel_batches_a_failing_one_blocks_its_lane_only(mapped: Mapped) -> None:
    """Section 4, row "What is blocked": with ParallelizationFactor, its lane."""
    mapped.put("lanes", "bad")
    mapped.wait("lanes", 1)
    good = [str(place) for place in range(30)]
    mapped.put("lanes", *good)
    blocked = {key for key in good if _lane(key) == _lane("bad")}
    eventually(lambda: {key for sent in mapped.sent("lanes") for key in sent} >= set(good) - blocked)
    assert {key for sent in mapped.sent("lanes") for key in sent} == {"bad", *good} - blocked


def _lane(key: str) -> int:
    return lane_of({"dynamodb": {"Keys": {"pk": {"S": key}}}}, "pk", 10)


def test_bisecting_finds_the_record_that_fails(mapped: Mapped) -> None:
    """Section 1, row "BisectBatchOnFunctionError"; section 4, row "Bisect"."""
    mapped.put("halved", "a", "b", "bad", "d", "e", "f", "g", "h")
    (kept,) = mapped.given_up("halved")
    assert (kept.records, kept.condition) == (1, "RetryAttemptsExhausted")
    assert mapped.wait("halved", 8, step_s=0.25) == [
        ["a", "b", "bad", "d", "e", "f", "g", "h"],
        ["a", "b", "bad", "d"],
        ["a", "b"],
        ["bad", "d"],
        ["bad"],
        ["bad"],
        ["d"],
        ["e", "f", "g", "h"],
    ]


def test_an_error_before_the_function_ran_is_no_attempt(mapped: Mapped) -> None:
    """Section 4, row "Error before the function ran": retried, though no retries are allowed, until it is too old."""
    mapped.put("throttled", "a")
    eventually(lambda: mapped.ended["shop-dev-throttled"] >= 3, meanwhile=lambda: mapped.clock.advance(0.25))
    assert mapped.sent("throttled") == []
    (kept,) = mapped.given_up("throttled", step_s=2)
    assert kept.condition == "RecordAgeExceeded"
    assert kept.record["requestContext"]["approximateInvokeCount"] == 1
    assert mapped.sent("throttled") == []


def test_a_record_that_is_too_old_is_given_up_and_the_next_one_sent(mapped: Mapped) -> None:
    """Section 1, row "MaximumRecordAgeInSeconds"; section 4, rows "Backoff formula" and "Record too old before its
    first call": invoke count 1."""
    mapped.put("aged", "bad")
    mapped.put("aged", "waits")
    first, second = mapped.given_up("aged", 2)
    calls = mapped.sent("aged")
    assert set(map(tuple, calls)) == {("bad",)}
    assert 6 <= len(calls) <= 14  # 8 on AWS; ours depend on chance
    assert [kept.condition for kept in (first, second)] == ["RecordAgeExceeded"] * 2
    assert second.record["requestContext"]["approximateInvokeCount"] == 1
    assert "responseContext" not in second.record
    mapped.put("aged", "fresh")
    assert mapped.wait("aged", len(calls) + 1)[-1] == ["fresh"]


def test_only_the_old_head_of_a_batch_is_dropped(mapped: Mapped) -> None:
    """Section 4, row "Batch whose head is too old"."""
    mapped.put("headless", "old", "old too")
    before = mapped.clock.now()
    mapped.clock.advance(30)
    mapped.put("headless", "young")
    (kept,) = mapped.given_up("headless", step_s=1)
    assert (kept.condition, kept.records) == ("RecordAgeExceeded", 2)
    assert mapped.wait("headless", 1) == [["young"]]
    assert mapped.clock.now() >= before + 70


def test_with_no_limits_a_batch_is_given_up_when_its_record_expires(mapped: Mapped) -> None:
    """Section 4, rows "Function error" and "What is blocked": with defaults a poison batch blocks up to 24 h."""
    mapped.put("forever", "a")
    mapped.wait("forever", 3, step_s=0.25)
    mapped.clock.advance(23 * 3600)
    calls = len(mapped.sent("forever"))
    mapped.wait("forever", calls + 1, step_s=1)
    assert not [kept for kept in mapped.stack.failures if kept.function_name == "shop-dev-forever"]
    mapped.clock.advance(3600)
    (kept,) = mapped.given_up("forever", step_s=10)
    assert (kept.condition, kept.records) == ("RecordAgeExceeded", 1)
