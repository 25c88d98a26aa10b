"""How many calls of a function run at a time, and what becomes of the others: triggers wait, callers are told.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest

from everwarm import Stack
from everwarm.clock import ManualClock
from tests.stack.support import eventually
from tests.wire.conftest import connect
from tests.wire.functions_project import Silent

# A call from outside waits for its file, one with records says that it was there.
MAIN = """
import pathlib, time

def handler(event, context):
    if "Records" in event:
        pathlib.Path("delivered").touch()
        return
    pathlib.Path(event["file"] + ".begun").touch()
    while not pathlib.Path(event["file"]).exists():
        time.sleep(0.01)
"""

SERVERLESS_YML = """
service: shop
provider: {name: aws, runtime: python3.12}
functions:
  main:
    handler: main.handler
    timeout: 60
    reservedConcurrency: 1
    events: [{stream: {type: dynamodb, arn: !GetAtt Cache.StreamArn}}]
resources:
  Resources:
    Cache:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: cache
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
        KeySchema: [{AttributeName: pk, KeyType: HASH}]
        StreamSpecification: {StreamViewType: KEYS_ONLY}
"""

NAME = "shop-dev-main"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def stack(tmp_path: Path, clock: ManualClock) -> Iterator[Stack]:
    (tmp_path / "serverless.yml").write_text(SERVERLESS_YML)
    (tmp_path / "main.py").write_text(MAIN)
    with Stack(tmp_path, memory=True, clock=clock, observer=Silent(), environ={}) as stack:
        yield stack


@pytest.fixture
def functions(stack: Stack) -> Iterator[Any]:
    client = connect("lambda", stack.endpoint, read_timeout=60)
    yield client
    client.close()


def put(stack: Stack) -> None:
    dynamodb = connect("dynamodb", stack.endpoint)
    dynamodb.put_item(TableName="cache", Item={"pk": {"S": "a"}})
    dynamodb.close()


def throttled(functions: Any) -> dict[str, Any]:
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        functions.invoke(FunctionName=NAME, Payload=b'{"file": "never"}')
    response: dict[str, Any] = refused.value.response
    return response


def test_past_the_reserved_concurrency(stack: Stack, functions: Any, clock: ManualClock, tmp_path: Path) -> None:
    """While one call runs, another is throttled at once, and a batch of the stream waits for its turn."""
    with ThreadPoolExecutor() as threads:
        first = threads.submit(functions.invoke, FunctionName=NAME, Payload=json.dumps({"file": "go"}).encode())
        eventually((tmp_path / "go.begun").exists)
        response = throttled(functions)
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
        assert response["Error"]["Code"] == "TooManyRequestsException"
        assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
        put(stack)
        assert not (tmp_path / "delivered").exists()
        (tmp_path / "go").touch()
        answer = first.result()
        assert answer["StatusCode"] == 200
        assert answer["Payload"].read() == b"null"  # unread, its connection would never be given back
    eventually((tmp_path / "delivered").exists, meanwhile=lambda: clock.advance(1))


def test_none_at_all(stack: Stack, functions: Any, clock: ManualClock, tmp_path: Path) -> None:
    """With 0 everything is throttled; a batch is tried again, and delivered when there is room for it."""
    functions.put_function_concurrency(FunctionName=NAME, ReservedConcurrentExecutions=0)
    assert throttled(functions)["Error"]["Code"] == "TooManyRequestsException"
    put(stack)
    for _ in range(20):
        clock.advance(1)
        functions.get_function_concurrency(FunctionName=NAME)
    assert not (tmp_path / "delivered").exists()
    functions.put_function_concurrency(FunctionName=NAME, ReservedConcurrentExecutions=1)
    eventually((tmp_path / "delivered").exists, meanwhile=lambda: clock.advance(1))
