"""An engine in memory on a clock that stands still, and its operations as plain calls."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.api.actions import operations
from everwarm.dynamodb.api.operation import Transaction
from everwarm.dynamodb.engine import Engine

Call = Callable[..., dict[str, Any]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def engine(clock: ManualClock) -> Iterator[Engine]:
    engine = Engine.open(None, clock)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def call_on() -> Callable[[Engine], Call]:
    """`call_on(engine)`: as `call`, for an engine of the test's own."""
    by_name = {operation.name: operation for operation in operations().values()}

    def call_on(engine: Engine) -> Call:
        def call(action: str, **request: Any) -> dict[str, Any]:
            operation = by_name[action]
            operation.check(request)
            response = operation.run(engine, request)
            if isinstance(response, Transaction):
                response = engine.store.update(response.body, alone=response.alone)
            decoded: dict[str, Any] = orjson.loads(orjson.dumps(response))
            return decoded

        return call

    return call_on


@pytest.fixture
def call(engine: Engine, call_on: Callable[[Engine], Call]) -> Call:
    """`call("PutItem", TableName=..., Item=...)`: the response, or the error raised."""
    return call_on(engine)


@pytest.fixture
def create(call: Call) -> Call:
    """`create("rates", "pk:S", "sk:N", stream="KEYS_ONLY", ttl="ttl")`: a table; its description."""

    def create(name: str, *key: str, stream: str | None = None, ttl: str | None = None) -> dict[str, Any]:
        parts = [part.split(":") for part in key or ("pk:S",)]
        more = {} if stream is None else {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": stream}}
        call(
            "CreateTable",
            TableName=name,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": tag} for name, tag in parts],
            KeySchema=[
                {"AttributeName": name, "KeyType": kind}
                for (name, _), kind in zip(parts, ("HASH", "RANGE"), strict=False)
            ],
            BillingMode="PAY_PER_REQUEST",
            **more,
        )
        if ttl is not None:
            call("UpdateTimeToLive", TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": ttl})
        table: dict[str, Any] = call("DescribeTable", TableName=name)["Table"]
        return table

    return create


@pytest.fixture
def records(call: Call) -> Callable[[str], list[dict[str, Any]]]:
    """`records("rates")`: all records of the table's stream, oldest first."""

    def records(table_name: str) -> list[dict[str, Any]]:
        arn = call("DescribeTable", TableName=table_name)["Table"]["LatestStreamArn"]
        [shard] = call("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
        place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = call("GetShardIterator", **place)["ShardIterator"]
        found: list[dict[str, Any]] = []
        while page := call("GetRecords", ShardIterator=iterator):
            found += page["Records"]
            if not page["Records"] or "NextShardIterator" not in page:
                break
            iterator = page["NextShardIterator"]
        return found

    return records
