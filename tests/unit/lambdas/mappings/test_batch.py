import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everwarm.lambdas.mappings.batch import PAYLOAD_LIMIT_BYTES, Batch, fitting, to_event
from tests.unit.lambdas.mappings.fake_stream import ARN, number, record


def test_an_event_has_each_record_with_its_source() -> None:
    event = orjson.loads(to_event(Batch((record(1), record(2))), ARN))
    assert [entry["eventSourceARN"] for entry in event["Records"]] == [ARN, ARN]
    assert [entry["dynamodb"]["NewImage"]["pk"] for entry in event["Records"]] == [{"S": "1"}, {"S": "2"}]


# GetRecords spells its members with capitals; the event samples in Lambda's developer guide do not.
def test_the_deleting_service_is_spelt_in_lambdas_way() -> None:
    expired = record(1) | {"userIdentity": {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}}
    told = orjson.loads(to_event(Batch((expired, record(2))), ARN))["Records"]
    assert told[0]["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert "userIdentity" not in told[1]


# As recorded on AWS: a handler that parses the text sees a number with a fraction.
def test_the_time_of_a_change_is_a_number_with_a_fraction() -> None:
    assert b'"ApproximateCreationDateTime":1700000000.0' in to_event(Batch((record(1),)), ARN)


def test_making_an_event_leaves_the_records_as_they_were() -> None:
    mine = record(1)
    to_event(Batch((mine,)), ARN)
    assert mine == record(1)


def test_a_batch_knows_its_ends() -> None:
    batch = Batch((record(3), record(4), record(7)))
    assert (batch.first, batch.last) == (number(3), number(7))


def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one record"):
        Batch(())


@settings(max_examples=30)
@given(st.lists(st.integers(0, 2_500_000), min_size=1, max_size=6))
def test_what_fits_stays_below_the_limit_and_one_more_would_not(sizes: list[int]) -> None:
    records = tuple(record(place, text="x" * size) for place, size in enumerate(sizes))
    count, size_bytes = fitting(records, ARN)
    assert size_bytes == len(to_event(Batch(records[:count]), ARN)) <= PAYLOAD_LIMIT_BYTES
    if count < len(records):
        assert len(to_event(Batch(records[: count + 1]), ARN)) > PAYLOAD_LIMIT_BYTES


def test_counting_goes_on_from_an_event_that_has_records() -> None:
    records = (record(1), record(2), record(3))
    one, used_bytes = fitting(records[:1], ARN)
    assert (one, fitting(records[1:], ARN, used_bytes)) == (1, (2, len(to_event(Batch(records), ARN))))


# It could never be sent otherwise, and would block the shard.
def test_a_record_alone_fits_whatever_its_size() -> None:
    huge = record(1, text="x" * (PAYLOAD_LIMIT_BYTES + 1))
    assert fitting((huge, record(2)), ARN)[0] == 1
