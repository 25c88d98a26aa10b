"""GetRecords: the next records from an iterator. They go from disk to socket as they are."""

import orjson

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.streams.iterators import ShardIterator
from everwarm.dynamodb.streams.reader import MAX_RECORDS, read


def run(engine: Engine, request: Request) -> Response:
    records, following = next_records(engine, request["ShardIterator"], request.get("Limit") or MAX_RECORDS)
    response: Response = {"Records": [orjson.Fragment(record) for record in records]}
    if following is not None:
        response["NextShardIterator"] = following
    return response


def next_records(engine: Engine, iterator_text: str, limit: int) -> tuple[list[bytes], str | None]:
    """The next records, each as JSON of the wire's form, and the iterator to go on with.

    Raises:
        ApiError: as the operation.
    """
    now = engine.clock.now()
    iterator = ShardIterator.from_text(iterator_text, now)
    stream = engine.streams.find(iterator.stream_arn)
    horizon = engine.streams.horizon()
    shard = stream.shard(iterator.shard_id, horizon)
    page = read(engine.store, stream, shard, iterator.position, horizon, limit)
    if page.next_position is None:
        return page.records, None
    return page.records, ShardIterator(stream.arn, iterator.shard_id, page.next_position, now).to_text()
