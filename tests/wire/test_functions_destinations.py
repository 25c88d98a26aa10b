"""Section 10: destinations and dead-letter queues of asynchronous calls. Queues and buckets are moto's.

A stack and a clock of their own, for retries take minutes.
"""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from everwarm.clock import ManualClock
from everwarm.stack import Stack
from tests.stack.support import eventually
from tests.wire.conftest import connect
from tests.wire.functions import make_function
from tests.wire.refused import refused

HANDLER = """
    def handler(event, context):
        if event.get("fail"):
            raise ValueError("no good")
        return {"done": event}
"""
ARN = "arn:aws:lambda:us-east-1:000000000000:function"


@dataclass(frozen=True, slots=True)
class World:
    """A stack, and an AWS beside it."""

    lambda_: Any
    clock: ManualClock
    sqs: Any
    s3: Any

    def queue(self) -> str:
        """The ARN of a new queue."""
        name = f"q-{uuid.uuid4()}"
        self.sqs.create_queue(QueueName=name)
        return f"arn:aws:sqs:us-east-1:123456789012:{name}"

    def message(self, queue_arn: str) -> dict[str, Any]:
        """The next message of a queue."""
        url = self.sqs.get_queue_url(QueueName=queue_arn.rpartition(":")[2])["QueueUrl"]
        found: list[dict[str, Any]] = eventually(
            lambda: self.sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages"),
            timeout_s=30,
            meanwhile=lambda: self.clock.advance(10),
        )
        return found[0]

    def call(self, name: str, event: dict[str, Any]) -> str:
        """Call a function without waiting; the request id."""
        response = self.lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event).encode())
        request_id: str = response["ResponseMetadata"]["RequestId"]
        return request_id


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    aws = f"http://{host}:{port}"
    clock = ManualClock()
    with Stack(tmp_path_factory.mktemp("none"), memory=True, clock=clock, destinations_endpoint=aws) as stack:
        clients = [connect(service, aws) for service in ("sqs", "s3")]
        yield World(connect("lambda", stack.endpoint), clock, *clients)
        for client in clients:
            client.close()
    server.stop()


def test_on_failure(world: World) -> None:
    """Row "Destination record": of a call that was given up."""
    name = make_function(world.lambda_, HANDLER)
    queue = world.queue()
    world.lambda_.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": queue}}
    )
    request_id = world.call(name, {"fail": True})
    told = json.loads(world.message(queue)["Body"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told.pop("timestamp"))
    assert told.pop("responsePayload")["errorMessage"] == "no good"
    assert told == {
        "version": "1.0",
        "requestContext": {
            "requestId": request_id,
            "functionArn": f"{ARN}:{name}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 2,
        },
        "requestPayload": {"fail": True},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
    }


def test_on_success(world: World) -> None:
    """Row "Destination record": condition Success."""
    name = make_function(world.lambda_, HANDLER)
    queue = world.queue()
    world.lambda_.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": queue}}
    )
    world.call(name, {"n": 1})
    told = json.loads(world.message(queue)["Body"])
    assert told["requestContext"]["condition"] == "Success"
    assert told["requestContext"]["approximateInvokeCount"] == 1
    assert told["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    assert told["responsePayload"] == {"done": {"n": 1}}


def test_an_event_that_gets_too_old(world: World) -> None:
    """Row "Destination record": condition EventAgeExceeded."""
    name = make_function(world.lambda_, HANDLER)
    queue = world.queue()
    world.lambda_.put_function_event_invoke_config(
        FunctionName=name, MaximumEventAgeInSeconds=60, DestinationConfig={"OnFailure": {"Destination": queue}}
    )
    world.lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    world.call(name, {"n": 1})
    told = json.loads(world.message(queue)["Body"])
    assert told["requestContext"]["condition"] == "EventAgeExceeded"
    assert told["requestPayload"] == {"n": 1}
    assert "responsePayload" not in told


def test_a_bucket(world: World) -> None:
    """Row "Destination record", in an object of S3."""
    name = make_function(world.lambda_, HANDLER)
    world.s3.create_bucket(Bucket="given-up")
    world.lambda_.put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::given-up"}},
    )
    world.call(name, {"fail": True})
    [found] = eventually(lambda: world.s3.list_objects_v2(Bucket="given-up").get("Contents"), timeout_s=30)
    assert re.fullmatch(rf"aws/lambda/async/{name}/\d{{4}}/\d\d/\d\d/[0-9T.-]{{19}}-[0-9a-f-]{{36}}", found["Key"])
    told = json.loads(world.s3.get_object(Bucket="given-up", Key=found["Key"])["Body"].read())
    assert told["requestContext"]["condition"] == "RetriesExhausted"


def test_another_function(world: World) -> None:
    """Row "Destination record", for a function: its event is the record."""
    last, queue = make_function(world.lambda_, HANDLER), world.queue()
    world.lambda_.put_function_event_invoke_config(
        FunctionName=last, DestinationConfig={"OnSuccess": {"Destination": queue}}
    )
    first = make_function(world.lambda_, HANDLER)
    world.lambda_.put_function_event_invoke_config(
        FunctionName=first, DestinationConfig={"OnSuccess": {"Destination": f"{ARN}:{last}"}}
    )
    world.call(first, {"n": 1})
    told = json.loads(world.message(queue)["Body"])
    assert told["requestPayload"]["requestContext"]["functionArn"] == f"{ARN}:{first}:$LATEST"
    assert told["requestPayload"]["responsePayload"] == {"done": {"n": 1}}


def test_dead_letters(world: World) -> None:
    """Row "Dead-letter queue": original payload, attributes RequestID, ErrorCode, ErrorMessage."""
    queue = world.queue()
    name = make_function(world.lambda_, HANDLER, DeadLetterConfig={"TargetArn": queue})
    world.lambda_.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    request_id = world.call(name, {"fail": True})
    message = world.message(queue)
    assert json.loads(message["Body"]) == {"fail": True}
    values = {key: attribute["StringValue"] for key, attribute in message["MessageAttributes"].items()}
    assert values == {"RequestID": request_id, "ErrorCode": "200", "ErrorMessage": "no good"}


@pytest.mark.parametrize(
    "arn", ["arn:aws:kinesis:us-east-1:000000000000:stream/s", "arn:aws:sqs:us-east-1:000000000000:q.fifo"]
)
def test_destinations_that_are_none(world: World, arn: str) -> None:
    name = make_function(world.lambda_, HANDLER)
    with refused("InvalidParameterValueException", f"The destination ARN {arn} is invalid."):
        world.lambda_.put_function_event_invoke_config(
            FunctionName=name, DestinationConfig={"OnFailure": {"Destination": arn}}
        )


def test_a_function_as_its_own_destination(world: World) -> None:
    name = make_function(world.lambda_, HANDLER)
    with refused("InvalidParameterValueException", "You can't specify the function as a destination for itself."):
        world.lambda_.put_function_event_invoke_config(
            FunctionName=name, DestinationConfig={"OnFailure": {"Destination": f"{ARN}:{name}"}}
        )


def test_on_failure_of_a_version(world: World) -> None:
    """Row "Destination record": the function's ARN is the one that was called."""
    name = make_function(world.lambda_, HANDLER)
    world.lambda_.publish_version(FunctionName=name)
    queue = world.queue()
    world.lambda_.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": queue}}
    )
    world.lambda_.invoke(FunctionName=f"{name}:1", InvocationType="Event", Payload=b'{"fail":1}')
    told = json.loads(world.message(queue)["Body"])
    assert told["requestContext"]["functionArn"] == f"{ARN}:{name}:1"
    assert told["responseContext"]["executedVersion"] == "1"


def test_an_answer_that_not_everybody_takes_for_json(world: World) -> None:
    """A destination is told of it all the same, and of the answer as text."""
    name = make_function(world.lambda_, "def handler(event, context):\n    return float('nan')\n")
    queue = world.queue()
    world.lambda_.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": queue}}
    )
    world.call(name, {})
    assert json.loads(world.message(queue)["Body"])["responsePayload"] == "NaN"
