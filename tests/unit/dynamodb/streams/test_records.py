"""What a write leaves in the stream: one record for each change, of the stream's view type, and none for no change."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.errors import ConditionalCheckFailedException

Call = Callable[..., dict[str, Any]]
Records = Callable[[str], list[dict[str, Any]]]

KEY = {"pk": {"S": "Fred"}}
ONE = {**KEY, "n": {"N": "1"}}
TWO = {**KEY, "n": {"N": "2"}}


def put(call: Call, item: dict[str, Any]) -> None:
    call("PutItem", TableName="rates", Item=item)


@pytest.mark.parametrize(
    ("view_type", "images"),
    [
        ("KEYS_ONLY", [{}, {}, {}]),
        ("NEW_IMAGE", [{"NewImage": ONE}, {"NewImage": TWO}, {}]),
        ("OLD_IMAGE", [{}, {"OldImage": ONE}, {"OldImage": TWO}]),
        ("NEW_AND_OLD_IMAGES", [{"NewImage": ONE}, {"NewImage": TWO, "OldImage": ONE}, {"OldImage": TWO}]),
    ],
)
def test_view_types(call: Call, create: Call, records: Records, view_type: str, images: list[dict[str, Any]]) -> None:
    create("rates", stream=view_type)
    put(call, ONE)
    put(call, TWO)
    call("DeleteItem", TableName="rates", Key=KEY)
    found = records("rates")
    assert [record["eventName"] for record in found] == ["INSERT", "MODIFY", "REMOVE"]
    for record, expected in zip(found, images, strict=True):
        body = record["dynamodb"]
        assert body["Keys"] == KEY
        assert body["StreamViewType"] == view_type
        assert {name: body[name] for name in ("NewImage", "OldImage") if name in body} == expected


def test_members(call: Call, create: Call, records: Records, clock: ManualClock) -> None:
    create("rates", stream="NEW_AND_OLD_IMAGES")
    clock.advance(0.9)
    put(call, KEY)
    [record] = records("rates")
    body = record["dynamodb"]
    assert re.fullmatch("[0-9a-f]{32}", record.pop("eventID"))
    assert body.pop("SequenceNumber").isdigit()
    assert record == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_700_000_000,  # rounded down
            "Keys": KEY,
            "NewImage": KEY,
            "SizeBytes": 12,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


# Sizes as in AWS's sample of three records ("Using AWS Lambda with DynamoDB").
def test_size_bytes_as_recorded(call: Call, create: Call, records: Records) -> None:
    create("rates", "Id:N", stream="NEW_AND_OLD_IMAGES")
    put(call, {"Message": {"S": "New item!"}, "Id": {"N": "101"}})
    put(call, {"Message": {"S": "This item has changed"}, "Id": {"N": "101"}})
    call("DeleteItem", TableName="rates", Key={"Id": {"N": "101"}})
    assert [record["dynamodb"]["SizeBytes"] for record in records("rates")] == [26, 59, 38]


def test_keys_only_counts_keys_only(call: Call, create: Call, records: Records) -> None:
    create("rates", stream="KEYS_ONLY")
    put(call, {**KEY, "much": {"S": "x" * 1000}})
    assert records("rates")[0]["dynamodb"]["SizeBytes"] == len("pkFred")


# Every row of "What produces a record" that says none.
@pytest.mark.parametrize(
    ("action", "request_members"),
    [
        pytest.param("PutItem", {"Item": {**KEY, "n": {"N": "1.0"}, "s": {"SS": ["b", "a"]}}}, id="identical item"),
        pytest.param("DeleteItem", {"Key": {"pk": {"S": "nobody"}}}, id="delete of a missing item"),
        pytest.param("UpdateItem", {"Key": KEY}, id="update of nothing"),
        pytest.param(
            "UpdateItem",
            {"Key": KEY, "UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "1"}}},
            id="same value",
        ),
        pytest.param(
            "UpdateItem",
            {"Key": KEY, "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": {"N": "0"}}},
            id="ADD 0",
        ),
        pytest.param("UpdateItem", {"Key": KEY, "UpdateExpression": "REMOVE nothing"}, id="REMOVE of nothing"),
    ],
)
def test_no_change_no_record(
    call: Call, create: Call, records: Records, action: str, request_members: dict[str, Any]
) -> None:
    create("rates", stream="KEYS_ONLY")
    put(call, {**KEY, "n": {"N": "1"}, "s": {"SS": ["a", "b"]}})
    call(action, TableName="rates", **request_members)
    assert len(records("rates")) == 1


def test_a_failed_condition_leaves_no_record(call: Call, create: Call, records: Records) -> None:
    create("rates", stream="KEYS_ONLY")
    with pytest.raises(ConditionalCheckFailedException):
        call("PutItem", TableName="rates", Item=KEY, ConditionExpression="attribute_exists(pk)")
    assert records("rates") == []


def test_a_batch_leaves_one_record_for_each_changed_item(call: Call, create: Call, records: Records) -> None:
    create("rates", stream="KEYS_ONLY")
    put(call, KEY)
    wanted = [{"PutRequest": {"Item": {"pk": {"S": name}}}} for name in ("Fred", "Ann", "Bob")]
    wanted.append({"DeleteRequest": {"Key": {"pk": {"S": "nobody"}}}})
    call("BatchWriteItem", RequestItems={"rates": wanted})
    assert sorted(record["dynamodb"]["Keys"]["pk"]["S"] for record in records("rates")) == ["Ann", "Bob", "Fred"]


def test_sequence_numbers_rise_and_have_21_to_40_digits(call: Call, create: Call, records: Records) -> None:
    create("rates", stream="KEYS_ONLY")
    create("other", stream="KEYS_ONLY")
    for number in range(20):
        put(call, {**KEY, "n": {"N": str(number)}})
        call("PutItem", TableName="other", Item={**KEY, "n": {"N": str(number)}})
    texts = [record["dynamodb"]["SequenceNumber"] for record in records("rates")]
    numbers = [int(text) for text in texts]
    assert all(21 <= len(text) <= 40 for text in texts)
    assert numbers == sorted(set(numbers))


def test_every_record_has_an_id_of_its_own(call: Call, create: Call, records: Records) -> None:
    for name in ("rates", "other"):
        create(name, stream="KEYS_ONLY")
        call("PutItem", TableName=name, Item=KEY)
    ids = [record["eventID"] for name in ("rates", "other") for record in records(name)]
    assert len(set(ids)) == 2
    assert ids == [record["eventID"] for name in ("rates", "other") for record in records(name)]
