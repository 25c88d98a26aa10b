"""ListStreams over the wire."""

from typing import Any

from tests.wire.refused import refused


def test_the_streams_of_a_table(streams: Any, fresh: str, place: dict[str, str]) -> None:
    [listed] = streams.list_streams(TableName=fresh)["Streams"]
    assert (listed["StreamArn"], listed["TableName"]) == (place["StreamArn"], fresh)
    assert place["StreamArn"].endswith(listed["StreamLabel"])


def test_a_table_without_any(streams: Any, table: str) -> None:
    assert streams.list_streams(TableName=table)["Streams"] == []


# A stream that was switched off is still there to be read, and so is listed beside its successor.
def test_page_by_page(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]) -> None:
    off, on = {"StreamEnabled": False}, {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    dynamodb.update_table(TableName=fresh, StreamSpecification=off)
    second = dynamodb.update_table(TableName=fresh, StreamSpecification=on)["TableDescription"]["LatestStreamArn"]
    page = streams.list_streams(TableName=fresh, Limit=1)
    following = streams.list_streams(TableName=fresh, ExclusiveStartStreamArn=page["LastEvaluatedStreamArn"])
    listed = [stream["StreamArn"] for stream in page["Streams"] + following["Streams"]]
    assert sorted(listed) == sorted([place["StreamArn"], second])
    assert "LastEvaluatedStreamArn" not in following


def test_a_page_of_nothing(unchecked_streams: Any) -> None:
    with refused("ValidationException", has="Member must have value greater than or equal to 1"):
        unchecked_streams.list_streams(Limit=0)
