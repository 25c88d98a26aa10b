from collections.abc import Callable

import pytest

from everwarm.serverless.check import Weight
from tests.unit.serverless.check.conftest import CODE, Found

Find = Callable[..., Found]

RETRIES = "          maximumRetryAttempts: 3\n"
BISECT = "          bisectBatchOnFunctionError: true\n"
DESTINATION = "          destinations: {onFailure: 'arn:aws:sqs:eu-west-1:123456789012:failures'}\n"


def test_a_project_with_nothing_to_say_about(found: Find) -> None:
    assert found().codes == []


# event-source-mapping.md, section 4: with defaults a poison batch blocks up to 24 h.
@pytest.mark.parametrize("retries", ["", RETRIES.replace("3", "-1")])
def test_retries_without_end(found: Find, retries: str) -> None:
    result = found((RETRIES, retries))
    assert result.codes == ["endless-retries"]
    assert result.line("endless-retries").startswith("maximumRetryAttempts: -1" if retries else "stream:")
    finding = result.only("endless-retries")
    assert (finding.weight, finding.fix) == (Weight.WARNING, "maximumRetryAttempts: 3")


def test_a_record_age_is_an_end_too(found: Find) -> None:
    assert found((RETRIES, "          maximumRecordAgeInSeconds: 3600\n")).codes == []


def test_nobody_is_told_of_what_was_given_up(found: Find) -> None:
    result = found((DESTINATION, ""))
    assert result.codes == ["no-destination"]
    assert result.line("no-destination").startswith("maximumRetryAttempts: 3")
    assert "arn: !GetAtt Failures.Arn" in result.only("no-destination").fix


# One of another stack, whose ARN nobody can tell here.
def test_somebody_is_told_who_is_not_known_here(found: Find) -> None:
    destination = "          destinations: {onFailure: {arn: !ImportValue failures, type: sqs}}\n"
    assert found((DESTINATION, destination)).codes == ["not-run-here"]


def test_without_an_end_nothing_is_given_up(found: Find) -> None:
    assert found((DESTINATION, ""), (RETRIES, "")).codes == ["endless-retries"]


@pytest.mark.parametrize("bisect", ["", BISECT.replace("true", "false")])
def test_batches_that_fail_as_a_whole(found: Find, bisect: str) -> None:
    result = found((BISECT, bisect))
    assert result.codes == ["no-bisect"]
    assert result.line("no-bisect").startswith("bisectBatchOnFunctionError" if bisect else "batchSize: 50")
    assert "50 records" in result.only("no-bisect").what


def test_a_batch_of_one_needs_no_bisecting(found: Find) -> None:
    assert found((BISECT, ""), ("batchSize: 50", "batchSize: 1")).codes == []


PARTIAL = "    return {'batchItemFailures': []}\n"
REPORT = "          functionResponseType: ReportBatchItemFailures\n"


# event-source-mapping.md, section 5: a body that nobody asked for is ignored, and the batch counts as success.
def test_an_answer_that_nobody_reads(found: Find) -> None:
    result = found(code=CODE + PARTIAL)
    assert result.codes == ["ignored-partial-response"]
    assert result.only("ignored-partial-response").fix == "functionResponseType: ReportBatchItemFailures"


def test_an_answer_that_is_read_needs_no_bisecting(found: Find) -> None:
    assert found((BISECT, REPORT), code=CODE + PARTIAL).codes == []


# Powertools for Lambda names them itself; a cache's handler: test_cache.py.
def test_an_answer_that_a_library_gives(found: Find) -> None:
    assert found((BISECT, REPORT), code=CODE + "processor = BatchProcessor(EventType.DynamoDBStreams)\n").codes == []


@pytest.mark.parametrize("code", [CODE, CODE + "# return {'batchItemFailures': []}\n"])
def test_an_answer_that_never_comes(found: Find, code: str) -> None:
    result = found((BISECT, REPORT), code=code)
    assert result.codes == ["unused-partial-response"]
    assert result.line("unused-partial-response").startswith("functionResponseType")


# event-source-mapping.md, section 8: the response must hold `state`, else the call counts as failed.
@pytest.mark.parametrize(("answer", "told"), [("    return {'state': event['state']}\n", False), ("", True)])
def test_a_window_without_a_state(found: Find, answer: str, told: bool) -> None:
    result = found((RETRIES, f"{RETRIES}          tumblingWindowInSeconds: 60\n"), code=CODE + answer)
    assert result.codes == (["no-window-state"] if told else [])
    if told:
        assert result.line("no-window-state") == "tumblingWindowInSeconds: 60"


# serverless-yml.md, section 1, "Quirks".
@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("batchSize: 0", "BatchSize is not 0 but 10"),
        ("maximumRecordAgeInSeconds: 0", "MaximumRecordAgeInSeconds is not 0 but no limit"),
        ("parallelizationFactor: 0", "ParallelizationFactor is not 0 but 1"),
    ],
)
def test_a_zero_that_is_passed_over(found: Find, setting: str, says: str) -> None:
    result = found(("batchSize: 50", setting))
    assert result.codes == ["zero-counts-as-absent"]
    assert result.line("zero-counts-as-absent") == setting
    assert says in result.only("zero-counts-as-absent").what


def test_a_mapping_among_the_resources_is_told_in_cloudformation_s_names(found: Find) -> None:
    mapping = (
        "    Reading:\n      Type: AWS::Lambda::EventSourceMapping\n      Properties:\n"
        "        FunctionName: !Ref OtherLambdaFunction\n        EventSourceArn: !GetAtt Orders.StreamArn\n"
        "        StartingPosition: TRIM_HORIZON\n"
    )
    result = found(("  main:\n", "  other: {handler: main.handler, timeout: 9}\n  main:\n"), more=mapping)
    assert sorted(result.codes) == ["endless-retries", "no-bisect", "own-writes"]
    assert result.line("endless-retries") == "Reading:"
    assert result.only("endless-retries").fix == "MaximumRetryAttempts: 3"
    assert result.only("no-bisect").what.startswith("the mapping Reading has batches of up to 100 records")
    assert "FilterCriteria:" in result.only("own-writes").fix
