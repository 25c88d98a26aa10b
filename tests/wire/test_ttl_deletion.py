"""The deletion itself and its record in the stream: sections 6 and 7 of what is known of AWS's TTL.

The tables have a test for each row, which is named in its docstring. Rows on delays: test_ttl_delay.py. The record as a
function gets it, with its other spelling: tests/stack.
"""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.wire.ttl import Place, running

SERVICE = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with running() as place:
        yield place


def with_indexes(place: Place) -> str:
    """A table with a local index on `n` and a global one on `g`."""
    return place.table(
        "pk:S",
        "sk:S",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": tag}
            for name, tag in (("pk", "S"), ("sk", "S"), ("n", "N"), ("g", "S"))
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": "local",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "global",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )


def test_no_capacity(place: Place) -> None:
    """Section 6, row "Write capacity": none, so a table of one unit a second loses 300 items at once."""
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    table = place.table(BillingMode="PROVISIONED", ProvisionedThroughput=units)
    for first in range(0, 300, 25):
        wanted = [
            {"PutRequest": {"Item": {"pk": {"S": str(number)}, "ttl": {"N": str(place.now + 60)}}}}
            for number in range(first, first + 25)
        ]
        place.dynamodb.batch_write_item(RequestItems={table: wanted})
    place.clock.advance(60)
    assert len(place.deleted(table, 300)) == 300
    assert place.dynamodb.scan(TableName=table)["Count"] == 0


def test_indexes(place: Place) -> None:
    """Section 6, row "LSI and GSI": removed as an ordinary delete would."""
    table = with_indexes(place)
    for key, due in (("past", place.now - 60), ("future", place.now + 60)):
        item = {"pk": {"S": "a"}, "sk": {"S": key}, "n": {"N": "1"}, "g": {"S": "x"}, "ttl": {"N": str(due)}}
        place.dynamodb.put_item(TableName=table, Item=item)
    place.deleted(table)
    for index in ("local", "global"):
        found = place.dynamodb.scan(TableName=table, IndexName=index)["Items"]
        assert [item["sk"]["S"] for item in found] == ["future"]
    described = place.dynamodb.describe_table(TableName=table)["Table"]
    sizes = [described, described["LocalSecondaryIndexes"][0], described["GlobalSecondaryIndexes"][0]]
    assert [one["ItemCount"] for one in sizes] == [1, 1, 1]


def test_the_count(place: Place) -> None:
    """Section 6, row "Metric": CloudWatch's `TimeToLiveDeletedItemCount` is a table's `ItemCount` that falls, here."""
    table = place.table()
    for key in "abc":
        place.put(table, key, {"N": str(place.now + (60 if key == "c" else -60))})
    place.deleted(table, 2)
    assert place.dynamodb.describe_table(TableName=table)["Table"]["ItemCount"] == 1


def test_the_order(place: Place) -> None:
    """Section 6, row "Order, batching": not documented; here in the order of their times."""
    table = place.table()
    for key, in_s in (("third", 30), ("first", 10), ("second", 20)):
        place.put(table, key, {"N": str(place.now + in_s)})
    place.clock.advance(30)
    assert [one.key["pk"]["S"] for one in place.deleted(table, 3)] == ["first", "second", "third"]


def expired_and_deleted(place: Place, view: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The records of a deletion by TTL and of one by a user."""
    stream = {"StreamEnabled": True, "StreamViewType": view}
    table = place.table(StreamSpecification=stream)
    place.put(table, "deleted", v={"S": "x"})
    place.dynamodb.delete_item(TableName=table, Key={"pk": {"S": "deleted"}})
    place.put(table, "expired", {"N": str(place.now)}, v={"S": "x"})
    place.deleted(table)
    records = place.records(table)
    assert [record["eventName"] for record in records] == ["INSERT", "REMOVE", "INSERT", "REMOVE"]
    return records[3], records[1]


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
def test_the_record(place: Place, view: str) -> None:
    """Section 7, first paragraph: `REMOVE`, `OldImage` when the view type carries it."""
    record, _ = expired_and_deleted(place, view)
    assert record["eventSource"] == "aws:dynamodb"
    body = record["dynamodb"]
    assert body["StreamViewType"] == view
    assert body["Keys"] == {"pk": {"S": "expired"}}
    assert "NewImage" not in body
    image = {"pk": {"S": "expired"}, "v": {"S": "x"}, "ttl": {"N": str(place.now)}}
    assert body.get("OldImage") == (image if "OLD" in view else None)


def test_the_identity(place: Place) -> None:
    """Section 7, row "DynamoDB Streams `GetRecords` (wire and SDK)": `Type` and `PrincipalId`, in capitals."""
    record, _ = expired_and_deleted(place, "KEYS_ONLY")
    assert record["userIdentity"] == SERVICE


def test_of_an_ordinary_delete(place: Place) -> None:
    """Section 7, "Ordinary deletes have no `userIdentity` member"."""
    _, record = expired_and_deleted(place, "KEYS_ONLY")
    assert "userIdentity" not in record


def test_a_record_seen_on_aws(place: Place) -> None:
    """Section 7, "A TTL record seen on AWS": its `size_bytes` of 91, its sequence number of digits."""
    table = place.table("id:S", ttl=False, StreamSpecification={"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"})
    expiring = {"Enabled": True, "AttributeName": "expired_at"}
    place.dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=expiring)
    place.clock.advance(max(0, 1_723_213_300 - place.clock.now()))
    item = {"id": {"S": str(uuid.uuid4())}, "expired_at": {"N": "1723213300"}}
    place.dynamodb.put_item(TableName=table, Item=item)
    place.deleted(table)
    record = place.records(table)[-1]["dynamodb"]
    assert record["OldImage"] == item
    assert record["SizeBytes"] == 91
    assert record["SequenceNumber"].isdigit()
    assert len(record["SequenceNumber"]) >= 21


def test_a_burst(place: Place) -> None:
    """Section 6, row "Order, batching": 1,000 items of one second go in batches, between which others are served."""
    table = place.table()
    due = place.now + 60
    for first in range(0, 1000, 25):
        wanted = [
            {"PutRequest": {"Item": {"pk": {"S": str(number)}, "ttl": {"N": str(due)}}}}
            for number in range(first, first + 25)
        ]
        place.dynamodb.batch_write_item(RequestItems={table: wanted})
    place.clock.advance(60)
    place.put(table, "meanwhile")
    assert place.has(table, "meanwhile")
    place.deleted(table, 1000)
    assert place.dynamodb.scan(TableName=table)["Count"] == 1
