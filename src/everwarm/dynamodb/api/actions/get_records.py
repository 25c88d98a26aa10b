"""GetRecords: the next records from an iterator. They go from disk to socket as they are."""

import orjson

from everwarm.dynamodb.api.complaints import refusal
from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.streams.iterators import ShardIterator
from everwarm.dynamodb.streams.reader import MAX_RECORDS, check_shard, read


def run(engine: Engine, request: Request) -> Response:
    limit = request.get("Limit") or MAX_RECORDS
    if limit > MAX_RECORDS:
        # The model has no upper bound for it; AWS does.
        raise refusal(limit, "limit", f"Member must have value less than or equal to {MAX_RECORDS}")
    now = engine.clock.now()
    iterator = ShardIterator.from_text(request["ShardIterator"], now)
    stream = engine.streams.find(iterator.stream_arn)
    check_shard(stream, iterator.shard_id)
    page = read(engine.store, stream, iterator.position, limit)
    response: Response = {"Records": [orjson.Fragment(record) for record in page.records]}
    if page.next_position is not None:
        following = ShardIterator(stream.arn, iterator.shard_id, page.next_position, now)
        response["NextShardIterator"] = following.to_text()
    return response
