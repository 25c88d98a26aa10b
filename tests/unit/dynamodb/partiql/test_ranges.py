"""Which stretches a SELECT reads: queries where AWS's guide promises them, a scan elsewhere."""

from collections.abc import Callable

import pytest

from everwarm.dynamodb.partiql.binding import bind_where
from everwarm.dynamodb.partiql.grammar import parse
from everwarm.dynamodb.partiql.ranges import Ranges, ranges
from everwarm.dynamodb.partiql.tree import Select
from everwarm.dynamodb.tables.access import AccessPath, access_path
from everwarm.dynamodb.tables.schema import Index, IndexKind, KeyPart, KeySchema, Projection, Table
from everwarm.dynamodb.tables.segments import segment_range
from everwarm.errors import ValidationException

Find = Callable[..., Ranges]

ORDERS = Table(
    1,
    "orders",
    "id",
    "us-east-1",
    0.0,
    KeySchema.of(KeyPart("OrderID", "N"), KeyPart("Placed", "N")),
    indexes=(
        Index(
            2,
            "composite",
            IndexKind.GLOBAL,
            KeySchema((KeyPart("a", "S"), KeyPart("b", "S")), (KeyPart("c", "N"),)),
            Projection("ALL"),
        ),
    ),
)


@pytest.fixture
def find() -> Find:
    def find(rest: str, index: str | None = None) -> Ranges:
        select = parse(f"SELECT * FROM orders {rest}").statement
        assert isinstance(select, Select)
        where = None if select.where is None else bind_where(select.where, ())
        return ranges(path(index), select, where)

    return find


def path(index: str | None = None) -> AccessPath:
    return access_path(ORDERS, index)


# The examples of "PartiQL select statements for DynamoDB", and relatives.
@pytest.mark.parametrize(
    ("rest", "queries"),
    [
        ("WHERE OrderID = 100", 1),
        ("WHERE OrderID = 100 AND Address = 'some address'", 1),
        ("WHERE OrderID = 100 OR OrderID = 200", 2),
        ("WHERE OrderID IN [100, 300, 234]", 3),
        ("WHERE OrderID IN [100, 100] OR OrderID = 100.0", 1),
        ("WHERE (OrderID = 1 AND x = 2) OR OrderID = 2", 2),
        ("WHERE OrderID = 1 AND Placed IN [1, 2, 2]", 2),
        ("WHERE OrderID IN [1, 2] AND Placed IN [1, 2]", 4),
        ("WHERE OrderID = 1 AND Placed > 5 AND Placed < 5", 0),
        ("WHERE OrderID = 1 AND Placed IN [1, 9] AND Placed > 5", 1),
    ],
)
def test_what_is_a_query(find: Find, rest: str, queries: int) -> None:
    found = find(rest)
    assert len(found.stretches) == queries
    assert segment_range(path(), 0, 1) not in found.stretches
    assert found.keyed


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "WHERE OrderID > 1",
        "WHERE Address = 'some address'",
        "WHERE OrderID = 100 OR Address = 'some address'",
        "WHERE NOT OrderID = 100",
        "WHERE OrderID <> 1",
        "WHERE OrderID = Address",
        "WHERE OrderID.x = 1",
    ],
)
def test_what_is_a_scan(find: Find, rest: str) -> None:
    assert find(rest) == Ranges((segment_range(path(), 0, 1),))


def test_a_sort_key_narrows_a_query(find: Find) -> None:
    [(start, end)] = find("WHERE OrderID = 1").stretches
    [(narrow_start, narrow_end)] = find("WHERE OrderID = 1 AND Placed BETWEEN 3 AND 9 AND Placed < 7").stretches
    assert start < narrow_start < narrow_end < end


def test_an_order(find: Find) -> None:
    forwards = find("WHERE OrderID IN [2, 1, 3] ORDER BY OrderID")
    backwards = find("WHERE OrderID IN [2, 1, 3] ORDER BY OrderID DESC, Placed DESC")
    assert forwards.stretches == tuple(reversed(backwards.stretches))
    assert (forwards.backwards, backwards.backwards) == (False, True)


# Partitions that are not named come in the order of their hashes, each in the order that is wanted.
def test_an_order_within_partitions(find: Find) -> None:
    whole = segment_range(path(), 0, 1)
    assert find("WHERE OrderID > 1 ORDER BY Placed DESC") == Ranges((whole,), backwards=True)
    assert find("WHERE OrderID > 1 ORDER BY Placed") == Ranges((whole,))


def test_a_partition_key_of_two_attributes(find: Find) -> None:
    assert len(find("WHERE a IN ['x', 'y'] AND b IN ['x', 'y'] AND c > 1", "composite").stretches) == 4
    assert find("WHERE a = 'x'", "composite") == Ranges((segment_range(path("composite"), 0, 1),))


def test_too_many_sort_keys_are_left_to_the_filter(find: Find) -> None:
    many = ", ".join(map(str, range(50)))
    assert len(find(f"WHERE OrderID IN [{many}] AND Placed IN [{many}]").stretches) == 50
    assert len(find(f"WHERE OrderID IN [1, 2] AND Placed IN [{many}]").stretches) == 100


# A scan on disk only: what may be asked of a query holds for it all the same.
def test_too_many_partitions_are_a_scan(find: Find) -> None:
    many = ", ".join(f"'{number}'" for number in range(50))
    found = find(f"WHERE a IN [{many}] AND b IN [{many}]", "composite")
    assert found == Ranges((segment_range(path("composite"), 0, 1),), keyed=True)


@pytest.mark.parametrize(
    ("rest", "problem"),
    [
        (
            "WHERE OrderID = 'a'",
            "Key attribute's data type should match its data type in table's schema: Key OrderID",
        ),
        (
            "WHERE OrderID = 1 AND Placed > 'a'",
            "Key attribute's data type should match its data type in table's schema: Key Placed",
        ),
        (
            "WHERE OrderID > 'a'",
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
        (
            "WHERE OrderID IN [1, 'a']",
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
    ],
)
def test_values_of_a_wrong_type(find: Find, rest: str, problem: str) -> None:
    with pytest.raises(ValidationException) as caught:
        find(rest)
    assert caught.value.message == problem
