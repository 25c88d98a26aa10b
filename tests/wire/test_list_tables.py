"""ListTables over the wire."""

from typing import Any

import pytest

from tests.wire.refused import refused


def test_in_order_and_page_by_page(dynamodb: Any, table: str, pairs: str, fresh: str) -> None:
    everything = dynamodb.list_tables()["TableNames"]
    assert {table, pairs, fresh} <= set(everything)
    assert everything == sorted(everything)
    paginator = dynamodb.get_paginator("list_tables")
    pages = [page["TableNames"] for page in paginator.paginate(PaginationConfig={"PageSize": 1})]
    assert all(len(page) == 1 for page in pages)
    assert [name for page in pages for name in page] == everything


def test_the_last_page_says_so(dynamodb: Any, table: str) -> None:
    everything = dynamodb.list_tables()["TableNames"]
    assert "LastEvaluatedTableName" not in dynamodb.list_tables(Limit=100)
    assert "LastEvaluatedTableName" not in dynamodb.list_tables(Limit=len(everything))
    assert dynamodb.list_tables(Limit=1).get("LastEvaluatedTableName") in (everything[0], None)


# The table to start behind need not be there any more.
def test_behind_a_name_that_is_no_table(dynamodb: Any, table: str) -> None:
    assert dynamodb.list_tables(ExclusiveStartTableName="zzz")["TableNames"] == []
    assert table in dynamodb.list_tables(ExclusiveStartTableName="aaa")["TableNames"]


@pytest.mark.parametrize("limit", [0, 101])
def test_a_limit_out_of_range(unchecked: Any, limit: int) -> None:
    with refused("ValidationException", has=f"Value '{limit}' at 'limit' failed to satisfy constraint"):
        unchecked.list_tables(Limit=limit)


COMPLAINT = "Value '{}' at 'exclusiveStartTableName' failed to satisfy constraint: {}"
TOO_SHORT = "Member must have length greater than or equal to 3"
PATTERN = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (
            "a;",
            "2 validation errors detected: "
            + COMPLAINT.format("a;", PATTERN)
            + "; "
            + COMPLAINT.format("a;", TOO_SHORT),
        ),
        ("abc;", "1 validation error detected: " + COMPLAINT.format("abc;", PATTERN)),
    ],
)
def test_a_name_that_no_table_can_have(unchecked: Any, start: str, message: str) -> None:
    with refused("ValidationException", message):
        unchecked.list_tables(ExclusiveStartTableName=start)
