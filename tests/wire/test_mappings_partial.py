"""Section 5 of what is known of event source mappings: ReportBatchItemFailures."""

from collections.abc import Iterator

import pytest

from tests.wire.mapped import Mapped, Triggered, running

ON = "batchSize: 100, functionResponseType: ReportBatchItemFailures, maximumRetryAttempts: 1"

SUCCESSES = {
    "nothing": "None",
    "object": "{}",
    "list": "[]",
    "text": "''",
    "no_failures": "{'batchItemFailures': []}",
    "null_failures": "{'batchItemFailures': None}",
    "something_else": "{'statusCode': 200}",
}

WHOLE = {
    "empty_identifier": "{'itemIdentifier': ''}",
    "null_identifier": "{'itemIdentifier': None}",
    "no_identifier": "{}",
    "wrong_name": "{'foo': number_of(event, 'b')}",
    "unknown_identifier": "{'itemIdentifier': '1'}",
    "event_id": "{'itemIdentifier': event['Records'][1]['eventID']}",
}

FUNCTIONS = {
    **{name: Triggered(ON, f"return {answer}") for name, answer in SUCCESSES.items()},
    **{name: Triggered(ON, f"return {{'batchItemFailures': [{entry}]}}") for name, entry in WHOLE.items()},
    "raising": Triggered(ON, "raise ValueError('no good')"),
    "lowest": Triggered(ON, "return failures(event, 'd', 'b', 'c') if call == 0 else None"),
    "ignored": Triggered("batchSize: 100", "return failures(event, 'b')"),
    "stubborn": Triggered(ON.replace(": 1", ": 3"), "return failures(event, 'bad')"),
    "split": Triggered(
        f"{ON}, bisectBatchOnFunctionError: true", "return failures(event, 'cd'[call]) if call < 2 else 1"
    ),
    "halved": Triggered(f"{ON}, bisectBatchOnFunctionError: true", "if call == 0: raise ValueError('no good')"),
}


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    with running(tmp_path_factory.mktemp("project"), FUNCTIONS) as mapped:
        for name in FUNCTIONS:
            mapped.put(name, "a", "b", "c", "d", "bad")
        yield mapped


ALL = ["a", "b", "c", "d", "bad"]


@pytest.mark.parametrize("function", SUCCESSES)
def test_success(mapped: Mapped, function: str) -> None:
    """Rows "null, {}, [], empty string" and "batchItemFailures empty or null"."""
    mapped.wait(function, 1)
    mapped.put(function, "next")
    assert mapped.wait(function, 2) == [ALL, ["next"]]


@pytest.mark.parametrize("function", WHOLE)
def test_the_whole_batch_failed(mapped: Mapped, function: str) -> None:
    """Row "itemIdentifier empty, null, missing, wrongly named, or unknown": functionError is null."""
    (kept,) = mapped.given_up(function)
    assert mapped.sent(function) == [ALL, ALL]
    assert (kept.records, kept.condition) == (5, "RetryAttemptsExhausted")
    assert kept.record["responseContext"]["functionError"] is None


def test_an_unhandled_exception(mapped: Mapped) -> None:
    """Row "unhandled exception": the whole batch failed; functionError "Unhandled"."""
    (kept,) = mapped.given_up("raising")
    assert mapped.sent("raising") == [ALL, ALL]
    assert kept.record["responseContext"]["functionError"] == "Unhandled"


def test_the_lowest_identifier_is_the_checkpoint(mapped: Mapped) -> None:
    """Row "one or several valid identifiers": all from it on is sent again, later successes included."""
    assert mapped.wait("lowest", 2, step_s=0.25) == [ALL, ["b", "c", "d", "bad"]]


def test_without_the_feature_the_answer_is_ignored(mapped: Mapped) -> None:
    """Row "feature not enabled on the mapping"; section 1, row "FunctionResponseTypes"."""
    mapped.wait("ignored", 1)
    mapped.put("ignored", "next")
    assert mapped.wait("ignored", 2) == [ALL, ["next"]]


def test_the_retry_limit_names_the_one_record_that_is_left(mapped: Mapped) -> None:
    """Below the table: batchSize 1, start and end the same sequence number, invoke count 4."""
    (kept,) = mapped.given_up("stubborn")
    assert mapped.sent("stubborn") == [ALL, ["bad"], ["bad"], ["bad"]]
    assert (kept.records, kept.first, kept.attempts) == (1, kept.last, 4)
    assert kept.record["DDBStreamBatchInfo"]["batchSize"] == 1
    assert kept.record["requestContext"]["approximateInvokeCount"] == 4


def test_with_bisecting_it_is_split_at_the_reported_number(mapped: Mapped) -> None:
    """Row "with bisect on, partial response": only the rest is retried; one retry is allowed, and two were made."""
    assert mapped.wait("split", 3, step_s=0.25) == [ALL, ["c", "d", "bad"], ["d", "bad"]]


def test_with_bisecting_a_function_error_halves(mapped: Mapped) -> None:
    """Row "with bisect on, function error": ordinary bisecting."""
    assert mapped.wait("halved", 3, step_s=0.25) == [ALL, ["a", "b"], ["c", "d", "bad"]]
