"""GetRecords: the next records from an iterator. They go from disk to socket as they are."""

import orjson

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.streams.iterators import ShardIterator
from everwarm.dynamodb.streams.reader import MAX_RECORDS, read


def run(engine: Engine, request: Request) -> Response:
    now = engine.clock.now()
    iterator = ShardIterator.from_text(request["ShardIterator"], now)
    stream = engine.streams.find(iterator.stream_arn)
    horizon = engine.streams.horizon()
    shard = stream.shard(iterator.shard_id, horizon)
    limit = request.get("Limit") or MAX_RECORDS
    page = read(engine.store, stream, shard, iterator.position, horizon, limit)
    response: Response = {"Records": [orjson.Fragment(record) for record in page.records]}
    if page.next_position is not None:
        following = ShardIterator(stream.arn, iterator.shard_id, page.next_position, now)
        response["NextShardIterator"] = following.to_text()
    return response
