"""GetShardIterator: a place in a shard to read on from."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.stream_arn import check_stream_arn
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.streams.catalog import Stream
from everwarm.dynamodb.streams.iterators import ShardIterator
from everwarm.dynamodb.streams.reader import check_shard, end_position
from everwarm.dynamodb.streams.records import sequence_number
from everwarm.errors import ValidationException, invalid_parameters


def run(engine: Engine, request: Request) -> Response:
    check_stream_arn(request["StreamArn"])
    kind: str = request["ShardIteratorType"]
    text: str | None = request.get("SequenceNumber")
    by_number = kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER")
    if by_number and text is None:
        raise invalid_parameters("Invalid SequenceNumber")
    if not by_number and text is not None:
        raise invalid_parameters("SequenceNumber should not be passed for this iterator type")
    stream = engine.streams.find(request["StreamArn"])
    check_shard(stream, request["ShardId"])
    position = _position(engine, stream, kind, text)
    return {"ShardIterator": ShardIterator(stream.arn, request["ShardId"], position, engine.clock.now()).to_text()}


def _position(engine: Engine, stream: Stream, kind: str, text: str | None) -> int:
    if kind == "TRIM_HORIZON":
        return stream.shard.first
    if text is None:
        return end_position(engine.store, stream)
    number = sequence_number(text)
    if number is None:
        raise ValidationException("Invalid SequenceNumber for the shard")
    return number + 1 if kind == "AFTER_SEQUENCE_NUMBER" else number
