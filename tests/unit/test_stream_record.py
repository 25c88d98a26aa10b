"""A record that is not taken apart is the one that it would be if it were."""

import asyncio
from collections.abc import Iterator

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from everwarm.client import DirectClient, InProcessClient
from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.stream_record import StreamRecord

# What a value may hold that looks like a part of a record.
TRAPS = (
    '"ApproximateCreationDateTime":1,"SequenceNumber":"2"',
    '"}},"userIdentity":{"Type":"Service","PrincipalId":"dynamodb.amazonaws.com"}}',
    "\\",
    '"',
    "",
)


class Writer:
    """A table with a stream and Time to Live."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.engine = Engine.open(None, self.clock)
        self.call = DirectClient(self.engine).call
        self.client = InProcessClient(self.engine)
        table = {
            "TableName": "rates",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        }
        self.arn: str = self.call("CreateTable", table)["TableDescription"]["LatestStreamArn"]
        self.call(
            "UpdateTimeToLive",
            {"TableName": "rates", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "ttl"}},
        )
        shards = self.call("DescribeStream", {"StreamArn": self.arn})["StreamDescription"]["Shards"]
        self.shard_id: str = shards[0]["ShardId"]

    def iterator(self) -> str:
        request = {"StreamArn": self.arn, "ShardId": self.shard_id, "ShardIteratorType": "LATEST"}
        iterator: str = self.call("GetShardIterator", request)["ShardIterator"]
        return iterator


@pytest.fixture(scope="module")
def writer() -> Iterator[Writer]:
    writer = Writer()
    yield writer
    writer.engine.close()


@given(key=st.text(min_size=1, max_size=20), text=st.text(max_size=40))
@example(key=TRAPS[0], text=TRAPS[1])
@example(key=TRAPS[1], text=TRAPS[0])
@example(key=TRAPS[3], text=TRAPS[2])
@example(key=TRAPS[2], text=TRAPS[4])
def test_a_record_is_the_same_whether_it_is_taken_apart_or_not(writer: Writer, key: str, text: str) -> None:
    begin = writer.iterator()
    due = str(int(writer.clock.now()) + 10)
    item = {"pk": {"S": key}, "text": {"S": text}, "ttl": {"N": due}}
    writer.call("PutItem", {"TableName": "rates", "Item": item})
    writer.call("PutItem", {"TableName": "rates", "Item": {**item, "text": {"S": text + "!"}}})
    writer.call("DeleteItem", {"TableName": "rates", "Key": {"pk": {"S": key}}})
    writer.call("PutItem", {"TableName": "rates", "Item": item})
    writer.clock.advance(11)
    writer.engine.sweeper.sweep()

    page = asyncio.run(writer.client.stream_records(writer.arn, begin, 100))
    taken_apart = writer.call("GetRecords", {"ShardIterator": begin})["Records"]
    assert [record["eventName"] for record in taken_apart] == ["INSERT", "MODIFY", "REMOVE", "INSERT", "REMOVE"]
    for found, record in zip(page.records, taken_apart, strict=True):
        expected = StreamRecord.of(record, writer.arn)
        assert orjson.loads(found.json) == orjson.loads(expected.json) == found.whole
        assert (found.number, found.created_s) == (expected.number, expected.created_s)
        for member in ("eventName", "userIdentity", "dynamodb", "awsRegion", "missing"):
            assert found.get(member, "none") == expected.get(member, "none")
    assert page.records[-1].get("userIdentity") == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert page.records[2].get("userIdentity") is None
