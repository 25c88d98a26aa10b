"""The checks after a crash find what they are there to find."""

from pathlib import Path
from typing import Any

import pytest

from everwarm.stream_record import Record
from tests.crash.checks import check_done, check_items, check_kept, check_pairs, check_stream
from tests.crash.load import DELETED, Write
from tests.crash.project import Journal


def change(number: int, key: str, new: int | None, old: int | None = None, *, expired: bool = False) -> Record:
    numbers = {"NewImage": new, "OldImage": old}
    images = {name: {"pk": {"S": key}, "n": {"N": str(n)}} for name, n in numbers.items() if n is not None}
    event = "REMOVE" if new is None else "INSERT" if old is None else "MODIFY"
    record: dict[str, Any] = {"eventName": event}
    record["dynamodb"] = {"Keys": {"pk": {"S": key}}, "SequenceNumber": str(number), **images}
    if expired:
        record["userIdentity"] = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    return record


HISTORY = {
    "again": [Write(1, True), Write(2), Write(3, True)],
    "lasting": [Write(1, True), Write(DELETED, True)],
    "expiring": [Write(1, True)],
    "lost": [Write(1)],
}
GOOD = [
    change(1, "again", 1),
    change(2, "lasting", 1),
    change(3, "expiring", 1),
    change(4, "again", 3, 1),
    change(5, "lasting", None, 1),
    change(6, "expiring", None, 1, expired=True),
]


def test_a_stream_as_it_should_be() -> None:
    check_stream(GOOD, HISTORY)
    # What was not answered may have been made all the same.
    check_stream([*GOOD[:3], change(4, "again", 2, 1), change(7, "again", 3, 2), *GOOD[4:]], HISTORY)


@pytest.mark.parametrize(
    ("records", "problem"),
    [
        ([*GOOD[:3], *GOOD[4:]], "lost some of"),
        (GOOD[1:], "lost some of"),
        ([*GOOD, change(6, "lost", 1)], "came twice"),
        ([*GOOD, change(7, "again", 3, 3)], "made"),
        ([*GOOD, change(7, "again", 2, 3)], "made"),
        ([*GOOD, change(7, "stranger", 1)], "nobody wrote"),
        ([*GOOD[:5], change(6, "expiring", None, 1)], "expiring"),
        ([*GOOD[:3], change(4, "again", 3), *GOOD[4:]], "do not follow"),
        ([*GOOD[:3], change(4, "again", 3, 2), *GOOD[4:]], "do not follow"),
    ],
    ids=[
        "a lost write",
        "the first one lost",
        "a number twice",
        "a write twice",
        "out of order",
        "a stranger",
        "an expiry of nobody",
        "no old image",
        "another old image",
    ],
)
def test_a_stream_that_lies(records: list[Record], problem: str) -> None:
    with pytest.raises(AssertionError, match=problem):
        check_stream(records, HISTORY)


def test_a_table_that_is_not_what_the_stream_says() -> None:
    item = GOOD[3]["dynamodb"]["NewImage"]
    check_items([item], GOOD)
    for items in ([], [GOOD[0]["dynamodb"]["NewImage"]], [item, {"pk": {"S": "stranger"}}]):
        with pytest.raises(AssertionError):
            check_items(items, GOOD)


def test_half_a_transaction() -> None:
    check_pairs([("again", "lasting"), ("neither", "nor")], GOOD)
    with pytest.raises(AssertionError):
        check_pairs([("again", "missing")], GOOD)


def journal(given: list[int], done: set[int]) -> Journal:
    keys = {int(record["dynamodb"]["SequenceNumber"]): record["dynamodb"]["Keys"]["pk"]["S"] for record in GOOD}
    return Journal(Path(), [(number, keys.get(number, "x")) for number in given], done)


def test_work_as_it_should_be() -> None:
    check_done("f", journal([1, 2, 3, 1, 2, 3, 4, 5, 6], {1, 2, 3, 4, 6}), {5}, GOOD)
    check_done("f", journal([2, 1, 3, 5, 4, 6], {1, 2, 3, 4, 5, 6}), set(), GOOD)  # of each key in order


@pytest.mark.parametrize(
    ("given", "done", "kept", "problem"),
    [
        ([1, 2, 3, 4, 5, 6], {1, 2, 3, 4, 6}, set(), "passed over"),
        ([1, 2, 3, 4, 5, 6, 7], {1, 2, 3, 4, 5, 6}, set(), "not in the stream"),
        ([1, 2, 3, 4, 6], {1, 2, 3, 4, 6}, {5}, "without a call"),
        ([4, 1, 2, 3, 5, 6], {1, 2, 3, 4, 5, 6}, set(), "wrong order"),
    ],
)
def test_a_position_that_was_ahead(given: list[int], done: set[int], kept: set[int], problem: str) -> None:
    with pytest.raises(AssertionError, match=problem):
        check_done("f", journal(given, done), kept, GOOD)


def test_a_failure_store_that_is_not_complete() -> None:
    poison = [change(1, "poison-raise-1", 1), change(2, "poison-report-2", 1), change(3, "lasting", 1)]
    check_kept([1, 2, 3], poison, journal([], {3}))
    for kept, done in (([1], set()), ([1, 2, 2], set()), ([1, 2], {2})):
        with pytest.raises(AssertionError):
            check_kept(kept, poison, journal([], done))


# What a kill leaves of a line is no line.
def test_a_journal_is_read_on(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text('\n{"given": [["1", "a"]]}\n\n{"given": [["2", ')
    found = Journal(file).read()
    assert found.given == [(1, "a")]
    with file.open("a") as more:
        more.write('\n{"done": ["1"]}\n')
    assert found.read().done == {1}
    assert found.given == [(1, "a")]
