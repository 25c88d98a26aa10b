"""What a project file says of functions and triggers, as the Lambda API of the running stack shows it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from everwarm import Stack
from everwarm.clock import ManualClock

PROJECT = """
service: shop
provider: {name: aws, runtime: python3.11, region: eu-west-1}
functions:
  main:
    handler: main.handler
    reservedConcurrency: 3
    maximumRetryAttempts: 1
    maximumEventAge: 120
    onError: arn:aws:sns:eu-west-1:123456789012:dead
    destinations: {onSuccess: other, onFailure: {type: sqs, arn: !GetAtt Failures.Arn}}
    environment: {QUEUE_URL: !Ref Failures, STREAM: !GetAtt Orders.StreamArn}
    events:
      - stream:
          type: dynamodb
          arn: !GetAtt Orders.StreamArn
          batchSize: 500
          batchWindow: 5
          startingPosition: LATEST
          parallelizationFactor: 4
          maximumRetryAttempts: 7
          maximumRecordAgeInSeconds: 3600
          bisectBatchOnFunctionError: true
          functionResponseType: ReportBatchItemFailures
          filterPatterns: [{eventName: [REMOVE]}]
          destinations: {onFailure: {arn: !GetAtt Failures.Arn, type: sqs}}
  other:
    handler: main.handler
resources:
  Resources:
    Orders:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: orders
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        KeySchema: [{AttributeName: id, KeyType: HASH}]
        StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
    Failures: {Type: AWS::SQS::Queue, Properties: {QueueName: failures}}
    Reading:
      Type: AWS::Lambda::EventSourceMapping
      Properties:
        FunctionName: !GetAtt OtherLambdaFunction.Arn
        EventSourceArn: !GetAtt Orders.StreamArn
        StartingPosition: TRIM_HORIZON
        TumblingWindowInSeconds: 60
        Enabled: false
"""
QUEUE_ARN = "arn:aws:sqs:eu-west-1:000000000000:failures"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """boto3's Lambda client for a stack of the project."""
    directory: Path = tmp_path_factory.mktemp("shop")
    (directory / "serverless.yml").write_text(PROJECT, encoding="utf-8")
    (directory / "main.py").write_text("def handler(event, context): ...\n", encoding="utf-8")
    with Stack(directory, memory=True, environ={}, clock=ManualClock()) as stack:
        client = boto3.client(
            "lambda",
            endpoint_url=stack.endpoint,
            region_name="eu-west-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )
        yield client
        client.close()


def mapping(aws: Any, function: str) -> dict[str, Any]:
    [found] = aws.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    return dict(found)


# serverless-yml.md, section 2, the table of properties.
def test_a_stream_event_is_a_mapping_with_all_its_settings(aws: Any) -> None:
    found = mapping(aws, "shop-dev-main")
    assert found["EventSourceArn"].startswith("arn:aws:dynamodb:eu-west-1:000000000000:table/orders/stream/")
    wanted = {
        "BatchSize": 500,
        "MaximumBatchingWindowInSeconds": 5,
        "StartingPosition": "LATEST",
        "ParallelizationFactor": 4,
        "MaximumRetryAttempts": 7,
        "MaximumRecordAgeInSeconds": 3600,
        "BisectBatchOnFunctionError": True,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "TumblingWindowInSeconds": 0,
        "FilterCriteria": {"Filters": [{"Pattern": '{"eventName":["REMOVE"]}'}]},
        "DestinationConfig": {"OnFailure": {"Destination": QUEUE_ARN}},
        "State": "Enabled",
    }
    assert {key: found[key] for key in wanted} == wanted


def test_a_mapping_among_the_resources_runs_too(aws: Any) -> None:
    found = mapping(aws, "shop-dev-other")
    assert (found["BatchSize"], found["TumblingWindowInSeconds"], found["State"]) == (100, 60, "Disabled")


def test_concurrency_environment_and_dead_letters(aws: Any) -> None:
    assert aws.get_function_concurrency(FunctionName="shop-dev-main")["ReservedConcurrentExecutions"] == 3
    found = aws.get_function_configuration(FunctionName="shop-dev-main")
    assert found["DeadLetterConfig"] == {"TargetArn": "arn:aws:sns:eu-west-1:123456789012:dead"}
    variables = found["Environment"]["Variables"]
    assert variables["QUEUE_URL"] == "https://sqs.eu-west-1.amazonaws.com/000000000000/failures"
    assert variables["STREAM"] == mapping(aws, "shop-dev-main")["EventSourceArn"]


def test_calls_that_nobody_waits_for(aws: Any) -> None:
    found = aws.get_function_event_invoke_config(FunctionName="shop-dev-main")
    assert (found["MaximumRetryAttempts"], found["MaximumEventAgeInSeconds"]) == (1, 120)
    assert found["DestinationConfig"] == {
        "OnSuccess": {"Destination": "arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-other"},
        "OnFailure": {"Destination": QUEUE_ARN},
    }
    with pytest.raises(aws.exceptions.ResourceNotFoundException):
        aws.get_function_event_invoke_config(FunctionName="shop-dev-other")
