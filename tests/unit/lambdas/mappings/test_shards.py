from everwarm.clock import ManualClock
from everwarm.lambdas.mappings.shards import Shard, Stream, describe
from tests.unit.lambdas.mappings.fake_stream import ARN, FakeStream


async def test_all_pages_are_read() -> None:
    stream = FakeStream(ManualClock(), "a", "b", "c", "d", "e")
    stream.page_of_shards = 2
    assert [shard.id for shard in (await describe(stream, ARN)).shards] == ["a", "b", "c", "d", "e"]


async def test_a_shard_tells_its_parent_and_whether_it_is_closed() -> None:
    stream = FakeStream(ManualClock(), "a")
    stream.split("a", "b")
    assert (await describe(stream, ARN)).shards == (Shard("a", None, closed=True), Shard("b", "a", closed=False))


def test_children_wait_for_their_parent() -> None:
    stream = Stream(
        (Shard("a", None, True), Shard("b", "a", True), Shard("c", "b", False)), disabled=False, partition_key="pk"
    )
    assert [shard.id for shard in stream.ready(set())] == ["a"]
    assert [shard.id for shard in stream.ready({"a"})] == ["b"]
    assert [shard.id for shard in stream.ready({"a", "b"})] == ["c"]


# The parent was trimmed from the stream: there is nothing of it left to wait for.
def test_a_parent_that_is_not_listed_is_not_waited_for() -> None:
    stream = Stream((Shard("b", "a", False), Shard("x", None, False)), disabled=False, partition_key="pk")
    assert [shard.id for shard in stream.ready(set())] == ["b", "x"]
