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
    assert trigger.settings == MappingSettings(starting_position=StartingPosition.TRIM_HORIZON, batch_size=10)
    assert trigger.logical_id == "MainEventSourceMappingDynamodbRates"


# serverless-yml.md, section 1: each key with a value of its own.
def test_every_setting_reaches_its_place(project: Make) -> None:
    settings = ["batchSize: 500", "batchWindow: 5", "startingPosition: LATEST", "maximumRetryAttempts: 3"]
    settings += ["maximumRecordAgeInSeconds: '120'", "enabled: false", "parallelizationFactor: 4"]
    settings += ["bisectBatchOnFunctionError: true", "functionResponseType: ReportBatchItemFailures"]
    settings += ["tumblingWindowInSeconds: 0", "filterPatterns: [{eventName: [REMOVE]}, {eventName: [MODIFY]}]"]
    settings += ["destinations: {onFailure: 'arn:aws:sns:eu-west-1:1:failures'}"]
    (trigger,) = project(stream(*settings)).triggers
    assert trigger.settings == MappingSettings(
        starting_position=StartingPosition.LATEST,
        batch_size=500,
        batching_window_s=5,
        maximum_retry_attempts=3,
        maximum_record_age_s=120,
        parallelization_factor=4,
        bisect_batch_on_function_error=True,
        report_batch_item_failures=True,
        filters=('{"eventName":["REMOVE"]}', '{"eventName":["MODIFY"]}'),
        on_failure="arn:aws:sns:eu-west-1:1:failures",
        enabled=False,
    )


def test_a_tumbling_window(project: Make) -> None:
    (trigger,) = project(stream("tumblingWindowInSeconds: 900")).triggers
    assert trigger.settings == MappingSettings(batch_size=10, tumbling_window_s=900)


# serverless-yml.md, section 1, "Quirks": truthiness tests.
def test_zeros_that_the_framework_drops(project: Make) -> None:
    settings = ["batchSize: 0", "maximumRecordAgeInSeconds: 0", "parallelizationFactor: 0", "maximumRetryAttempts: 0"]
    (trigger,) = project(stream(*settings)).triggers
    assert trigger.settings == MappingSettings(batch_size=10, maximum_retry_attempts=0)


@pytest.mark.parametrize(
    ("destination", "arn"),
    [
        ("arn:aws:sqs:eu-west-1:1:dead", "arn:aws:sqs:eu-west-1:1:dead"),
        ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket"),
        ("{arn: 'arn:aws:sns:eu-west-1:1:dead'}", "arn:aws:sns:eu-west-1:1:dead"),
        ("{arn: !GetAtt Dead.Arn, type: sqs}", "arn:aws:sqs:us-east-1:000000000000:shop-dev-Dead"),
        ("{arn: !GetAtt Named.Arn, type: sqs}", "arn:aws:sqs:us-east-1:000000000000:rates-dead"),
        ("{arn: !GetAtt Fifo.Arn, type: sqs}", "arn:aws:sqs:us-east-1:000000000000:shop-dev-Fifo.fifo"),
        ("{arn: !Ref Topic, type: sns}", "arn:aws:sns:us-east-1:000000000000:shop-dev-Topic"),
        ("{arn: !GetAtt Bucket.Arn, type: sqs}", "arn:aws:s3:::shop-dev-bucket"),
        ("{arn: !Sub 'arn:aws:sqs:${AWS::Region}:1:x', type: sqs}", "arn:aws:sqs:us-east-1:1:x"),
    ],
)
def test_destinations_of_every_form(project: Make, destination: str, arn: str) -> None:
    queues = "".join(
        f"    {line}\n"
        for line in (
            "Dead: {Type: 'AWS::SQS::Queue'}",
            "Named: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Sub '${Rates}-dead'}}",
            "Fifo: {Type: 'AWS::SQS::Queue', Properties: {FifoQueue: true}}",
            "Topic: {Type: 'AWS::SNS::Topic'}",
            "Bucket: {Type: 'AWS::S3::Bucket'}",
        )
    )
    (trigger,) = project(stream(f"destinations: {{onFailure: {destination}}}") + queues).triggers
    assert trigger.settings.on_failure == arn


def test_a_destination_that_is_not_known_here_is_left_out_and_told(project: Make) -> None:
    found = project(stream("destinations: {onFailure: {arn: !ImportValue dead, type: sqs}}"))
    assert found.triggers[0].settings.on_failure is None
    assert [(notice.line, notice.text.partition(" of ")[0]) for notice in found.notices] == [(10, "destinations")]


def test_several_events_and_several_functions_on_one_stream(project: Make) -> None:
    event = "{stream: {type: dynamodb, arn: !GetAtt Rates.StreamArn, batchSize: %d}}"
    other = "{stream: 'arn:aws:dynamodb:eu-west-1:1:table/other/stream/x'}"
    functions = f"functions:\n  a: {{handler: a.b, events: [{event % 1}, {other}]}}\n"
    found = project(f"{functions}  b: {{handler: b.b, events: [{event % 2}]}}\n{RESOURCES}")
    assert [(one.function_key, one.table_name, one.settings.batch_size) for one in found.triggers] == [
        ("a", "rates", 1),
        ("a", "other", 10),
        ("b", "rates", 2),
    ]


# Both have one logical id, and Object.assign lets the later one win.
def test_of_two_events_of_one_function_on_one_stream_the_later_counts(project: Make) -> None:
    lines = ["- stream: {type: dynamodb, arn: !GetAtt Rates.StreamArn, batchSize: 1}"]
    lines += ["- stream: {type: dynamodb, arn: !GetAtt Rates.StreamArn, batchSize: 2}"]
    found = project(events(*lines))
    assert [trigger.settings.batch_size for trigger in found.triggers] == [2]
    assert [(notice.line, "replaces this one" in notice.text) for notice in found.notices] == [(7, True)]


def test_two_mappings_of_one_function_and_stream_are_refused_as_on_aws(error: Fail) -> None:
    lines = ["- stream: {type: dynamodb, arn: !GetAtt Rates.StreamArn}"]
    lines += ["- stream: {type: dynamodb, arn: !Sub '${Rates.Arn}/stream/x'}"]
    found = error(events(*lines))
    assert (found.line, "reads the stream of rates twice" in found.problem) == (8, True)


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
        ("tumblingWindowInSeconds: -1", 36, "from 0 to 900"),
        ("bisectBatchOnFunctionError: maybe", 39, "true or false"),
        ("functionResponseType: All", 33, "ReportBatchItemFailures"),
        ("functionResponseType: [ReportBatchItemFailures]", 33, "has to be text, not a list"),
        ("functionResponseTypes: [ReportBatchItemFailures]", 11, "did you mean functionResponseType?"),
        ("filterPatterns: {eventName: [REMOVE]}", 27, "has to be a list, not a map"),
        ("filterPatterns: []", 27, "from 1 to 10"),
        ("filterPatterns: ['{}']", 28, "has to be a map, not the text"),
        ("filterPatterns: [{eventName: REMOVE}]", 28, "is wrong: eventName has to be an object or a list"),
        ("filterPatterns: [{eventName: REMOVE}]", 28, "AWS would say: Invalid filter pattern definition."),
        (f"filterPatterns: [{', '.join(['{}'] * 11)}]", 27, "11 patterns"),
        ("destinations: arn:aws:sqs:eu-west-1:1:x", 25, "has to be a map"),
        ("destinations: {onSuccess: 'arn:aws:sqs:eu-west-1:1:x'}", 26, "no onSuccess"),
        ("destinations: {onFailure: x}", 37, "not the ARN of a queue, a topic or a bucket"),
        ("destinations: {onFailure: 'arn:aws:lambda:eu-west-1:1:function:x'}", 37, "not the ARN of a queue"),
        ("destinations: {onFailure: !Ref Rates}", 37, "goes below arn, with a type"),
        ("destinations: {onFailure: {arn: !Ref Rates}}", 38, "needs a type"),
        ("destinations: {onFailure: {type: sqs}}", 26, "no arn"),
        ("destinations: {onFailure: {arn: 'arn:aws:s3:::b', type: s3}}", 67, "sns or sqs"),
        ("startingPosition: FIRST", 29, "TRIM_HORIZON or LATEST"),
        ("startingPosition: AT_TIMESTAMP", 29, "for Kinesis"),
        ("enabled: perhaps", 20, "true or false"),
        ("maximumRetryAttempt: 3", 11, "maximumRetryAttempt of the stream event of function main is not a setting"),
        ("maximumRetryAttempt: 3", 11, "did you mean maximumRetryAttempts?"),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(error: Fail, line: str, column: int, says: str) -> None:
    found = error(stream(line))
    assert (found.line, found.column) == (10, column)
    assert says in found.problem


# configValidationMode: the framework's version 4 refuses by default, version 3 warned.
@pytest.mark.parametrize("mode", ["warn", "off"])
def test_an_unknown_setting_is_told_where_the_file_asks_for_no_more(project: Make, mode: str) -> None:
    found = project(stream("maximumRetryAttempt: 3") + f"configValidationMode: {mode}\n")
    assert found.triggers[0].settings == MappingSettings(batch_size=10)
    assert [(notice.line, "did you mean" in notice.text) for notice in found.notices] == [(10, True)]


# The framework takes them for any stream, and makes nothing of them for a table's.
@pytest.mark.parametrize("setting", ["consumer: true", "startingPositionTimestamp: 1"])
def test_settings_for_kinesis_are_passed_over(project: Make, setting: str) -> None:
    found = project(stream(setting))
    assert found.triggers[0].settings == MappingSettings(batch_size=10)
    assert [(notice.line, "for Kinesis" in notice.text) for notice in found.notices] == [(10, True)]


# serverless-yml.md, section 5: `Properties` replaced key by key.
def test_an_extension_changes_what_the_event_becomes(project: Make) -> None:
    extension = "  extensions: {MainEventSourceMappingDynamodbRates: {Properties: {BatchSize: 7, Enabled: false}}}\n"
    found = project(stream("batchWindow: 3") + extension)
    assert found.triggers[0].settings == MappingSettings(batch_size=7, batching_window_s=3, enabled=False)
    assert found.notices == ()


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
        (["- stream: {type: dynamodb, arn: {}}"], 7, 39, "has to be text"),
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
