"""Bisecting and partial responses: what is sent again, and how often."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everwarm.lambdas.mappings.batch import Batch
from everwarm.lambdas.mappings.next_step import Commit, Condition, GiveUp, Outcome, Result, Retry, next_step
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.runtime.replies import Reply
from tests.unit.lambdas.mappings.fake_stream import ERROR, Running, number, places, record
from tests.unit.lambdas.mappings.house import House

NOW = 1_700_000_000.0

batches = st.builds(
    lambda count, attempts: Batch(tuple(record(place) for place in range(count)), attempts),
    st.integers(1, 9),
    st.integers(0, 3),
)
policies = st.builds(
    MappingSettings, maximum_retry_attempts=st.integers(-1, 4), bisect_batch_on_function_error=st.booleans()
)


@given(batches, policies, st.sampled_from(Result), st.integers(0, 8))
def test_a_step_parts_the_batch(batch: Batch, settings: MappingSettings, result: Result, failed_from: int) -> None:
    """Whatever happens, each record is done, sent again or given up, and the order stays."""
    failed_from = failed_from % len(batch.records) if result is Result.PARTIAL else 0
    step = next_step(batch, Outcome(result, failed_from=failed_from), settings, NOW, 0.5)
    match step:
        case Commit():
            parts = [batch]
        case Retry(again, after_s, done):
            parts = [*([done] if done else []), *again]
            assert after_s > 0
        case GiveUp(given_up, _, done):
            parts = [*([done] if done else []), given_up]
            assert given_up.attempts > settings.maximum_retry_attempts
    assert [entry for part in parts for entry in part.records] == list(batch.records)


def named(*numbers: int) -> Reply:
    failures = [{"itemIdentifier": number(place)} for place in numbers]
    return Reply(orjson.dumps({"batchItemFailures": failures}), None, "request")


async def sent(house: House, settings: MappingSettings, count: int, pauses: int = 12) -> list[list[int]]:
    """What the function is called with, until it has answered all that it was told to and a while longer."""
    house.stream.put(count)
    async with Running(house.worker(settings).run):
        for _ in range(pauses):
            await house.advance(2)
    return house.function.sent


# The poisoned record is the third: it alone fails whatever it comes with.
async def test_bisecting_finds_the_record_that_fails() -> None:
    """Section 1, BisectBatchOnFunctionError; section 4, row "Bisect"."""
    house = House(ERROR, ERROR, Reply(b"null", None, "r"), ERROR, ERROR)
    how = MappingSettings(bisect_batch_on_function_error=True, maximum_retry_attempts=1)
    assert await sent(house, how, 4) == [[1, 2, 3, 4], [1, 2], [1], [2], [2], [3, 4]]
    assert [places(failed.batch.records) for failed in house.kept] == [[2]]
    assert [failed.batch.attempts for failed in house.kept] == [2]
    assert house.done() == 4


async def test_splitting_uses_up_no_attempts() -> None:
    """Section 4, row "Bisect": with no retries at all, a record is alone before it is given up."""
    house = House(*[ERROR] * 7)
    how = MappingSettings(bisect_batch_on_function_error=True, maximum_retry_attempts=0)
    assert await sent(house, how, 4) == [[1, 2, 3, 4], [1, 2], [1], [2], [3, 4], [3], [4]]
    assert [places(failed.batch.records) for failed in house.kept] == [[1], [2], [3], [4]]


async def test_a_partial_response_sends_the_rest_again() -> None:
    """Section 5, row "one or several valid identifiers": later successes are sent again, too."""
    house = House(named(4, 3))
    how = MappingSettings(report_batch_item_failures=True)
    assert await sent(house, how, 5) == [[1, 2, 3, 4, 5], [3, 4, 5]]


async def test_what_is_done_of_a_batch_is_remembered_at_once() -> None:
    house = House(named(3))
    house.stream.put(4)
    async with Running(house.worker(MappingSettings(report_batch_item_failures=True)).run):
        assert house.done() == 2


async def test_the_retry_limit_applies_to_partial_responses() -> None:
    """Section 5, "Recorded": with MaximumRetryAttempts 3 the failure record names the one record, invoke count 4."""
    house = House(named(5), named(5), named(5), named(5))
    how = MappingSettings(report_batch_item_failures=True, maximum_retry_attempts=3)
    assert await sent(house, how, 5) == [[1, 2, 3, 4, 5], [5], [5], [5]]
    (failed,) = house.kept
    assert (places(failed.batch.records), failed.batch.attempts) == ([5], 4)
    assert (failed.condition, failed.function_error) == (Condition.RETRY_ATTEMPTS_EXHAUSTED, None)
    assert house.done() == 5


async def test_with_bisecting_a_partial_response_splits_where_it_says() -> None:
    """Section 5, row "with bisect on, partial response": only the rest is retried, and splitting is no attempt."""
    house = House(named(3), named(4), named(4))
    how = MappingSettings(
        report_batch_item_failures=True, bisect_batch_on_function_error=True, maximum_retry_attempts=1
    )
    assert await sent(house, how, 5) == [[1, 2, 3, 4, 5], [3, 4, 5], [4, 5], [4, 5]]
    assert house.kept == []


async def test_with_bisecting_a_function_error_halves() -> None:
    """Section 5, row "with bisect on, function error"."""
    house = House(named(3), ERROR)
    how = MappingSettings(report_batch_item_failures=True, bisect_batch_on_function_error=True)
    assert await sent(house, how, 6) == [[1, 2, 3, 4, 5, 6], [3, 4, 5, 6], [3, 4], [5, 6]]


@pytest.mark.parametrize("answer", [named(9), Reply(b'{"batchItemFailures":[{}]}', None, "request")])
async def test_a_bad_identifier_sends_all_again(answer: Reply) -> None:
    """Section 5, row "itemIdentifier empty, null, missing, wrongly named, or unknown"."""
    house = House(answer)
    assert await sent(house, MappingSettings(report_batch_item_failures=True), 3) == [[1, 2, 3], [1, 2, 3]]
