"""Consumed capacity: 4 KB a read unit, half of it if eventually consistent; 1 KB a write unit; rounded up."""

import pytest

from everwarm.dynamodb.tables.capacity import Capacity, Kind, consumed, read_units, summed, write_units
from everwarm.dynamodb.tables.schema import IndexKind


@pytest.mark.parametrize(
    ("size_bytes", "strong", "eventual"),
    [(0, 1, 0.5), (1, 1, 0.5), (4096, 1, 0.5), (4097, 2, 1), (9000, 3, 1.5)],
)
def test_reads(size_bytes: int, strong: float, eventual: float) -> None:
    assert read_units(size_bytes, consistent=True) == strong
    assert read_units(size_bytes, consistent=False) == eventual


@pytest.mark.parametrize(
    ("old_bytes", "new_bytes", "units"),
    [(0, 1, 1), (0, 1024, 1), (0, 1025, 2), (3000, 10, 3), (3000, 0, 3), (0, 0, 1)],
)
def test_a_write_costs_the_larger_of_before_and_after(old_bytes: int, new_bytes: int, units: float) -> None:
    assert write_units(old_bytes, new_bytes) == units


def test_what_the_response_shows() -> None:
    capacity = Capacity("rates", 1.5)
    request = {"TableName": "rates"}
    assert consumed(capacity, request) == consumed(capacity, request | {"ReturnConsumedCapacity": "NONE"}) == {}
    total = consumed(capacity, request | {"ReturnConsumedCapacity": "TOTAL"})
    assert total == {"ConsumedCapacity": {"TableName": "rates", "CapacityUnits": 1.5}}
    indexes = consumed(capacity, request | {"ReturnConsumedCapacity": "INDEXES"})
    assert indexes["ConsumedCapacity"]["Table"] == {"CapacityUnits": 1.5}


# Whoever names a table by its ARN gets the ARN back.
def test_the_table_has_the_name_that_the_request_gave_it() -> None:
    request = {"TableName": "arn:aws:dynamodb:us-east-1:000000000000:table/rates", "ReturnConsumedCapacity": "TOTAL"}
    assert consumed(Capacity("rates", 1.0), request)["ConsumedCapacity"]["TableName"] == request["TableName"]


def test_indexes_are_in_the_sum_and_shown_apart() -> None:
    capacity = Capacity("rates", 1.0, {(IndexKind.LOCAL, "l"): 2.0, (IndexKind.GLOBAL, "g"): 3.0})
    assert capacity.to_wire("TOTAL") == {"TableName": "rates", "CapacityUnits": 6.0}
    # A transaction doubles what the table consumes, and not what its indexes do.
    assert capacity.in_transaction().to_wire("INDEXES", Kind.WRITE) == {
        "TableName": "rates",
        "CapacityUnits": 7.0,
        "WriteCapacityUnits": 7.0,
        "Table": {"CapacityUnits": 2.0, "WriteCapacityUnits": 2.0},
        "LocalSecondaryIndexes": {"l": {"CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}},
        "GlobalSecondaryIndexes": {"g": {"CapacityUnits": 3.0, "WriteCapacityUnits": 3.0}},
    }


def test_one_sum_for_each_table() -> None:
    indexed = Capacity("a", 1.0, {(IndexKind.GLOBAL, "g"): 1.0})
    assert summed([indexed, Capacity("b", 2.0), indexed]) == [
        Capacity("a", 2.0, {(IndexKind.GLOBAL, "g"): 2.0}),
        Capacity("b", 2.0),
    ]
