"""`AWS::Lambda::EventSourceMapping` among the resources: CloudFormation's names, and AWS's own defaults."""

from collections.abc import Callable

import pytest

from everwarm.errors import ProjectError
from everwarm.lambdas.mappings.settings import MappingSettings, StartingPosition
from everwarm.serverless import Project

Make = Callable[..., Project]
Fail = Callable[..., ProjectError]


def mapping(*properties: str, position: str = "StartingPosition: TRIM_HORIZON", head: str = "") -> str:
    """A file with a mapping; the first of the properties stands in line 12, column 9."""
    lines = "".join(f"        {line}\n" for line in properties)
    return (
        f"functions: {{main: {{handler: main.handler}}}}\nresources:\n  Resources:\n    Reading:\n{head}"
        f"      Type: AWS::Lambda::EventSourceMapping\n      Properties:\n        {position}\n"
        "        EventSourceArn: !GetAtt Rates.StreamArn\n        FunctionName: !Ref MainLambdaFunction\n"
        f"{lines}"
        "    Rates:\n      Type: AWS::DynamoDB::Table\n      Properties:\n        TableName: rates\n"
        "        KeySchema: [{AttributeName: id, KeyType: HASH}]\n"
        "        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]\n"
        "        StreamSpecification: {StreamViewType: KEYS_ONLY}\n"
    )


def test_a_bare_mapping_has_aws_s_defaults(project: Make) -> None:
    found = project(mapping())
    (trigger,) = found.triggers
    assert (trigger.function_key, trigger.function_name) == ("main", "shop-dev-main")
    assert (trigger.table_name, trigger.table_logical_id) == ("rates", "Rates")
    assert (trigger.logical_id, trigger.is_event) == ("Reading", False)
    # "AWS::Lambda::EventSourceMapping", CloudFormation reference: a batch of 100.
    assert trigger.settings == MappingSettings(batch_size=100)
    assert found.notices == ()


# serverless-yml.md, section 2, the table of properties.
def test_every_property_reaches_its_place(project: Make) -> None:
    found = project(
        mapping(
            "BatchSize: 1000",
            "Enabled: 'false'",
            "ParallelizationFactor: 1",
            "MaximumBatchingWindowInSeconds: 300",
            "MaximumRetryAttempts: 0",
            "MaximumRecordAgeInSeconds: 604800",
            "BisectBatchOnFunctionError: true",
            "FunctionResponseTypes: [ReportBatchItemFailures]",
            "TumblingWindowInSeconds: 60",
            "DestinationConfig: {OnFailure: {Destination: !GetAtt Dead.Arn}}",
            """FilterCriteria: {Filters: [{Pattern: '{"a": ["b"]}'}, {Pattern: !Sub '{"a":["${Rates}"]}'}]}""",
            "Tags: [{Key: a, Value: b}]",
            position="StartingPosition: LATEST",
        )
        + "    Dead: {Type: 'AWS::SQS::Queue', Properties: {QueueName: dead}}\n"
    )
    (trigger,) = found.triggers
    assert trigger.settings == MappingSettings(
        starting_position=StartingPosition.LATEST,
        batch_size=1000,
        batching_window_s=300,
        maximum_retry_attempts=0,
        maximum_record_age_s=604_800,
        bisect_batch_on_function_error=True,
        report_batch_item_failures=True,
        tumbling_window_s=60,
        filters=('{"a": ["b"]}', '{"a":["rates"]}'),
        on_failure="arn:aws:sqs:us-east-1:000000000000:dead",
        enabled=False,
    )


@pytest.mark.parametrize(
    "name",
    ["shop-dev-main", "!GetAtt MainLambdaFunction.Arn", "000000000000:function:shop-dev-main", "shop-dev-main:live"],
)
def test_the_function_is_found_by_any_of_its_names(project: Make, name: str) -> None:
    text = mapping().replace("!Ref MainLambdaFunction", name)
    assert project(text).triggers[0].function_name == "shop-dev-main"


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_mapping_whose_condition_does_not_hold_is_not_there(project: Make, stage: str) -> None:
    text = mapping(head="      Condition: IsProd\n") + "  Conditions: {IsProd: !Equals ['${sls:stage}', prod]}\n"
    assert len(project(text, stage=stage).triggers) == (stage == "prod")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (("!GetAtt Rates.StreamArn", "'arn:aws:sqs:eu-west-1:1:queue'"), "reads no table's stream"),
        (("!GetAtt Rates.StreamArn", "!ImportValue stream"), "another stack"),
        (("!Ref MainLambdaFunction", "somebody-else"), "calls the function somebody-else"),
        (("!Ref MainLambdaFunction", "!ImportValue function"), "another stack"),
    ],
)
def test_what_is_not_run_here_is_told(project: Make, wrong: tuple[str, str], says: str) -> None:
    found = project(mapping().replace(*wrong))
    assert found.triggers == ()
    assert [(notice.line, says in notice.text) for notice in found.notices] == [(6, True)]


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        ("BatchSize: 0", 20, "BatchSize is 0"),
        ("Batchsize: 1", 9, "no property Batchsize"),
        ("Topics: [a]", 9, "not for a table's stream"),
        ("FunctionResponseTypes: [Some]", 33, "ReportBatchItemFailures"),
        ("DestinationConfig: {OnSuccess: {Destination: 'arn:aws:sqs:eu-west-1:1:x'}}", 29, "no OnSuccess"),
        ("FilterCriteria: {Filters: [{}]}", 36, "no Pattern"),
        (f"FilterCriteria: {{Filters: [{{Pattern: '{'x' * 4097}'}}]}}", 46, "4,096 are the most"),
    ],
)
def test_a_wrong_property_is_told_with_its_place(error: Fail, line: str, column: int, says: str) -> None:
    found = error(mapping(line))
    assert (found.line, found.column) == (12, column)
    assert says in found.problem


def test_a_stream_needs_a_starting_position(error: Fail) -> None:
    assert "StartingPosition of Reading is missing" in error(mapping(position="Enabled: true")).problem


def test_an_event_and_a_mapping_of_one_function_and_stream_are_refused_as_on_aws(error: Fail) -> None:
    event = "{handler: main.handler, events: [{stream: {type: dynamodb, arn: !GetAtt Rates.StreamArn}}]}"
    found = error(mapping().replace("{handler: main.handler}", event))
    assert (found.line, "twice" in found.problem) == (6, True)
