"""DescribeStream: a stream and its shards, 100 to a page at the most."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.stream_arn import check_stream_arn
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.streams.shards import Shard
from everwarm.errors import ValidationException

PAGE = 100


def run(engine: Engine, request: Request) -> Response:
    check_stream_arn(request["StreamArn"])
    shard_filter = request.get("ShardFilter")
    if shard_filter is not None and (shard_filter.get("Type") is None or shard_filter.get("ShardId") is None):
        raise ValidationException("shardFilter: both Type and ShardId are required")
    stream = engine.streams.find(request["StreamArn"])
    horizon = engine.streams.horizon()
    shards = [shard for shard in _behind(stream.shards, request.get("ExclusiveStartShardId")) if shard.kept(horizon)]
    if shard_filter is not None:
        shards = [shard for shard in shards if shard.parent_id == shard_filter["ShardId"]]
    limit = request.get("Limit") or PAGE
    description = {**stream.describe(), "Shards": [shard.to_wire() for shard in shards[:limit]]}
    if len(shards) > limit:
        description["LastEvaluatedShardId"] = shards[limit - 1].shard_id
    return {"StreamDescription": description}


def _behind(shards: tuple[Shard, ...], start: str | None) -> tuple[Shard, ...]:
    """The shards behind one of them; none behind one that is not known."""
    if start is None:
        return shards
    return next((shards[at + 1 :] for at, shard in enumerate(shards) if shard.shard_id == start), ())
