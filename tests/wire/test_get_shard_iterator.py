"""GetShardIterator over the wire."""

from typing import Any

from tests.wire.consuming import iterator, keys, put
from tests.wire.refused import refused

UNKNOWN_SHARD = "shardId-00000001573689847184-864758bb"


def test_the_four_ways_to_begin(dynamodb: Any, streams: Any, fresh: str, place: dict[str, str]) -> None:
    put(dynamodb, fresh, "a", "b", "c")
    latest = iterator(streams, place, "LATEST")
    everything = streams.get_records(ShardIterator=iterator(streams, place))
    second = everything["Records"][1]["dynamodb"]["SequenceNumber"]
    at = iterator(streams, place, "AT_SEQUENCE_NUMBER", SequenceNumber=second)
    after = iterator(streams, place, "AFTER_SEQUENCE_NUMBER", SequenceNumber=second)
    put(dynamodb, fresh, "d")
    assert keys(everything) == ["a", "b", "c"]
    assert keys(streams.get_records(ShardIterator=at)) == ["b", "c", "d"]
    assert keys(streams.get_records(ShardIterator=after)) == ["c", "d"]
    assert keys(streams.get_records(ShardIterator=latest)) == ["d"]


def test_a_shard_that_is_not_there(streams: Any, place: dict[str, str]) -> None:
    with refused("ResourceNotFoundException", "Requested resource not found: Shard does not exist"):
        iterator(streams, {**place, "ShardId": UNKNOWN_SHARD})


def test_what_makes_no_sense(streams: Any, place: dict[str, str]) -> None:
    for kind in ("SOMEWHERE", "trim_horizon"):
        with refused("ValidationException", has="Member must satisfy enum value set"):
            iterator(streams, place, kind)
    beginning = "One or more parameter values were invalid: "
    with refused("ValidationException", f"{beginning}Invalid SequenceNumber"):
        iterator(streams, place, "AT_SEQUENCE_NUMBER")
    with refused("ValidationException", f"{beginning}SequenceNumber should not be passed for this iterator type"):
        iterator(streams, place, "LATEST", SequenceNumber="1" * 21)
    with refused("ValidationException", "Invalid SequenceNumber for the shard"):
        iterator(streams, place, "AT_SEQUENCE_NUMBER", SequenceNumber="9" * 40)
