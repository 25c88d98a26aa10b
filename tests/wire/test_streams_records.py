"""What produces a stream record, and what is in it. Rows of sections 3 and 4 of the reference of streams."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from everwarm.clock import ManualClock
from tests.wire.conftest import Deletions, make_table
from tests.wire.consuming import Record, read_stream, switched_on
from tests.wire.refused import refused

KEY = {"pk": {"S": "Fred"}}
ITEM = {**KEY, "n": {"N": "1"}}

RICH = {
    **KEY,
    "map": {"M": {"a": {"N": "1"}, "b": {"L": [{"S": "x"}, {"NULL": True}]}}},
    "strings": {"SS": ["a", "b", "c"]},
    "numbers": {"NS": ["1", "2.5", "300"]},
    "binaries": {"BS": [b"\x00", b"\x01"]},
}
RICH_IN_ANOTHER_ORDER = {
    "binaries": {"BS": [b"\x01", b"\x00"]},
    "numbers": {"NS": ["300.0", "1", "25e-1"]},
    "strings": {"SS": ["c", "a", "b"]},
    "map": {"M": {"b": {"L": [{"S": "x"}, {"NULL": True}]}, "a": {"N": "1.0"}}},
    **KEY,
}

Written = Callable[[], list[Record]]


@pytest.fixture
def arn(dynamodb: Any, fresh: str) -> str:
    """The stream of `fresh`."""
    described = dynamodb.update_table(TableName=fresh, StreamSpecification=switched_on())
    found: str = described["TableDescription"]["LatestStreamArn"]
    return found


@pytest.fixture
def written(streams: Any, arn: str) -> Written:
    """`written()`: the records in the stream of `fresh`."""
    return lambda: read_stream(streams, arn)


def events(records: list[Record]) -> list[str]:
    return [record["eventName"] for record in records]


def test_insert(dynamodb: Any, fresh: str, written: Written) -> None:
    """3, put or update that creates the item: INSERT."""
    dynamodb.put_item(TableName=fresh, Item=ITEM)
    dynamodb.update_item(TableName=fresh, Key={"pk": {"S": "Ann"}})
    assert events(written()) == ["INSERT", "INSERT"]


def test_modify(dynamodb: Any, fresh: str, written: Written) -> None:
    """3, put or update that changes it: MODIFY."""
    dynamodb.put_item(TableName=fresh, Item=KEY)
    dynamodb.put_item(TableName=fresh, Item=ITEM)
    dynamodb.update_item(TableName=fresh, Key=KEY, AttributeUpdates={"n": {"Action": "ADD", "Value": {"N": "1"}}})
    assert events(written()) == ["INSERT", "MODIFY", "MODIFY"]


def test_remove(dynamodb: Any, fresh: str, written: Written) -> None:
    """3, delete of an existing item: REMOVE."""
    dynamodb.put_item(TableName=fresh, Item=ITEM)
    dynamodb.delete_item(TableName=fresh, Key=KEY)
    assert events(written()) == ["INSERT", "REMOVE"]


def test_ttl_deletion(dynamodb: Any, fresh: str, written: Written, clock: ManualClock, deletions: Deletions) -> None:
    """3, TTL deletion: REMOVE with userIdentity. 4, userIdentity: only there."""
    dynamodb.update_time_to_live(TableName=fresh, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    item = {**KEY, "ttl": {"N": str(int(clock.now()) + 5)}}
    dynamodb.put_item(TableName=fresh, Item=item)
    clock.advance(5)
    while deletions.queue.get(timeout=10).table != fresh:
        pass
    insert, remove = written()
    assert "userIdentity" not in insert
    assert remove["eventName"] == "REMOVE"
    assert remove["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    assert remove["dynamodb"]["OldImage"] == item


def test_put_of_an_identical_item(dynamodb: Any, fresh: str, written: Written) -> None:
    """3, put of an identical item, also inside BatchWriteItem: none."""
    dynamodb.put_item(TableName=fresh, Item=RICH)
    dynamodb.put_item(TableName=fresh, Item=RICH)
    dynamodb.batch_write_item(RequestItems={fresh: [{"PutRequest": {"Item": RICH}}]})
    assert events(written()) == ["INSERT"]


def test_update_that_changes_nothing(dynamodb: Any, fresh: str, written: Written) -> None:
    """3, update that sets the same value, ADD 0, REMOVE of a missing attribute: none."""
    dynamodb.put_item(TableName=fresh, Item={**ITEM, "s": {"SS": ["a", "b"]}})
    for expression, values in (
        ("SET n = :v", {":v": {"N": "1"}}),
        ("SET n = :v", {":v": {"N": "1.00"}}),
        ("SET n = n + :v", {":v": {"N": "0"}}),
        ("ADD n :v", {":v": {"N": "0"}}),
        ("ADD s :v", {":v": {"SS": ["a"]}}),
        ("DELETE s :v", {":v": {"SS": ["z"]}}),
        ("REMOVE nowhere", None),
    ):
        more = {} if values is None else {"ExpressionAttributeValues": values}
        dynamodb.update_item(TableName=fresh, Key=KEY, UpdateExpression=expression, **more)
    assert events(written()) == ["INSERT"]


def test_equal_values_in_another_order(dynamodb: Any, fresh: str, written: Written) -> None:
    """3, same map with its keys in another order: none (equal values); nor the same sets and numbers."""
    dynamodb.put_item(TableName=fresh, Item=RICH)
    dynamodb.put_item(TableName=fresh, Item=RICH_IN_ANOTHER_ORDER)
    dynamodb.update_item(
        TableName=fresh,
        Key=KEY,
        UpdateExpression="SET #m = :m, strings = :s",
        ExpressionAttributeNames={"#m": "map"},
        ExpressionAttributeValues={
            ":m": RICH_IN_ANOTHER_ORDER["map"],
            ":s": RICH_IN_ANOTHER_ORDER["strings"],
        },
    )
    assert events(written()) == ["INSERT"]


def test_a_list_in_another_order(dynamodb: Any, fresh: str, written: Written) -> None:
    """3, counterpart of equal values: a list has an order, and text is not a number."""
    dynamodb.put_item(TableName=fresh, Item={**KEY, "l": {"L": [{"S": "a"}, {"S": "b"}]}})
    dynamodb.put_item(TableName=fresh, Item={**KEY, "l": {"L": [{"S": "b"}, {"S": "a"}]}})
    dynamodb.put_item(TableName=fresh, Item={**KEY, "l": {"S": "1"}})
    dynamodb.put_item(TableName=fresh, Item={**KEY, "l": {"N": "1"}})
    assert events(written()) == ["INSERT", "MODIFY", "MODIFY", "MODIFY"]


def test_delete_of_a_missing_item(dynamodb: Any, fresh: str, written: Written) -> None:
    """3, delete of a missing item, also in a batch: none."""
    dynamodb.delete_item(TableName=fresh, Key=KEY)
    dynamodb.batch_write_item(RequestItems={fresh: [{"DeleteRequest": {"Key": KEY}}]})
    dynamodb.transact_write_items(TransactItems=[{"Delete": {"TableName": fresh, "Key": KEY}}])
    assert written() == []


def test_put_of_a_key_only_item_that_exists(dynamodb: Any, fresh: str, written: Written) -> None:
    """3, put of a key-only item that exists: none."""
    dynamodb.put_item(TableName=fresh, Item=KEY)
    dynamodb.put_item(TableName=fresh, Item=KEY)
    dynamodb.update_item(TableName=fresh, Key=KEY)
    assert events(written()) == ["INSERT"]


def test_failed_condition(dynamodb: Any, fresh: str, written: Written) -> None:
    """3, failed condition: none."""
    with refused("ConditionalCheckFailedException"):
        dynamodb.put_item(TableName=fresh, Item=ITEM, ConditionExpression="attribute_exists(pk)")
    assert written() == []


def test_batch_write_item(dynamodb: Any, fresh: str, written: Written) -> None:
    """3, BatchWriteItem: one record per changed item."""
    dynamodb.put_item(TableName=fresh, Item={"pk": {"S": "old"}})
    wanted: list[dict[str, Any]] = [{"PutRequest": {"Item": {"pk": {"S": str(number)}}}} for number in range(5)]
    wanted += [{"DeleteRequest": {"Key": {"pk": {"S": key}}}} for key in ("old", "nobody")]
    dynamodb.batch_write_item(RequestItems={fresh: wanted})
    found = sorted((r["dynamodb"]["Keys"]["pk"]["S"], r["eventName"]) for r in written())
    assert found == sorted([(str(n), "INSERT") for n in range(5)] + [("old", "INSERT"), ("old", "REMOVE")])


def test_transact_write_items(dynamodb: Any, streams: Any, fresh: str, written: Written) -> None:
    """3, TransactWriteItems: one record per changed item, each in its own table's stream only; none if cancelled."""
    other = make_table(dynamodb, "pk:S", StreamSpecification=switched_on())
    other_arn = dynamodb.describe_table(TableName=other)["Table"]["LatestStreamArn"]
    dynamodb.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": fresh, "Item": ITEM}},
            {"Put": {"TableName": other, "Item": {"pk": {"S": "Ann"}}}},
            {"Put": {"TableName": other, "Item": {"pk": {"S": "Bob"}}}},
        ]
    )
    with refused("TransactionCanceledException"):
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": other, "Item": {"pk": {"S": "Eve"}}}},
                {"ConditionCheck": {"TableName": fresh, "Key": KEY, "ConditionExpression": "attribute_not_exists(pk)"}},
            ]
        )
    assert [r["dynamodb"]["Keys"]["pk"]["S"] for r in written()] == ["Fred"]
    assert sorted(r["dynamodb"]["Keys"]["pk"]["S"] for r in read_stream(streams, other_arn)) == ["Ann", "Bob"]


def test_partiql(dynamodb: Any, fresh: str, written: Written) -> None:
    """3, put, update and delete: the same by statements."""
    for statement in (
        f"INSERT INTO \"{fresh}\" VALUE {{'pk': 'Fred', 'n': 1}}",
        f"UPDATE \"{fresh}\" SET n = 1 WHERE pk = 'Fred'",
        f"UPDATE \"{fresh}\" SET n = 2 WHERE pk = 'Fred'",
        f"DELETE FROM \"{fresh}\" WHERE pk = 'Fred'",
    ):
        dynamodb.execute_statement(Statement=statement)
    assert events(written()) == ["INSERT", "MODIFY", "REMOVE"]


def test_order_within_an_item(dynamodb: Any, fresh: str, written: Written) -> None:
    """3, order: per item the records follow the writes; each record appears once. 4, SequenceNumber: rising."""
    for number in range(30):
        dynamodb.put_item(TableName=fresh, Item={"pk": {"S": f"k{number % 3}"}, "n": {"N": str(number)}})
    records = written()
    for key in ("k0", "k1", "k2"):
        mine = [r["dynamodb"] for r in records if r["dynamodb"]["Keys"]["pk"]["S"] == key]
        values = [int(body["NewImage"]["n"]["N"]) for body in mine]
        assert values == list(range(int(key[1]), 30, 3))
        numbers = [int(body["SequenceNumber"]) for body in mine]
        assert numbers == sorted(set(numbers))
    assert all(re.fullmatch(r"\d{21,40}", r["dynamodb"]["SequenceNumber"]) for r in records)


def test_members_of_a_record(dynamodb: Any, fresh: str, written: Written, clock: ManualClock) -> None:
    """4, eventID, eventVersion, ApproximateCreationDateTime, Keys, StreamViewType, eventSourceARN."""
    dynamodb.put_item(TableName=fresh, Item=ITEM)
    [record] = written()
    assert re.fullmatch("[0-9a-f]{32}", record["eventID"])
    assert record["eventVersion"] == "1.1"
    assert record["eventSource"] == "aws:dynamodb"
    assert record["awsRegion"] == "us-east-1"
    body = record["dynamodb"]
    # Seconds, rounded down.
    assert body["ApproximateCreationDateTime"] == datetime.fromtimestamp(int(clock.now()), UTC)
    assert body["Keys"] == KEY
    assert body["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert "eventSourceARN" not in record
    assert set(record) == {"eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb"}


@pytest.mark.parametrize(
    ("view_type", "new", "old"),
    [
        ("KEYS_ONLY", False, False),
        ("NEW_IMAGE", True, False),
        ("OLD_IMAGE", False, True),
        ("NEW_AND_OLD_IMAGES", True, True),
    ],
)
def test_images(dynamodb: Any, streams: Any, fresh: str, view_type: str, new: bool, old: bool) -> None:
    """4, NewImage and OldImage: whole items, keys included, as the view type has them; absent where there is none."""
    described = dynamodb.update_table(TableName=fresh, StreamSpecification=switched_on(view_type))
    dynamodb.put_item(TableName=fresh, Item=KEY)
    dynamodb.put_item(TableName=fresh, Item=ITEM)
    dynamodb.delete_item(TableName=fresh, Key=KEY)
    records = read_stream(streams, described["TableDescription"]["LatestStreamArn"])
    expected: list[tuple[Any, Any]] = [(KEY, None), (ITEM, KEY), (None, ITEM)]
    for record, (after, before) in zip(records, expected, strict=True):
        body = record["dynamodb"]
        assert body.get("NewImage") == (after if new else None)
        assert body.get("OldImage") == (before if old else None)
        assert body["Keys"] == KEY


@pytest.mark.parametrize(
    ("attribute", "value_bytes"),
    [
        ({"S": ""}, 0),
        ({"S": "Zoë"}, 4),
        ({"N": "42"}, 2),
        ({"N": "101"}, 3),
        ({"N": "1723213300"}, 5),
        ({"N": "0"}, 1),
        ({"B": b"\x00\x01\x02"}, 3),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["a", "bc"]}, 3),
        ({"NS": ["42", "101"]}, 5),
        ({"BS": [b"\x00", b"\x01\x02"]}, 3),
        # A list or map has 3 bytes of its own, and 1 for each of its members.
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": False}]}, 3 + 2 + 2 + 1),
        ({"M": {}}, 3),
        ({"M": {"key": {"S": "ab"}}}, 3 + 1 + 3 + 2),
        ({"M": {"k": {"L": [{"N": "42"}]}}}, 3 + 1 + 1 + (3 + 1 + 2)),
    ],
)
def test_size_bytes(dynamodb: Any, fresh: str, written: Written, attribute: dict[str, Any], value_bytes: int) -> None:
    """4, SizeBytes: Keys, NewImage and OldImage together, each attribute being its name and its value."""
    dynamodb.put_item(TableName=fresh, Item={**KEY, "a": attribute})
    dynamodb.put_item(TableName=fresh, Item=KEY)
    dynamodb.delete_item(TableName=fresh, Key=KEY)
    sizes = [record["dynamodb"]["SizeBytes"] for record in written()]
    key_bytes, item_bytes = 6, 6 + 1 + value_bytes
    assert sizes == [key_bytes + item_bytes, key_bytes + key_bytes + item_bytes, key_bytes + key_bytes]


def test_size_bytes_of_a_recording(dynamodb: Any, streams: Any) -> None:
    """4, SizeBytes: `id`/Fred alone is 12, as AWS was recorded; KEYS_ONLY counts keys only."""
    table = make_table(dynamodb, "id:S", StreamSpecification=switched_on("NEW_IMAGE"))
    keys_only = make_table(dynamodb, "id:S", StreamSpecification=switched_on("KEYS_ONLY"))
    for name, size_bytes in ((table, 12), (keys_only, 6)):
        dynamodb.put_item(TableName=name, Item={"id": {"S": "Fred"}})
        [record] = read_stream(streams, dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"])
        assert record["dynamodb"]["SizeBytes"] == size_bytes
