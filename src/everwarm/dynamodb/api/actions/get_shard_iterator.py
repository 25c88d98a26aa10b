"""GetShardIterator: a place in a shard to read on from."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.stream_arn import check_stream_arn
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.streams.iterators import OLDEST, ShardIterator
from everwarm.dynamodb.streams.reader import check_untrimmed
from everwarm.dynamodb.streams.sequence import SEQUENCE_END, first_at, sequence_number
from everwarm.dynamodb.streams.shards import Shard
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
    timestamp = _timestamp(kind, request.get("Timestamp"), engine.clock.now())
    stream = engine.streams.find(request["StreamArn"])
    horizon = engine.streams.horizon()
    shard = stream.shard(request["ShardId"], horizon)
    if timestamp is not None:
        position = _at(shard, timestamp, horizon)
    elif text is not None:
        number = _number(shard, text)
        check_untrimmed(engine.store, stream, shard, number, horizon)
        position = number + 1 if kind == "AFTER_SEQUENCE_NUMBER" else number
    else:
        position = OLDEST if kind == "TRIM_HORIZON" else engine.streams.sequences.last + 1
    return {"ShardIterator": ShardIterator(stream.arn, shard.shard_id, position, engine.clock.now()).to_text()}


def _timestamp(kind: str, timestamp: float | None, now: float) -> float | None:
    if kind != "AT_TIMESTAMP":
        if timestamp is not None:
            raise invalid_parameters("Timestamp should not be passed for this iterator type")
        return None
    if timestamp is None:
        raise invalid_parameters("Timestamp is required for iterator type AT_TIMESTAMP")
    if timestamp > now:
        raise invalid_parameters("Timestamp must not be in the future")
    return timestamp


def _at(shard: Shard, timestamp: float, horizon: int) -> int:
    """The first number of a moment, in epoch seconds; what is too old to be there means the oldest that is."""
    position = first_at(timestamp)
    return OLDEST if position < horizon or position <= shard.trimmed else position


def _number(shard: Shard, text: str) -> int:
    number = sequence_number(text)
    if number is None or not shard.first <= number <= (shard.last or SEQUENCE_END):
        raise ValidationException("Invalid SequenceNumber for the shard")
    return number
