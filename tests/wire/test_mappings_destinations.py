"""Section 6 of what is known of event source mappings: where the on-failure record goes.

Queues, topics and buckets are moto's, in this process. A stack and a clock of their own, for records have to grow old.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from everwarm import Stack
from everwarm.clock import ManualClock
from everwarm.lambdas.failures.kept import Kept
from tests.stack.support import Project, client, eventually

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

MOTOS = "123456789012"

EVENTS = {
    "queue": f"maximumRetryAttempts: 1, destinations: {{onFailure: 'arn:aws:sqs:us-east-1:{MOTOS}:dead'}}",
    "topic": "maximumRetryAttempts: 0, destinations: {onFailure: 'arn:aws:sns:us-east-1:000000000000:told'}",
    "bucket": "maximumRetryAttempts: 0, destinations: {onFailure: 'arn:aws:s3:::failed-batches'}",
    "old": f"maximumRecordAgeInSeconds: 60, destinations: {{onFailure: 'arn:aws:sqs:us-east-1:{MOTOS}:old'}}",
    "missing": f"maximumRetryAttempts: 0, destinations: {{onFailure: 'arn:aws:sqs:us-east-1:{MOTOS}:no-such-queue'}}",
    "fifo": f"maximumRetryAttempts: 0, destinations: {{onFailure: 'arn:aws:sqs:us-east-1:{MOTOS}:dead.fifo'}}",
    "none": "maximumRetryAttempts: 0",
}

HANDLER = """
    def handler(event, context):
        raise ValueError(f"no good: {len(event['Records'])}")
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one write to a table whose functions all fail.

    Attributes:
        aws: the endpoint of queues, topics and buckets.
        key: of the item that was written.
    """

    stack: Stack
    clock: ManualClock
    aws: str
    key: str

    def message(self, queue: str) -> Any:
        """The next message's body, as JSON."""
        sqs = client("sqs", self.aws)
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        found = eventually(
            lambda: sqs.receive_message(QueueUrl=url).get("Messages"),
            timeout_s=30,
            meanwhile=lambda: self.clock.advance(1),
        )
        sqs.close()
        assert len(found) == 1
        return json.loads(found[0]["Body"])

    def kept(self, function: str) -> Kept:
        """The failure of a function."""
        name = f"shop-dev-{function}"
        (found,) = eventually(
            lambda: [kept for kept in self.stack.failures if kept.function_name == name], timeout_s=30
        )
        return found


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def run(aws: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    directory = tmp_path_factory.mktemp("project")
    functions = "\n".join(
        f"  {name}: {{handler: main.handler, timeout: 60, events: [{{stream: "
        f"{{type: dynamodb, arn: !GetAtt Cache.StreamArn, {settings}}}}}]}}"
        for name, settings in EVENTS.items()
    )
    Project(directory).write(YML.format(functions=functions), HANDLER)
    sqs, sns, s3 = (client(service, aws) for service in ("sqs", "sns", "s3"))
    for queue in ("dead", "old", "subscriber"):
        sqs.create_queue(QueueName=queue)
    topic = sns.create_topic(Name="told")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{MOTOS}:subscriber")
    s3.create_bucket(Bucket="failed-batches")
    clock = ManualClock()
    with Stack(directory, memory=True, clock=clock, destinations_endpoint=aws) as stack:
        dynamodb = client("dynamodb", stack.endpoint)
        dynamodb.put_item(TableName="cache", Item={"pk": {"S": "k1"}})
        yield Run(stack, clock, aws, "k1")
        dynamodb.close()
    for boto in (sqs, sns, s3):
        boto.close()


YML = """
service: shop
provider: {{name: aws, runtime: python3.11}}
functions:
{functions}
resources:
  Resources:
    Cache:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: cache
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{{AttributeName: pk, AttributeType: S}}]
        KeySchema: [{{AttributeName: pk, KeyType: HASH}}]
        StreamSpecification: {{StreamViewType: NEW_IMAGE}}
"""


def place(run: Run) -> dict[str, str]:
    """Where the one record is, as DynamoDB Streams tells it."""
    streams = client("dynamodbstreams", run.stack.endpoint)
    arn = run.stack.mappings[0].stream_arn
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    (record,) = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    streams.close()
    number = record["dynamodb"]["SequenceNumber"]
    return {
        "streamArn": arn,
        "shardId": shard["ShardId"],
        "startSequenceNumber": number,
        "endSequenceNumber": number,
    }


def test_the_message_of_a_queue(run: Run) -> None:
    """All rows of the table of members, of the body of an SQS message; condition RetryAttemptsExhausted; section 4,
    row "Attempts": 1 retry gives an approximateInvokeCount of 2."""
    told = run.message("dead")
    assert told.keys() == {"version", "timestamp", "requestContext", "responseContext", "DDBStreamBatchInfo"}
    assert told["version"] == "1.0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["timestamp"])
    request_id = told["requestContext"].pop("requestId")
    assert re.fullmatch(UUID, request_id)
    assert told["requestContext"] == {
        "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:shop-dev-queue",
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 2,
    }
    assert told["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    arrival = "2023-11-14T22:13:20Z"  # where a manual clock begins
    assert told["DDBStreamBatchInfo"] == place(run) | {
        "approximateArrivalOfFirstRecord": arrival,
        "approximateArrivalOfLastRecord": arrival,
        "batchSize": 1,
    }


def test_the_notification_of_a_topic(run: Run) -> None:
    """Above the table of members: `Message` of the SNS notification."""
    notification = run.message("subscriber")
    told = json.loads(notification["Message"])
    assert told["requestContext"]["functionArn"].endswith(":function:shop-dev-topic")
    assert told["requestContext"]["approximateInvokeCount"] == 1
    assert told["DDBStreamBatchInfo"]["shardId"] == place(run)["shardId"]
    assert "payload" not in told


def test_the_object_in_a_bucket(run: Run) -> None:
    """Row "payload", and the S3 key: the whole event as text, below mapping, shard and date."""
    s3 = client("s3", run.aws)
    listed = eventually(
        lambda: s3.list_objects_v2(Bucket="failed-batches").get("Contents"),
        timeout_s=30,
        meanwhile=lambda: run.clock.advance(1),
    )
    assert len(listed) == 1
    (mapping,) = (mapping for mapping in run.stack.mappings if mapping.function_name == "shop-dev-bucket")
    key = listed[0]["Key"]
    assert re.fullmatch(
        re.escape(f"aws/lambda/{mapping.id}/{place(run)['shardId']}/2023/11/14/2023-11-14T22.") + rf"\d\d\.\d\d-{UUID}",
        key,
    )
    found = s3.get_object(Bucket="failed-batches", Key=key)
    told = json.loads(found["Body"].read())
    s3.close()
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    (record,) = json.loads(told["payload"])["Records"]
    assert record["dynamodb"]["NewImage"] == {"pk": {"S": run.key}}
    assert record["eventSourceARN"] == mapping.stream_arn


def test_too_old(run: Run) -> None:
    """Rows "responseContext" and "Conditions": RecordAgeExceeded, with no responseContext."""
    told = run.message("old")
    assert told["requestContext"]["condition"] == "RecordAgeExceeded"
    assert told["requestContext"]["approximateInvokeCount"] > 1
    assert "responseContext" not in told


def test_a_queue_that_is_not_there(run: Run) -> None:
    """Nothing is lost: what cannot be delivered is kept here, with the reason and the records."""
    kept = run.kept("missing")
    assert kept.destination == f"arn:aws:sqs:us-east-1:{MOTOS}:no-such-queue"
    assert kept.not_sent_because is not None
    assert "does not exist" in kept.not_sent_because
    assert kept.record["DDBStreamBatchInfo"]["startSequenceNumber"] == place(run)["startSequenceNumber"]


def test_a_fifo_queue(run: Run) -> None:
    """Section 1, row "DestinationConfig.OnFailure.Destination": standard queues only."""
    kept = run.kept("fifo")
    assert kept.not_sent_because == "Unsupported DestinationConfig parameter for given event source mapping type."


def test_no_destination(run: Run) -> None:
    """What AWS would forget is kept here."""
    kept = run.kept("none")
    assert (kept.destination, kept.not_sent_because) == (None, None)
    assert kept.error == "ValueError: no good: 1"


def test_what_was_delivered_is_not_kept(run: Run) -> None:
    """A failure is in one place."""
    for function in ("missing", "fifo", "none"):
        run.kept(function)
    assert {kept.function_name for kept in run.stack.failures} == {
        "shop-dev-missing",
        "shop-dev-fifo",
        "shop-dev-none",
    }
    assert run.stack.failure_counts.failures == 3


def test_without_an_endpoint_it_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's credentials alone lead nowhere."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    functions = (
        "  main: {handler: main.handler, events: [{stream: {type: dynamodb, arn: !GetAtt Cache.StreamArn, "
        f"{EVENTS['missing']}}}}}]}}"
    )
    Project(tmp_path).write(YML.format(functions=functions), HANDLER)
    with Stack(tmp_path, memory=True, clock=ManualClock()) as stack:
        dynamodb = client("dynamodb", stack.endpoint)
        dynamodb.put_item(TableName="cache", Item={"pk": {"S": "k1"}})
        dynamodb.close()
        (kept,) = eventually(lambda: stack.failures, timeout_s=30)
    assert kept.not_sent_because is not None
    assert kept.not_sent_because.startswith("no endpoint is known for sqs; see --destinations-endpoint")
