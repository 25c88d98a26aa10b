"""Shards as DescribeStream shows them, and as they are split and replaced. Rows of section 5 of the reference."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from everwarm.control.client import RunningStack
from everwarm.errors import ControlError
from tests.wire.conftest import make_table
from tests.wire.consuming import (
    House,
    eventually,
    house,
    is_open,
    iterator,
    put,
    read_shard,
    read_stream,
    shards_of,
    switched_on,
)
from tests.wire.refused import refused

HOUR_S = 3600

UNKNOWN_ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/wire-none/stream/2015-05-11T21:21:33.291"


@pytest.fixture
def control(endpoint: str) -> RunningStack:
    return RunningStack(endpoint)


@pytest.fixture
def arn(place: dict[str, str]) -> str:
    """The stream of `fresh`."""
    return place["StreamArn"]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A stack whose streams begin with three shards, replaced after four hours."""
    with house(tmp_path_factory.mktemp("three"), stream_shards=3) as found:
        yield found


def new_stream(of: House) -> tuple[str, str]:
    table = make_table(of.dynamodb, "pk:S", StreamSpecification=switched_on())
    return table, of.dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]


def numbers(shard: dict[str, Any]) -> dict[str, int]:
    return {name: int(text) for name, text in shard["SequenceNumberRange"].items()}


def test_shard_id(place: dict[str, str]) -> None:
    """5, ShardId length and form: `shardId-`, 20 digits of milliseconds, 8 hex digits; 28 to 65 characters."""
    assert re.fullmatch(r"shardId-\d{20}-[0-9a-f]{8}", place["ShardId"])
    assert 28 <= len(place["ShardId"]) <= 65
    assert int(place["ShardId"][8:28]) > 1_600_000_000_000


def test_fresh_table(streams: Any, arn: str) -> None:
    """5, fresh table: one shard, StartingSequenceNumber set, no Ending, no parent."""
    [shard] = shards_of(streams, arn)
    assert set(shard) == {"ShardId", "SequenceNumberRange"}
    assert set(shard["SequenceNumberRange"]) == {"StartingSequenceNumber"}
    assert re.fullmatch(r"\d{21,40}", shard["SequenceNumberRange"]["StartingSequenceNumber"])


def test_several_shards(three: House) -> None:
    """5, one shard per table partition: as many as were asked for; each key's records stay in one of them."""
    table, arn = new_stream(three)
    shards = shards_of(three.streams, arn)
    assert [is_open(shard) for shard in shards] == [True] * 3
    wanted = {f"key-{number}" for number in range(40)}
    for _ in range(2):
        put(three.dynamodb, table, *wanted)
        for key in wanted:
            three.dynamodb.delete_item(TableName=table, Key={"pk": {"S": key}})
    found = [
        [record["dynamodb"]["Keys"]["pk"]["S"] for record in read_shard(three.streams, arn, shard["ShardId"])]
        for shard in shards
    ]
    assert all(found)
    assert {key for keys in found for key in keys} == wanted
    assert sum(len(set(keys)) for keys in found) == len(wanted)  # none in two of them
    assert sum(len(keys) for keys in found) == 4 * len(wanted)


def test_life_of_a_shard(three: House) -> None:
    """5, life of a shard: closed and replaced by a child after about four hours, even without load."""
    _, arn = new_stream(three)
    parents = {shard["ShardId"] for shard in shards_of(three.streams, arn)}
    three.clock.advance(4 * HOUR_S - 120)
    assert {shard["ShardId"] for shard in shards_of(three.streams, arn)} == parents
    three.clock.advance(180)
    eventually(lambda: len(shards_of(three.streams, arn)) == 6)
    shards = shards_of(three.streams, arn)
    closed, children = shards[:3], shards[3:]
    assert {shard["ShardId"] for shard in closed} == parents == {shard["ParentShardId"] for shard in children}
    assert [is_open(shard) for shard in shards] == [False] * 3 + [True] * 3


def test_closed_shard(dynamodb: Any, streams: Any, fresh: str, arn: str, control: RunningStack) -> None:
    """5, closed shard: has EndingSequenceNumber too, and all its records lie between the two."""
    put(dynamodb, fresh, "a", "b", "c")
    control.call("streams/rotate", stream=fresh)
    put(dynamodb, fresh, "d")
    parent, child = shards_of(streams, arn)
    span = numbers(parent)
    assert span["StartingSequenceNumber"] <= span["EndingSequenceNumber"]
    records = read_shard(streams, arn, parent["ShardId"])
    assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in records] == ["a", "b", "c"]
    for record in records:
        number = int(record["dynamodb"]["SequenceNumber"])
        assert span["StartingSequenceNumber"] <= number <= span["EndingSequenceNumber"]
    assert numbers(child)["StartingSequenceNumber"] > span["EndingSequenceNumber"]


def test_parent_shard_id(dynamodb: Any, streams: Any, fresh: str, arn: str, control: RunningStack) -> None:
    """5, ParentShardId: a parent can have one child or several; parents read first give each key in order."""
    for n, operation in enumerate(("streams/rotate", "streams/split", "streams/split", "streams/rotate")):
        for key in "abcdefgh":
            dynamodb.put_item(TableName=fresh, Item={"pk": {"S": key}, "n": {"N": str(n)}})
        control.call(operation, stream=fresh)
    shards = shards_of(streams, arn)
    children: dict[str | None, int] = {}
    for shard in shards:
        children[shard.get("ParentShardId")] = children.get(shard.get("ParentShardId"), 0) + 1
    first = shards[0]["ShardId"]
    assert children.pop(None) == 1
    assert children.pop(first) == 1
    assert sorted(children.values()) == [1, 1, 1, 1, 2, 2, 2]
    by_key: dict[str, list[str]] = {}
    for record in read_stream(streams, arn):
        body = record["dynamodb"]
        by_key.setdefault(body["Keys"]["pk"]["S"], []).append(body["NewImage"]["n"]["N"])
    assert by_key == {key: ["0", "1", "2", "3"] for key in "abcdefgh"}


def test_one_shard_is_split(dynamodb: Any, streams: Any, fresh: str, arn: str, control: RunningStack) -> None:
    """5, ParentShardId: only the children of the one that was named are new."""
    control.call("streams/split", stream=fresh)
    _, left, right = shards_of(streams, arn)
    control.call("streams/split", stream=arn, shard=right["ShardId"])
    shards = shards_of(streams, arn)
    assert next(shard["ShardId"] for shard in shards if is_open(shard)) == left["ShardId"]
    assert [shard["ParentShardId"] for shard in shards[3:]] == [right["ShardId"]] * 2
    with pytest.raises(ControlError, match="closed"):
        control.call("streams/rotate", stream=arn, shard=right["ShardId"])


def test_order(streams: Any, fresh: str, arn: str, control: RunningStack) -> None:
    """5, order in DescribeStream: lexical by ShardId, so that parents stand before their children."""
    for _ in range(4):
        control.call("streams/split", stream=fresh)
    ids = [shard["ShardId"] for shard in shards_of(streams, arn)]
    assert len(ids) == 31
    assert ids == sorted(ids)
    for at, shard in enumerate(shards_of(streams, arn)):
        assert shard.get("ParentShardId") in {None, *ids[:at]}


def test_pages(streams: Any, fresh: str, arn: str, control: RunningStack) -> None:
    """5, DescribeStream page: at most 100 shards; LastEvaluatedShardId leads to the next."""
    for _ in range(6):
        control.call("streams/split", stream=fresh)
    first = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert len(first["Shards"]) == 100
    assert first["LastEvaluatedShardId"] == first["Shards"][-1]["ShardId"]
    second = streams.describe_stream(StreamArn=arn, ExclusiveStartShardId=first["LastEvaluatedShardId"])
    rest = second["StreamDescription"]
    assert len(rest["Shards"]) == 27
    assert "LastEvaluatedShardId" not in rest
    ids = [shard["ShardId"] for shard in first["Shards"] + rest["Shards"]]
    assert ids == sorted(set(ids))
    small = streams.describe_stream(StreamArn=arn, Limit=2)["StreamDescription"]
    assert [shard["ShardId"] for shard in small["Shards"]] == ids[:2]
    assert small["LastEvaluatedShardId"] == ids[1]


def test_unknown_start(streams: Any, arn: str) -> None:
    """5, DescribeStream page: an unknown start id gives an empty list, no error, wherever it would sort."""
    for unknown in ("shardId-00000000000000000001-00000000", f"shardId-{'9' * 20}-ffffffff"):
        described = streams.describe_stream(StreamArn=arn, ExclusiveStartShardId=unknown)["StreamDescription"]
        assert described["Shards"] == []
        assert "LastEvaluatedShardId" not in described


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_limit(unchecked_streams: Any, arn: str, limit: int) -> None:
    """5, DescribeStream page: a Limit from 1 to 100."""
    bound = "greater than or equal to 1" if limit < 1 else "less than or equal to 100"
    with refused(
        "ValidationException",
        f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
        f"Member must have value {bound}",
    ):
        unchecked_streams.describe_stream(StreamArn=arn, Limit=limit)


def test_shard_filter(streams: Any, fresh: str, arn: str, control: RunningStack) -> None:
    """5, ShardFilter: the children of a shard; none for one that has none."""
    control.call("streams/split", stream=fresh)
    parent, *children = shards_of(streams, arn)
    control.call("streams/split", stream=fresh)

    def filtered(shard_id: str, **more: Any) -> Any:
        children = {"Type": "CHILD_SHARDS", "ShardId": shard_id}
        return streams.describe_stream(StreamArn=arn, ShardFilter=children, **more)["StreamDescription"]

    ids = [shard["ShardId"] for shard in children]
    assert [shard["ShardId"] for shard in filtered(parent["ShardId"])["Shards"]] == ids
    page = filtered(parent["ShardId"], Limit=1)
    assert [shard["ShardId"] for shard in page["Shards"]] == ids[:1]
    page = filtered(parent["ShardId"], Limit=1, ExclusiveStartShardId=page["LastEvaluatedShardId"])
    assert [shard["ShardId"] for shard in page["Shards"]] == ids[1:]
    assert "LastEvaluatedShardId" not in page
    assert filtered(shards_of(streams, arn)[-1]["ShardId"])["Shards"] == []


def test_shard_filter_needs_both(streams: Any, arn: str, place: dict[str, str]) -> None:
    """5, ShardFilter: both members needed."""
    for half in ({"Type": "CHILD_SHARDS"}, {"ShardId": place["ShardId"]}):
        with refused("ValidationException", has="hard"):
            streams.describe_stream(StreamArn=arn, ShardFilter=half)


def test_shard_filter_with_a_malformed_id(unchecked_streams: Any, arn: str) -> None:
    """5, ShardFilter: a malformed ShardId is a ValidationException naming shardFilter.shardId."""
    with refused(
        "ValidationException",
        "1 validation error detected: Value 'no-shard' at 'shardFilter.shardId' failed to satisfy constraint: "
        "Member must have length greater than or equal to 28",
    ):
        unchecked_streams.describe_stream(StreamArn=arn, ShardFilter={"Type": "CHILD_SHARDS", "ShardId": "no-shard"})


def test_description(streams: Any, fresh: str, arn: str) -> None:
    """5, DescribeStream returns: ARN, label, status, view type, creation moment, table, key schema, shards."""
    described = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert set(described) == {
        "StreamArn",
        "StreamLabel",
        "StreamStatus",
        "StreamViewType",
        "CreationRequestDateTime",
        "TableName",
        "KeySchema",
        "Shards",
    }
    assert described["CreationRequestDateTime"].strftime("%Y-%m-%dT%H:%M:%S") == described["StreamLabel"][:19]
    assert described["TableName"] == fresh
    assert described["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]


def test_stream_arn_length(unchecked_streams: Any) -> None:
    """6, StreamArn length: 37 to 1024."""
    for text, bound in (("x" * 36, "greater than or equal to 37"), ("x" * 1025, "less than or equal to 1024")):
        for operation, more in (
            (unchecked_streams.describe_stream, {}),
            (
                unchecked_streams.get_shard_iterator,
                {"ShardId": "shardId-00000001573689847184-864758bb", "ShardIteratorType": "LATEST"},
            ),
        ):
            with refused(
                "ValidationException",
                f"1 validation error detected: Value '{text}' at 'streamArn' failed to satisfy constraint: "
                f"Member must have length {bound}",
            ):
                operation(StreamArn=text, **more)


def test_splits_of_what_is_not_there(control: RunningStack, table: str) -> None:
    """5, counterpart of ParentShardId: what has no stream or shard says so."""
    with pytest.raises(ControlError, match="has no stream"):
        control.call("streams/split", stream=table)
    with pytest.raises(ControlError, match="Table: wire-none not found"):
        control.call("streams/split", stream="wire-none")
    with pytest.raises(ControlError, match="not found"):
        control.call("streams/describe", stream=UNKNOWN_ARN)
    with pytest.raises(ControlError, match="has to be a text"):
        control.call("streams/describe")


# Who is at the end of a shard when it is closed gets no further iterator, and finds the rest in a child.
def test_a_reader_at_the_end(
    dynamodb: Any, streams: Any, fresh: str, arn: str, place: dict[str, str], control: RunningStack
) -> None:
    """5, closed shard, as a reader sees it that was waiting for more."""
    waiting = iterator(streams, place, "LATEST")
    control.call("streams/rotate", stream=fresh)
    put(dynamodb, fresh, "a")
    page = streams.get_records(ShardIterator=waiting)
    assert (page["Records"], "NextShardIterator" in page) == ([], False)
    assert len(read_shard(streams, arn, shards_of(streams, arn)[1]["ShardId"])) == 1
