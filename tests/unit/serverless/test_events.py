from collections.abc import Callable

import pytest

from everwarm.errors import ProjectError
from everwarm.lambdas.mappings.settings import MappingSettings, StartingPosition
from everwarm.serverless import Project

Make = Callable[..., Project]
Fail = Callable[..., ProjectError]

RESOURCES = """
resources:
  Parameters:
    Given: {Type: String, Default: "arn:aws:dynamodb:eu-west-1:1:table/rates/stream/2024-01-01T00:00:00.000"}
  Resources:
    Rates:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: rates
        KeySchema: [{AttributeName: id, KeyType: HASH}]
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
    Still:
      Type: AWS::DynamoDB::Table
      Properties: {TableName: still, KeySchema: [], AttributeDefinitions: []}
"""


def events(*lines: str) -> str:
    """A file with one function; its first event stands in line 7, its `-` in column 7."""
    body = "".join(f"      {line}\n" for line in lines)
    return f"functions:\n  main:\n    handler: main.handler\n    events:\n{body}{RESOURCES}"


def stream(*settings: str) -> str:
    """A stream event; the first of the settings stands in line 10, column 11."""
    lines = [f"    {line}" for line in settings]
    return events("- stream:", "    type: dynamodb", "    arn: !GetAtt Rates.StreamArn", *lines)


def test_a_bare_stream_event_gets_the_framework_s_defaults(project: Make) -> None:
    (trigger,) = project(stream()).triggers
    assert (trigger.function_key, trigger.function_name) == ("main", "shop-dev-main")
    assert (trigger.table_name, trigger.table_logical_id) == ("rates", "Rates")
    # "Streams", Serverless Framework documentation: a batch of 10 from the oldest record on. The rest is AWS's.
    assert trigger.settings == MappingSettings(StartingPosition.TRIM_HORIZON, 10, 0, -1, -1, True)


def test_every_setting_reaches_its_place(project: Make) -> None:
    settings = ["batchSize: 500", "batchWindow: 5", "startingPosition: LATEST", "maximumRetryAttempts: 3"]
    settings += ["maximumRecordAgeInSeconds: '120'", "enabled: false"]
    (trigger,) = project(stream(*settings)).triggers
    assert trigger.settings == MappingSettings(StartingPosition.LATEST, 500, 5, 3, 120, False)


def test_zeros_that_the_framework_drops(project: Make) -> None:
    (trigger,) = project(stream("batchSize: 0", "maximumRecordAgeInSeconds: 0", "maximumRetryAttempts: 0")).triggers
    assert trigger.settings == MappingSettings(batch_size=10, maximum_retry_attempts=0)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:dynamodb:us-east-1:123456789012:table/rates/stream/2015-06-27T00:48:05.899",
        "!GetAtt Rates.StreamArn",
        "{'Fn::GetAtt': [Rates, StreamArn]}",
        "!Ref Given",
        "!Sub 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Rates}/stream/any'",
        "!Join ['/', [!GetAtt Rates.Arn, stream, label]]",
    ],
)
def test_the_stream_is_found_by_its_table_s_name(project: Make, arn: str) -> None:
    (trigger,) = project(events("- stream:", "    type: dynamodb", f"    arn: {arn}")).triggers
    assert (trigger.table_name, trigger.table_logical_id) == ("rates", "Rates")


def test_an_event_may_be_the_arn_alone(project: Make) -> None:
    found = project(events("- stream: arn:aws:dynamodb:us-east-1:1:table/elsewhere/stream/x"))
    (trigger,) = found.triggers
    assert (trigger.table_name, trigger.table_logical_id) == ("elsewhere", None)
    assert trigger.settings == MappingSettings(batch_size=10)


def test_settings_at_aws_s_default_pass(project: Make) -> None:
    settings = ["parallelizationFactor: 1", "bisectBatchOnFunctionError: false", "tumblingWindowInSeconds: 0"]
    settings += ["filterPatterns: null", "destinations: {onFailure: null}"]
    (trigger,) = project(stream(*settings)).triggers
    assert trigger.settings == MappingSettings(batch_size=10)


@pytest.mark.parametrize(
    ("line", "setting"),
    [
        ("filterPatterns: [{eventName: [REMOVE]}]", "filterPatterns"),
        ("parallelizationFactor: 2", "parallelizationFactor"),
        ("bisectBatchOnFunctionError: true", "bisectBatchOnFunctionError"),
        ("functionResponseType: ReportBatchItemFailures", "functionResponseType"),
        ("tumblingWindowInSeconds: 30", "tumblingWindowInSeconds"),
        ("destinations: {onFailure: 'arn:aws:sqs:us-east-1:1:failures'}", "destinations.onFailure"),
    ],
)
def test_a_setting_that_is_not_there_yet_is_refused_by_name(error: Fail, line: str, setting: str) -> None:
    found = error(stream(line))
    assert (found.line, found.column) == (10, 11)
    assert found.problem.startswith(f"{setting}: everwarm does not have this setting yet")


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        ("batchSize: 10001", 22, "BatchSize is 10001"),
        ("batchSize: -1", 22, "BatchSize is -1"),
        ("batchSize: many", 22, "whole number"),
        ("batchWindow: 301", 24, "MaximumBatchingWindowInSeconds is 301"),
        ("maximumRetryAttempts: 10001", 33, "MaximumRetryAttempts is 10001"),
        ("maximumRecordAgeInSeconds: 59", 38, "MaximumRecordAgeInSeconds is 59"),
        ("parallelizationFactor: 11", 34, "from 1 to 10"),
        ("tumblingWindowInSeconds: 901", 36, "from 0 to 900"),
        ("startingPosition: FIRST", 29, "TRIM_HORIZON or LATEST"),
        ("startingPosition: AT_TIMESTAMP", 29, "for Kinesis"),
        ("startingPositionTimestamp: 1", 11, "for Kinesis"),
        ("enabled: perhaps", 20, "true or false"),
        ("maximumRetryAttempt: 3", 11, "maximumRetryAttempt of the stream event of function main is not a setting"),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(error: Fail, line: str, column: int, says: str) -> None:
    found = error(stream(line))
    assert (found.line, found.column) == (10, column)
    assert says in found.problem


@pytest.mark.parametrize(
    ("lines", "line", "column", "says"),
    [
        # The commonest slip: the settings stand too far to the left, and are keys beside `stream`.
        (["- stream:", "  type: dynamodb"], 7, 9, "further to the right"),
        (["- stream: {type: dynamodb}"], 7, 9, "no arn"),
        (["- stream:"], 7, 9, "no arn"),
        (["- stream: {arn: !GetAtt Rates.StreamArn}"], 7, 18, "needs a type"),
        (["- stream: {type: sqs, arn: x}"], 7, 24, "dynamodb or kinesis"),
        (["- stream: {type: dynamodb, arn: !GetAtt Rates.Arn}"], 7, 39, "not the ARN of a table's stream"),
        (["- stream: {type: dynamodb, arn: !Ref Rates}"], 7, 39, "not the ARN of a table's stream"),
        (["- stream: {type: dynamodb, arn: !GetAtt Still.StreamArn}"], 7, 39, "StreamSpecification"),
        (["- stream: arn:aws:dynamodb:us-east-1:1:table/still/stream/x"], 7, 17, "StreamSpecification"),
        (["- stream: {type: dynamodb, arn: !GetAtt Nobody.StreamArn}"], 7, 39, "called Nobody"),
        (["- [stream]"], 7, 9, "has to be a map"),
    ],
)
def test_a_malformed_event_is_told_with_its_place(
    error: Fail, lines: list[str], line: int, column: int, says: str
) -> None:
    found = error(events(*lines))
    assert (found.line, found.column) == (line, column)
    assert says in found.problem


@pytest.mark.parametrize(
    "event",
    [
        "httpApi: 'GET /rates'",
        "http: {path: rates, method: get}",
        "schedule: rate(1 hour)",
        "sqs: arn:aws:sqs:us-east-1:1:queue",
        "s3: bucket",
        "stream: {type: kinesis, arn: !GetAtt Clicks.Arn}",
        "stream: arn:aws:kinesis:us-east-1:1:stream/clicks",
        "stream: {type: dynamodb, arn: !ImportValue rates-stream}",
        "alexaSkill",
    ],
)
def test_what_is_not_run_here_is_told(project: Make, event: str) -> None:
    found = project(events(f"- {event}"))
    assert found.triggers == ()
    (notice,) = found.notices
    assert (notice.line, notice.column) == (7, 9)
    assert "not run here" in notice.text
