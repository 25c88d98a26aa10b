"""What an answer says of its batch: section 5 of the reference, and the state of section 8."""

from typing import Any

import orjson
import pytest

from everwarm.lambdas.mappings.answers import outcome_of
from everwarm.lambdas.mappings.batch import Batch
from everwarm.lambdas.mappings.next_step import Outcome, Result
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.mappings.windows import Window
from everwarm.lambdas.runtime.replies import Reply
from tests.unit.lambdas.mappings.fake_stream import ERROR, number, record

BATCH = Batch((record(1), record(2), record(3)))
REPORTING = MappingSettings(report_batch_item_failures=True)


def said(answer: Any, batch: Batch = BATCH, settings: MappingSettings = REPORTING) -> Outcome:
    return outcome_of(Reply(orjson.dumps(answer), None, "request"), batch, settings)


def named(*identifiers: Any) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


@pytest.mark.parametrize("answer", [None, {}, [], "", {"statusCode": 200}])
def test_an_answer_without_failures_is_success(answer: Any) -> None:
    """Section 5, row "null, {}, [], empty string"."""
    assert said(answer) == Outcome(Result.OK, request_id="request")


@pytest.mark.parametrize("failures", [[], None])
def test_no_failures_are_success(failures: Any) -> None:
    """Section 5, row "batchItemFailures empty or null"."""
    assert said({"batchItemFailures": failures}).ok


@pytest.mark.parametrize(
    "failures",
    [
        [{"itemIdentifier": ""}],
        [{"itemIdentifier": None}],
        [{}],
        [{"foo": number(2)}],
        [{"itemIdentifier": number(4)}],
        [{"itemIdentifier": 2}],
        [{"itemIdentifier": number(2)}, {"itemIdentifier": "unknown"}],
        [number(2)],
        {"itemIdentifier": number(2)},
        "all",
    ],
)
def test_an_identifier_of_no_record_fails_the_whole_batch(failures: Any) -> None:
    """Section 5, row "itemIdentifier empty, null, missing, wrongly named, or unknown": functionError is null."""
    outcome = said({"batchItemFailures": failures})
    assert (outcome.result, outcome.function_error, outcome.request_id) == (Result.FUNCTION_ERROR, None, "request")


def test_an_unhandled_exception_fails_the_whole_batch() -> None:
    """Section 5, row "unhandled exception"."""
    outcome = outcome_of(ERROR, BATCH, REPORTING)
    assert (outcome.result, outcome.function_error) == (Result.FUNCTION_ERROR, "Unhandled")
    assert outcome.error == "ValueError: no"


def test_the_lowest_number_counts() -> None:
    """Section 5, row "one or several valid identifiers"."""
    outcome = said(named(number(3), number(2)))
    assert (outcome.result, outcome.failed_from, outcome.function_error) == (Result.PARTIAL, 1, None)


def test_without_the_feature_the_answer_is_nobodys_business() -> None:
    """Section 5, row "feature not enabled on the mapping"."""
    assert said(named(number(2)), settings=MappingSettings()).ok


WINDOW = Batch(BATCH.records, window=Window(1_700_000_000, 1_700_000_060))


@pytest.mark.parametrize("answer", [None, {}, [], {"state": None}, "state"])
def test_a_window_wants_a_state(answer: Any) -> None:
    """Section 8: "The response must hold state, else the call counts as failed"."""
    outcome = said(answer, WINDOW, MappingSettings(tumbling_window_s=60))
    assert (outcome.result, outcome.function_error) == (Result.FUNCTION_ERROR, None)


def test_a_windows_state_is_whatever_was_returned() -> None:
    outcome = said({"state": {"total": 3}}, WINDOW, MappingSettings(tumbling_window_s=60))
    assert outcome == Outcome(Result.OK, request_id="request", state=b'{"total":3}')


def test_a_window_may_name_failures_beside_its_state() -> None:
    settings = MappingSettings(tumbling_window_s=60, report_batch_item_failures=True)
    outcome = said({"state": {}, **named(number(2))}, WINDOW, settings)
    assert (outcome.result, outcome.failed_from, outcome.state) == (Result.PARTIAL, 1, b"{}")


CUT = b'"\\ud83d"'
"""Half an emoji, as JSON.stringify and json.dumps write a text that was cut."""


@pytest.mark.parametrize("beside", [CUT, b"NaN", b"-Infinity", b"123456789012345678901234567890"])
def test_failures_are_heard_beside_what_only_handlers_libraries_write(beside: bytes) -> None:
    """An answer that was not understood would count as success, and the record that it names would be lost."""
    payload = b'{"batchItemFailures":[{"itemIdentifier":"%s"}],"note":%s}' % (number(2).encode(), beside)
    outcome = outcome_of(Reply(payload, None, "request"), BATCH, REPORTING)
    assert (outcome.result, outcome.failed_from) == (Result.PARTIAL, 1)


@pytest.mark.parametrize("state", [CUT, b'{"last":103765540444329476096}', b'{"text":"\xc3\xa9"}'])
def test_a_state_comes_back_as_it_was(state: bytes) -> None:
    """Large integers, sequence numbers say, would lose digits as floats."""
    settings = MappingSettings(tumbling_window_s=60)
    outcome = outcome_of(Reply(b'{"state":%s}' % state, None, "request"), WINDOW, settings)
    assert outcome.state == state


def test_a_state_that_is_nested_too_deeply_is_none() -> None:
    payload = b'{"state":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    outcome = outcome_of(Reply(payload, None, "request"), WINDOW, MappingSettings(tumbling_window_s=60))
    assert outcome.result is Result.FUNCTION_ERROR


def test_an_error_can_be_written_down() -> None:
    """The failure store and the log have no place for half a surrogate pair."""
    payload = b'{"errorType":"ValueError","errorMessage":%s}' % CUT
    outcome = outcome_of(Reply(payload, "Unhandled", "request"), BATCH, REPORTING)
    assert outcome.error == "ValueError: ?"
