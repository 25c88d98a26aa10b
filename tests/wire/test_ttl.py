"""The deletions of Time to Live, over the wire."""

from typing import Any

from everwarm.clock import ManualClock

ON = {"Enabled": True, "AttributeName": "ttl"}


# Nobody calls a sweep: the stack does it when the clock says so, and marks it in the stream.
def test_an_item_expires_by_itself(dynamodb: Any, streams: Any, fresh: str, clock: ManualClock, deletions: Any) -> None:
    specification = {"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"}
    table = dynamodb.update_table(TableName=fresh, StreamSpecification=specification)["TableDescription"]
    dynamodb.update_time_to_live(TableName=fresh, TimeToLiveSpecification=ON)
    due = int(clock.now()) + 3600
    item = {"pk": {"S": "a"}, "ttl": {"N": str(due)}}
    dynamodb.put_item(TableName=fresh, Item=item)
    dynamodb.put_item(TableName=fresh, Item={"pk": {"S": "b"}, "ttl": {"N": str(due + 1)}})

    clock.advance(due - clock.now())

    deleted = deletions.queue.get(timeout=10)
    assert (deleted.table, deleted.key, deleted.due_at) == (fresh, {"pk": {"S": "a"}}, due)
    assert "Item" not in dynamodb.get_item(TableName=fresh, Key={"pk": {"S": "a"}})
    assert "Item" in dynamodb.get_item(TableName=fresh, Key={"pk": {"S": "b"}})
    stream_arn = table["LatestStreamArn"]
    [shard] = streams.describe_stream(StreamArn=stream_arn)["StreamDescription"]["Shards"]
    start = streams.get_shard_iterator(
        StreamArn=stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    record = streams.get_records(ShardIterator=start)["Records"][-1]
    assert record["eventName"] == "REMOVE"
    assert record["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    assert record["dynamodb"]["OldImage"] == item
