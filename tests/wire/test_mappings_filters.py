"""Section 7 of what is known of event source mappings: which records a function gets.

All functions read one table. Each has the filter in question and a second one, which lets the last record through: once
that has come, the others have been let through or passed over. The whole grammar, row by row:
tests/unit/lambdas/mappings/test_filters.py.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack.support import eventually
from tests.wire.mapped import Mapped, Triggered, running

LAST = {"dynamodb": {"Keys": {"pk": {"S": ["last"]}}}}

BEGAN = 1_700_000_000  # where a manual clock begins


def image(pattern: Any) -> dict[str, Any]:
    return {"dynamodb": {"NewImage": pattern}}


FILTERS: dict[str, list[Any]] = {
    "equal": [image({"kind": {"S": ["alpha"]}})],
    "other": [image({"kind": {"S": [{"anything-but": ["alpha"]}]}})],
    "parts": [image({"$or": [{"kind": {"S": [{"prefix": "al"}]}}, {"kind": {"S": [{"equals-ignore-case": "BETA"}]}}]})],
    "ending": [image({"kind": {"S": [{"suffix": "ta"}]}, "n": {"N": ["300"]}})],
    "there": [image({"kind": {"S": [{"exists": True}]}})],
    "absent": [image({"kind": [{"exists": False}]})],
    "never": [
        image({"kind": ["alpha"]}),
        image({"kind": [{"exists": True}]}),
        image({"n": {"N": [{"numeric": ["=", 5]}]}}),
        image({"n": {"N": ["300.0"]}}),
    ],
    "later": [{"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">", BEGAN]}]}}],
    "removed": [{"eventName": ["REMOVE"]}],
    "expired": [{"userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}}],
}


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    functions = {
        name: Triggered(f"batchSize: 100, filterPatterns: {json.dumps([*patterns, LAST])}", table="items")
        for name, patterns in FILTERS.items()
    }
    with running(tmp_path_factory.mktemp("project"), functions) as mapped:
        mapped.put("items", "a", kind={"S": "alpha"}, n={"N": "5"})
        mapped.put("items", "b", kind={"S": "Beta"}, n={"N": "300"})
        mapped.put("items", "c", ttl={"N": str(BEGAN + 10)})
        mapped.clock.advance(10)
        key = {"pk": {"S": "c"}}
        eventually(lambda: "Item" not in mapped.dynamodb.get_item(TableName="items", Key=key), timeout_s=30)
        mapped.put("items", "last")
        yield mapped


def let_through(mapped: Mapped, function: str) -> list[str]:
    """The changes that a function was called with, up to the last one."""

    def changes() -> list[str]:
        return [
            f"{record['eventName']} {record['dynamodb']['Keys']['pk']['S']}"
            for event in mapped.events(function)
            for record in event["Records"]
        ]

    eventually(lambda: "INSERT last" in changes(), timeout_s=30)
    return [change for change in changes() if change != "INSERT last"]


def test_equal(mapped: Mapped) -> None:
    """Rows "Equal" and "Image attributes need the type key"."""
    assert let_through(mapped, "equal") == ["INSERT a"]


def test_anything_but(mapped: Mapped) -> None:
    """Row "Not": what has no such attribute is passed over."""
    assert let_through(mapped, "other") == ["INSERT b"]


def test_begins_with_ignore_case_and_or(mapped: Mapped) -> None:
    """Rows "Begins with" and "Ends with, ignore case, `$or`"."""
    assert let_through(mapped, "parts") == ["INSERT a", "INSERT b"]


def test_ends_with(mapped: Mapped) -> None:
    """Rows "Ends with, ignore case, `$or`" and "Combining": AND across keys."""
    assert let_through(mapped, "ending") == ["INSERT b"]


def test_exists(mapped: Mapped) -> None:
    """Row "Exists"."""
    assert let_through(mapped, "there") == ["INSERT a", "INSERT b"]


def test_exists_false_on_an_attribute_name(mapped: Mapped) -> None:
    """Row "`[{"exists": false}]` right on an attribute name": matches even when the attribute is present."""
    assert let_through(mapped, "absent") == ["INSERT a", "INSERT b", "INSERT c", "REMOVE c"]


def test_what_never_matches(mapped: Mapped) -> None:
    """Rows "Image attributes need the type key", "`[{"exists": true}]` right on an attribute name", "`numeric` on an
    `N`", and below the table: numbers are compared as text. Section 3: when all are filtered out nothing is invoked."""
    assert let_through(mapped, "never") == []
    assert len(mapped.events("never")) == 1


def test_numeric_on_the_time(mapped: Mapped) -> None:
    """Rows "Numeric" and "`numeric` on `ApproximateCreationDateTime`"."""
    assert let_through(mapped, "later") == ["REMOVE c"]


def test_event_name(mapped: Mapped) -> None:
    """Rows "Filter on `eventName`" and "Combining": OR across filters."""
    assert let_through(mapped, "removed") == ["REMOVE c"]


def test_user_identity(mapped: Mapped) -> None:
    """Row "Filter on `userIdentity`": the pattern of the TTL page."""
    assert let_through(mapped, "expired") == ["REMOVE c"]
