import orjson
import pytest

from everwarm.lambdas.mappings.batch import Batch, to_event
from everwarm.lambdas.mappings.windows import Window, members
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


# The call that ends a tumbling window may have none.
def test_a_batch_that_ends_a_window_may_be_empty() -> None:
    window = Window(0, 60)
    with pytest.raises(ValueError, match="at least one record"):
        Batch((), window=window)
    assert Batch((), window=window.ending(early=False)).records == ()


def test_a_part_keeps_what_was_tried_and_how_its_records_are_encoded() -> None:
    batch = Batch((record(1), record(2), record(3)), 2, 1, (b"1", b"2", b"3"))
    part = batch.part(1, 3)
    assert part == Batch((record(2), record(3)), 2, 1)
    assert part.encoded == (b"2", b"3")
    assert batch.part(2, 2) is None


def test_the_event_of_a_window_says_which_and_carries_the_state() -> None:
    window = Window.of(1_700_000_059.0, 60).ending(early=True)
    more = members(window, b'{"total":3}', "shard", ARN)
    assert orjson.loads(to_event(Batch((), window=window), ARN, more)) == {
        "Records": [],
        "window": {"start": "2023-11-14T22:14:00Z", "end": "2023-11-14T22:15:00Z"},
        "state": {"total": 3},
        "shardId": "shard",
        "eventSourceARN": ARN,
        "isFinalInvokeForWindow": True,
        "isWindowTerminatedEarly": True,
    }
