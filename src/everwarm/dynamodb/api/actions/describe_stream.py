"""DescribeStream: a stream and its shards."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.stream_arn import check_stream_arn
from everwarm.dynamodb.engine import Engine
from everwarm.errors import ValidationException


def run(engine: Engine, request: Request) -> Response:
    check_stream_arn(request["StreamArn"])
    stream = engine.streams.find(request["StreamArn"])
    start = request.get("ExclusiveStartShardId")
    shards = [stream.shard]
    shard_filter = request.get("ShardFilter")
    if shard_filter is not None:
        if shard_filter.get("Type") is None or shard_filter.get("ShardId") is None:
            raise ValidationException("shardFilter: both Type and ShardId are required")
        # The children of a shard; with one shard for each stream there are none.
        shards = []
    shown = [shard.to_wire() for shard in shards if start is None or shard.shard_id > start]
    return {"StreamDescription": {**stream.describe(), "Shards": shown}}
