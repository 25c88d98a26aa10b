"""Streams: the service, and switching them on and off. Rows of sections 1 and 2 of the reference of streams."""

import http.client
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from everwarm.stack import Stack
from tests.wire.conftest import connect, make_table
from tests.wire.consuming import OFF, put, read_stream, shards_of, switched_on
from tests.wire.refused import refused

INVALID = "One or more parameter values were invalid: "


def switch(dynamodb: Any, table: str, specification: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = dynamodb.update_table(TableName=table, StreamSpecification=specification)
    table_description: dict[str, Any] = described["TableDescription"]
    return table_description


def test_wire_protocol_and_operations(connection: http.client.HTTPConnection) -> None:
    """1, wire protocol and operations: AWS JSON 1.0, `DynamoDBStreams_20120810.<Operation>`; four of them."""
    for operation in ("ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"):
        connection.request(
            "POST",
            "/",
            b"{}",
            {
                "X-Amz-Target": f"DynamoDBStreams_20120810.{operation}",
                "Content-Type": "application/x-amz-json-1.0",
                "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, "
                "SignedHeaders=host;x-amz-date, Signature=0",
                "X-Amz-Date": "20260101T000000Z",
            },
        )
        response = connection.getresponse()
        answer = json.loads(response.read())
        assert response.getheader("Content-Type") == "application/x-amz-json-1.0"
        assert answer.get("__type", "ValidationException").endswith("ValidationException")
        assert ("Streams" in answer) == (operation == "ListStreams")


def test_signing_name(tmp_path: Path) -> None:
    """1, endpoint prefix and signing name: boto3 signs for `dynamodb`; what is signed for another name is refused."""
    file = tmp_path / "credentials"
    file.write_text("[default]\naws_access_key_id = any\naws_secret_access_key = thing\n")
    with Stack(tmp_path, memory=True, credentials=file) as stack:
        streams = connect("dynamodbstreams", stack.endpoint)
        assert streams.list_streams()["Streams"] == []
        streams.meta.events.register("before-sign.*", _sign_for_streams)
        with refused("InvalidSignatureException", has="Credential should be scoped to correct service: 'dynamodb'"):
            streams.list_streams()
        streams.close()


def _sign_for_streams(request: Any, **_: Any) -> None:
    request.context.setdefault("signing", {})["signing_name"] = "streams.dynamodb"


def test_many_readers(dynamodb: Any, streams: Any, fresh: str) -> None:
    """1, readers and rates: two readers to a shard, 10 DescribeStream and 5 ListStreams a second; here no limit."""
    arn = switch(dynamodb, fresh, switched_on())["LatestStreamArn"]
    put(dynamodb, fresh, "a")
    for _ in range(12):
        assert len(read_stream(streams, arn)) == 1
        assert len(streams.list_streams(TableName=fresh)["Streams"]) == 1


def test_arn_and_label(dynamodb: Any, fresh: str) -> None:
    """1, stream ARN and label: `<table's ARN>/stream/<label>`, ISO 8601 with milliseconds and no zone."""
    table = switch(dynamodb, fresh, switched_on())
    arn, label = table["LatestStreamArn"], table["LatestStreamLabel"]
    assert arn == f"{table['TableArn']}/stream/{label}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", label)
    datetime.fromisoformat(label)
    assert 37 <= len(arn) <= 1024


def test_enable(dynamodb: Any, streams: Any, fresh: str) -> None:
    """2, enable: the table is UPDATING, ARN and label are in the response; the stream gets ENABLED."""
    table = switch(dynamodb, fresh, switched_on("KEYS_ONLY"))
    assert table["TableStatus"] == "UPDATING"
    assert table["StreamSpecification"] == switched_on("KEYS_ONLY")
    assert table["LatestStreamArn"].endswith(table["LatestStreamLabel"])
    described = streams.describe_stream(StreamArn=table["LatestStreamArn"])["StreamDescription"]
    assert (described["StreamStatus"], described["StreamViewType"]) == ("ENABLED", "KEYS_ONLY")


@pytest.mark.parametrize("view_type", ["KEYS_ONLY", "NEW_IMAGE"])
def test_enable_again(dynamodb: Any, fresh: str, view_type: str) -> None:
    """2, enable again, same or other view type."""
    switch(dynamodb, fresh, switched_on("KEYS_ONLY"))
    with refused("ValidationException", f"Table already has an enabled stream: TableName: {fresh}"):
        switch(dynamodb, fresh, switched_on(view_type))


def test_enable_without_a_view_type(dynamodb: Any, fresh: str) -> None:
    """2, enable without a view type."""
    with refused("ValidationException", INVALID + "If stream is being enabled then UpdateViewType is required"):
        switch(dynamodb, fresh, {"StreamEnabled": True})


def test_create_with_a_stream_and_no_view_type(dynamodb: Any) -> None:
    """2, create table with stream on, no view type."""
    with refused(
        "ValidationException", INVALID + "Table is being created with a stream enabled, UpdateViewType is required"
    ):
        make_table(dynamodb, "pk:S", StreamSpecification={"StreamEnabled": True})


def test_create_without_a_stream_and_a_view_type(dynamodb: Any) -> None:
    """2, create table with stream off and a view type."""
    with refused(
        "ValidationException",
        INVALID + "Table is being created with a stream disabled, UpdateViewType should not be specified",
    ):
        make_table(dynamodb, "pk:S", StreamSpecification={**OFF, "StreamViewType": "KEYS_ONLY"})


def test_disable_with_a_view_type(dynamodb: Any, fresh: str) -> None:
    """2, disable with a view type."""
    switch(dynamodb, fresh, switched_on())
    with refused(
        "ValidationException", INVALID + "If stream is being disabled, then UpdateViewType must not be specified"
    ):
        switch(dynamodb, fresh, {**OFF, "StreamViewType": "KEYS_ONLY"})


def test_disable_when_there_is_none(dynamodb: Any, fresh: str) -> None:
    """2, disable when none: never had one, or has none any more."""
    for _ in range(2):
        with refused("ValidationException", f"Table has no stream to disable: TableName: {fresh}"):
            switch(dynamodb, fresh, OFF)
        switch(dynamodb, fresh, switched_on())
        switch(dynamodb, fresh, OFF)


def test_unknown_view_type(dynamodb: Any, fresh: str) -> None:
    """2, unknown view type: the enum's complaint."""
    with refused(
        "ValidationException",
        "1 validation error detected: Value 'EVERYTHING' at 'streamSpecification.streamViewType' failed to satisfy "
        "constraint: Member must satisfy enum value set: [OLD_IMAGE, KEYS_ONLY, NEW_AND_OLD_IMAGES, NEW_IMAGE]",
    ):
        switch(dynamodb, fresh, switched_on("EVERYTHING"))


def test_together_with_throughput(dynamodb: Any, fresh: str) -> None:
    """2, together with provisioned throughput."""
    with refused("ValidationException", INVALID + "You cannot modify stream status while updating table IOPS"):
        dynamodb.update_table(
            TableName=fresh,
            StreamSpecification=switched_on(),
            BillingMode="PROVISIONED",
            ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        )


def test_together_with_an_index_change(dynamodb: Any, fresh: str) -> None:
    """2, together with an index change."""
    with refused("ValidationException", INVALID + "You cannot create or delete index while changing stream status"):
        dynamodb.update_table(
            TableName=fresh,
            StreamSpecification=switched_on(),
            GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "some"}}],
        )


def test_after_disabling(dynamodb: Any, fresh: str) -> None:
    """2, after disabling: the specification disappears, ARN and label stay."""
    on = switch(dynamodb, fresh, switched_on())
    switch(dynamodb, fresh, OFF)
    table = dynamodb.describe_table(TableName=fresh)["Table"]
    assert "StreamSpecification" not in table
    assert (table["LatestStreamArn"], table["LatestStreamLabel"]) == (on["LatestStreamArn"], on["LatestStreamLabel"])


def test_re_enable(dynamodb: Any, streams: Any, fresh: str) -> None:
    """2, re-enable: a new ARN, none of the old records; the old stream stays readable with status DISABLED."""
    first = switch(dynamodb, fresh, switched_on())
    put(dynamodb, fresh, "a")
    switch(dynamodb, fresh, OFF)
    put(dynamodb, fresh, "between")
    second = switch(dynamodb, fresh, switched_on("KEYS_ONLY"))
    put(dynamodb, fresh, "b")
    assert first["LatestStreamArn"] != second["LatestStreamArn"]
    assert first["LatestStreamLabel"] != second["LatestStreamLabel"]
    for table, status, key in ((first, "DISABLED", "a"), (second, "ENABLED", "b")):
        arn = table["LatestStreamArn"]
        assert streams.describe_stream(StreamArn=arn)["StreamDescription"]["StreamStatus"] == status
        assert [r["dynamodb"]["Keys"]["pk"]["S"] for r in read_stream(streams, arn)] == [key]


def test_delete_the_table(dynamodb: Any, streams: Any, fresh: str) -> None:
    """2, delete the table: its streams remain listable as DISABLED, and readable."""
    arn = switch(dynamodb, fresh, switched_on())["LatestStreamArn"]
    put(dynamodb, fresh, "a")
    dynamodb.delete_table(TableName=fresh)
    assert [stream["StreamArn"] for stream in streams.list_streams(TableName=fresh)["Streams"]] == [arn]
    assert streams.describe_stream(StreamArn=arn)["StreamDescription"]["StreamStatus"] == "DISABLED"
    assert len(read_stream(streams, arn)) == 1


def test_a_table_of_the_same_name_has_another_stream(dynamodb: Any, streams: Any, fresh: str) -> None:
    """2, delete the table: what comes under its name later has nothing of it."""
    first = switch(dynamodb, fresh, switched_on())["LatestStreamArn"]
    put(dynamodb, fresh, "a")
    dynamodb.delete_table(TableName=fresh)
    dynamodb.create_table(
        TableName=fresh,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification=switched_on(),
    )
    second = dynamodb.describe_table(TableName=fresh)["Table"]["LatestStreamArn"]
    assert first != second
    assert (len(read_stream(streams, first)), read_stream(streams, second)) == (1, [])


def test_delete_right_after_the_stream_was_switched_on(dynamodb: Any, streams: Any, fresh: str) -> None:
    """2, delete a table whose stream is still being created: here it is there at once."""
    arn = switch(dynamodb, fresh, switched_on())["LatestStreamArn"]
    dynamodb.delete_table(TableName=fresh)
    [shard] = shards_of(streams, arn)
    assert "EndingSequenceNumber" in shard["SequenceNumberRange"]


def test_schema_neutral_changes(dynamodb: Any, fresh: str) -> None:
    """2, schema-neutral change (tags, billing mode): the ARN does not change."""
    table = switch(dynamodb, fresh, switched_on())
    dynamodb.tag_resource(ResourceArn=table["TableArn"], Tags=[{"Key": "a", "Value": "b"}])
    dynamodb.update_table(
        TableName=fresh,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )
    after = dynamodb.describe_table(TableName=fresh)["Table"]
    assert after["LatestStreamArn"] == table["LatestStreamArn"]
    assert after["StreamSpecification"] == switched_on()


def test_a_view_type_is_changed_by_disabling_and_enabling(dynamodb: Any, streams: Any, fresh: str) -> None:
    """2, view types: each of the four; a change is another stream."""
    arns = set()
    for view_type in ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
        arn = switch(dynamodb, fresh, switched_on(view_type))["LatestStreamArn"]
        assert streams.describe_stream(StreamArn=arn)["StreamDescription"]["StreamViewType"] == view_type
        switch(dynamodb, fresh, OFF)
        arns.add(arn)
    assert len(arns) == 4
    assert {stream["StreamArn"] for stream in streams.list_streams(TableName=fresh)["Streams"]} == arns
