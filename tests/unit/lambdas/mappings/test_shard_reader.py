import pytest

from everwarm.clock import ManualClock
from everwarm.errors import InternalServerError, TrimmedDataAccessException, ValidationException
from everwarm.lambdas.mappings.shard_reader import ShardReader
from tests.unit.lambdas.mappings.fake_stream import ARN, SHARD, FakeStream, number, places


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def stream(clock: ManualClock) -> FakeStream:
    return FakeStream(clock)


def reader(stream: FakeStream, after: int | None = None) -> ShardReader:
    return ShardReader(stream, ARN, SHARD, None if after is None else number(after))


async def test_reads_from_the_oldest_record_page_by_page(stream: FakeStream) -> None:
    stream.put(5)
    mine = reader(stream)
    assert [places(await mine.read(3)) for _ in range(3)] == [[1, 2, 3], [4, 5], []]


async def test_reads_on_behind_a_sequence_number(stream: FakeStream) -> None:
    stream.put(5)
    assert places(await reader(stream, after=3).read(10)) == [4, 5]


async def test_a_closed_shard_ends(stream: FakeStream) -> None:
    stream.put(2)
    stream.close(SHARD)
    mine = reader(stream)
    assert (places(await mine.read(1)), mine.ended) == ([1], False)
    assert (places(await mine.read(1)), mine.ended) == ([2], True)
    assert await mine.read(1) == []


# An iterator lives for 15 minutes, and a quiet stream is quiet for longer.
async def test_an_expired_iterator_is_replaced_without_a_gap(stream: FakeStream, clock: ManualClock) -> None:
    stream.put(2)
    mine = reader(stream)
    await mine.read(2)
    clock.advance(16 * 60)
    stream.put(1)
    assert places(await mine.read(10)) == [3]


async def test_trimmed_records_are_passed_over(stream: FakeStream) -> None:
    stream.put(5)
    stream.trim(up_to=3)
    assert places(await reader(stream, after=1).read(10)) == [4, 5]


# The iterator was had in time, and its record trimmed before it was used.
async def test_trimming_between_iterator_and_use_is_survived(stream: FakeStream) -> None:
    stream.put(5)
    mine = reader(stream)
    await mine.read(1)
    stream.trim(up_to=3)
    stream.faults["GetRecords"] = [TrimmedDataAccessException("trimmed")]
    assert places(await mine.read(10)) == [4, 5]


# After any error the iterator is not trusted: a restarted server may not know it.
async def test_an_error_keeps_the_place(stream: FakeStream) -> None:
    stream.put(3)
    mine = reader(stream)
    await mine.read(1)
    stream.faults["GetRecords"] = [InternalServerError("oops")]
    with pytest.raises(InternalServerError):
        await mine.read(10)
    assert places(await mine.read(10)) == [2, 3]


async def test_a_stream_that_is_gone_ends(stream: FakeStream) -> None:
    stream.delete()
    mine = reader(stream)
    assert await mine.read(10) == []
    assert (mine.ended, mine.gone) == (True, True)


async def test_latest_is_behind_the_newest_record_and_has_a_number(stream: FakeStream, clock: ManualClock) -> None:
    stream.put(2_500)
    mine = reader(stream)
    await mine.skip_to_latest(clock.now())
    assert mine.after == number(2_500)
    stream.put(1)
    assert places(await mine.read(10)) == [2_501]


# The first 15 minutes pass without a record: the number, not the iterator, is what holds the place.
async def test_latest_outlives_its_iterator(stream: FakeStream, clock: ManualClock) -> None:
    stream.put(2)
    mine = reader(stream)
    await mine.skip_to_latest(clock.now())
    clock.advance(3600)
    stream.put(1)
    assert places(await mine.read(10)) == [3]


# AWS may give empty pages before the data, which look like the end: the iterator of LATEST knows better.
async def test_latest_is_not_misled_by_an_empty_page(stream: FakeStream, clock: ManualClock) -> None:
    stream.put(2)
    stream.empty_pages = 1
    mine = reader(stream)
    await mine.skip_to_latest(clock.now())
    stream.put(1)
    assert places(await mine.read(10)) == [3]


# A server that fails half-way, and a second try.
async def test_latest_can_be_looked_for_again(stream: FakeStream, clock: ManualClock) -> None:
    stream.put(1_500)
    mine = reader(stream)
    stream.faults["GetRecords"] = [InternalServerError("oops")]
    with pytest.raises(InternalServerError):
        await mine.skip_to_latest(clock.now())
    await mine.skip_to_latest(clock.now())
    assert mine.after == number(1_500)


# A data directory that was put together from two, say: rather again than never.
async def test_a_number_of_another_shard_begins_with_the_oldest_record(stream: FakeStream) -> None:
    stream.put(2)
    stream.faults["GetShardIterator"] = [ValidationException("Invalid SequenceNumber for the shard")]
    assert places(await reader(stream, after=7).read(10)) == [1, 2]
