import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from everwarm.lambdas.mappings.batch import PAYLOAD_LIMIT_BYTES, Batch, to_event
from everwarm.lambdas.mappings.lanes import Lane, lane_of
from everwarm.stream_record import Record, StreamRecord, show
from tests.unit.lambdas.mappings.fake_stream import ARN, places, record


def lane(*records: Record) -> Lane:
    made = Lane(0)
    for entry in records:
        made.add(StreamRecord.of(entry, ARN))
    return made


def event_bytes(records: list[Record]) -> int:
    return len(to_event(Batch(tuple(records)), ARN))


@settings(max_examples=30)
@given(st.lists(st.integers(0, 2_500_000), min_size=1, max_size=6))
def test_what_is_taken_stays_below_the_limit_and_one_more_would_not(sizes: list[int]) -> None:
    records = [record(place, text="x" * size) for place, size in enumerate(sizes)]
    mine = lane(*records)
    full = mine.full(7)
    count = len(mine.take(7))
    assert event_bytes(records[:count]) <= PAYLOAD_LIMIT_BYTES
    if count < len(records):
        assert event_bytes(records[: count + 1]) > PAYLOAD_LIMIT_BYTES
        assert full


# It could never be sent otherwise, and would block the lane.
def test_a_record_alone_is_taken_whatever_its_size() -> None:
    mine = lane(record(1, text="x" * (PAYLOAD_LIMIT_BYTES + 1)), record(2))
    assert places(one.whole for one in mine.take(10)) == [1]


def test_what_the_event_holds_beside_records_takes_their_room() -> None:
    mine = lane(*(record(place, text="x" * 1024 * 1024) for place in range(1, 6)))
    assert not mine.full(10)
    assert mine.full(10, spare_bytes=1024 * 1024)
    assert len(mine.take(10, spare_bytes=1024 * 1024)) == 4


def test_no_more_is_taken_than_a_batch_up_to_a_number_and_before_a_time() -> None:
    mine = lane(*(record(place, created_s=1_700_000_000 + place) for place in range(1, 10)))
    assert mine.full(9)
    assert not mine.full(10)
    assert places(one.whole for one in mine.take(2)) == [1, 2]
    assert places(one.whole for one in mine.take(9, up_to=4)) == [3, 4]
    assert places(one.whole for one in mine.take(9, before_s=1_700_000_007)) == [5, 6]
    assert (len(mine), mine.waiting_bytes) == (
        3,
        sum(len(orjson.dumps(show(record(place), ARN))) + 1 for place in (7, 8, 9)),
    )


# Order is kept for each partition key, and a restart finds the same lane.
def test_a_partition_key_has_one_lane() -> None:
    lanes = {lane_of(record(place, key="ann"), "pk", 10) for place in range(100)}
    assert lanes == {lane_of(record(1, key="ann"), "pk", 10)}
    spread = [lane_of(record(place), "pk", 10) for place in range(1_000)]
    assert min(spread.count(number) for number in range(10)) > 50
    assert lane_of(record(1), "pk", 1) == 0
