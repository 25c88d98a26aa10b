"""boto3 against an endpoint: one stack for all tests, on a clock that they move; shared tables, random keys."""

import http.client
import queue
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from everwarm.clock import ManualClock
from everwarm.dynamodb.ttl.sweeper import Expired
from everwarm.stack import Observer, Stack
from tests.wire.functions import ECHO, make_function

Make = Callable[..., dict[str, Any]]


class Deletions(Observer):
    """The deletions of TTL, to be waited for."""

    def __init__(self) -> None:
        self.queue: queue.SimpleQueue[Expired] = queue.SimpleQueue()

    def expired(self, deletions: Sequence[Expired]) -> None:
        for deletion in deletions:
            self.queue.put(deletion)


@pytest.fixture(scope="session")
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def deletions() -> Deletions:
    return Deletions()


@pytest.fixture(scope="session")
def endpoint(clock: ManualClock, deletions: Deletions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    empty = tmp_path_factory.mktemp("no-project")
    with Stack(empty, memory=True, clock=clock, observer=deletions) as stack:
        yield stack.endpoint


@pytest.fixture
def address(endpoint: str) -> tuple[str, int]:
    parts = urlsplit(endpoint)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


@pytest.fixture
def connection(address: tuple[str, int]) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection(*address, timeout=20)) as connection:
        yield connection


def connect(service: str, endpoint: str, **options: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="thing",
        config=Config(retries={"max_attempts": 0}, **options),
    )


@pytest.fixture(scope="session")
def dynamodb(endpoint: str) -> Any:
    return connect("dynamodb", endpoint)


@pytest.fixture(scope="session")
def unchecked(endpoint: str) -> Any:
    """A client that sends what it is given, so that the server is who refuses."""
    return connect("dynamodb", endpoint, parameter_validation=False)


@pytest.fixture(scope="session")
def streams(endpoint: str) -> Any:
    return connect("dynamodbstreams", endpoint)


@pytest.fixture(scope="session")
def unchecked_streams(endpoint: str) -> Any:
    """The same for streams."""
    return connect("dynamodbstreams", endpoint, parameter_validation=False)


@pytest.fixture(scope="session")
def lambda_(endpoint: str) -> Any:
    return connect("lambda", endpoint)


@pytest.fixture(scope="session")
def unchecked_lambda(endpoint: str) -> Any:
    """The same for Lambda."""
    return connect("lambda", endpoint, parameter_validation=False)


@pytest.fixture
def function(lambda_: Any) -> Iterator[str]:
    """The name of a function that answers with its event."""
    name = make_function(lambda_, ECHO)
    yield name
    with suppress(ClientError):
        lambda_.delete_function(FunctionName=name)


@pytest.fixture(scope="session")
def table(dynamodb: Any) -> str:
    """A table with the partition key `pk`, a String."""
    return make_table(dynamodb, "pk:S")


@pytest.fixture(scope="session")
def pairs(dynamodb: Any) -> str:
    """A table with the partition key `pk`, a String, and the sort key `sk`, a Number."""
    return make_table(dynamodb, "pk:S", "sk:N")


def make_table(dynamodb: Any, *key: str, **more: Any) -> str:
    parts = [part.split(":") for part in key]
    name = f"wire-{uuid.uuid4()}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": part, "KeyType": kind} for (part, _), kind in zip(parts, ("HASH", "RANGE"), strict=False)
        ],
        **{
            "AttributeDefinitions": [{"AttributeName": part, "AttributeType": tag} for part, tag in parts],
            "BillingMode": "PAY_PER_REQUEST",
            **more,
        },
    )
    return name


@pytest.fixture
def fresh(dynamodb: Any) -> Iterator[str]:
    """A table of the test's own, as `table`."""
    name = make_table(dynamodb, "pk:S")
    yield name
    if name in dynamodb.list_tables()["TableNames"]:
        dynamodb.delete_table(TableName=name)


@pytest.fixture
def key() -> dict[str, Any]:
    """A key of `table` that no other test has."""
    return {"pk": {"S": str(uuid.uuid4())}}


@pytest.fixture
def place(dynamodb: Any, streams: Any, fresh: str) -> dict[str, str]:
    """The stream of `fresh` and its shard."""
    on = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    arn = dynamodb.update_table(TableName=fresh, StreamSpecification=on)["TableDescription"]["LatestStreamArn"]
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    return {"StreamArn": arn, "ShardId": shard["ShardId"]}


@pytest.fixture
def arn(dynamodb: Any, fresh: str) -> str:
    """The ARN of `fresh`."""
    found: str = dynamodb.describe_table(TableName=fresh)["Table"]["TableArn"]
    return found


@pytest.fixture
def new_stream(dynamodb: Any) -> Iterator[str]:
    """The ARN of a stream of the test's own."""
    name = make_table(
        dynamodb, "pk:S", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    )
    yield dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    with suppress(ClientError):  # some tests delete it themselves
        dynamodb.delete_table(TableName=name)


@pytest.fixture
def make_mapping(lambda_: Any, function: str, new_stream: str) -> Iterator[Make]:
    """`make_mapping(**request)`: CreateEventSourceMapping from `new_stream` to `function`."""
    made: list[str] = []

    def make(**more: Any) -> dict[str, Any]:
        request = {"FunctionName": function, "EventSourceArn": new_stream, "StartingPosition": "TRIM_HORIZON", **more}
        request = {member: value for member, value in request.items() if value is not None}
        response: dict[str, Any] = lambda_.create_event_source_mapping(**request)
        made.append(response["UUID"])
        return response

    yield make
    for mapping in lambda_.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]:
        if mapping["UUID"] in made and mapping["State"] in ("Enabled", "Disabled"):
            lambda_.delete_event_source_mapping(UUID=mapping["UUID"])


@pytest.fixture
def unchecked_make_mapping(unchecked_lambda: Any, function: str, new_stream: str) -> Make:
    """As `make_mapping`, of what a client would not send."""

    def make(**more: Any) -> dict[str, Any]:
        request = {"FunctionName": function, "EventSourceArn": new_stream, "StartingPosition": "TRIM_HORIZON", **more}
        response: dict[str, Any] = unchecked_lambda.create_event_source_mapping(**request)
        return response

    return make
