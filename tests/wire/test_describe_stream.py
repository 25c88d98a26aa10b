"""DescribeStream over the wire."""

from typing import Any

from tests.wire.refused import refused

UNKNOWN_ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/wire-none/stream/2015-05-11T21:21:33.291"


def test_it_is_described(streams: Any, fresh: str, place: dict[str, str]) -> None:
    described = streams.describe_stream(StreamArn=place["StreamArn"])["StreamDescription"]
    assert (described["StreamArn"], described["TableName"]) == (place["StreamArn"], fresh)
    assert (described["StreamStatus"], described["StreamViewType"]) == ("ENABLED", "NEW_AND_OLD_IMAGES")
    assert described["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]


def test_one_that_was_switched_off(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]) -> None:
    dynamodb.update_table(TableName=fresh, StreamSpecification={"StreamEnabled": False})
    described = streams.describe_stream(StreamArn=place["StreamArn"])["StreamDescription"]
    assert described["StreamStatus"] == "DISABLED"
    assert "EndingSequenceNumber" in described["Shards"][0]["SequenceNumberRange"]


# A malformed filter is refused; the children of a shard that has none are none.
def test_the_children_of_a_shard(streams: Any, place: dict[str, str]) -> None:
    children = {"Type": "CHILD_SHARDS", "ShardId": place["ShardId"]}
    described = streams.describe_stream(StreamArn=place["StreamArn"], ShardFilter=children)
    assert described["StreamDescription"]["Shards"] == []
    with refused("ValidationException"):
        streams.describe_stream(StreamArn=place["StreamArn"], ShardFilter={"Type": "CHILD_SHARDS"})


def test_what_is_not_there(streams: Any) -> None:
    with refused("ResourceNotFoundException", f"Requested resource not found: Stream: {UNKNOWN_ARN} not found"):
        streams.describe_stream(StreamArn=UNKNOWN_ARN)


def test_what_is_no_arn(streams: Any) -> None:
    with refused("ValidationException", "Invalid StreamArn"):
        streams.describe_stream(StreamArn="x" * 40)
