"""What has to hold after any number of kills: pure functions of what the writers know and what was found.

Each raises AssertionError; together they say that no acknowledged write is lost, that every change is in the stream
exactly once, that no position was ever ahead of finished work, and that the failure store is complete.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from everwarm.stream_record import Record
from tests.crash.load import DELETED, EXPIRING, Write
from tests.crash.project import POISON, Journal
from tests.stack.support import key_of, sequence_of

History = Mapping[str, list[Write]]


def by_key(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The records of each key, in their order."""
    found: dict[str, list[Record]] = defaultdict(list)
    for record in sorted(records, key=sequence_of):
        found[key_of(record)].append(record)
    return found


def check_stream(records: list[Record], history: History) -> None:
    """Every change is in the stream once, in order, and every acknowledged write is among them."""
    numbers = [sequence_of(record) for record in records]
    assert len(set(numbers)) == len(numbers), "a sequence number came twice"
    changes = by_key(records)
    assert changes.keys() <= history.keys(), "changes of keys that nobody wrote"
    for key, writes in history.items():
        _check_key(key, writes, changes.get(key, []))


def _check_key(key: str, writes: list[Write], records: list[Record]) -> None:
    told = [(record["eventName"], record["dynamodb"]) for record in records]
    if key.startswith(EXPIRING) and records and records[-1]["eventName"] == "REMOVE":
        assert records[-1].get("userIdentity") == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}, key
        told.pop()
    made = [DELETED if event == "REMOVE" else int(images["NewImage"]["n"]["N"]) for event, images in told]
    known = [write.number for write in writes]
    assert _is_part_of(made, known), f"{key}: made {made}, written {known}"
    acknowledged = [write.number for write in writes if write.acknowledged]
    assert _is_part_of(acknowledged, made), f"{key}: lost some of {acknowledged}, made {made}"
    before: Any = None
    for event, images in told:
        assert images.get("OldImage") == before, f"{key}: the images do not follow each other"
        assert event == ("REMOVE" if "NewImage" not in images else "INSERT" if before is None else "MODIFY"), key
        before = images.get("NewImage")


def _is_part_of(some: list[int], of: list[int]) -> bool:
    """Whether some are among others, in the same order, each once."""
    rest = iter(of)
    return all(one in rest for one in some)


def check_items(items: Iterable[dict[str, Any]], records: list[Record]) -> None:
    """The table is what the stream says."""
    there = {item["pk"]["S"]: item for item in items}
    last = {key: changes[-1]["dynamodb"].get("NewImage") for key, changes in by_key(records).items()}
    assert there == {key: image for key, image in last.items() if image is not None}


def check_pairs(pairs: Iterable[tuple[str, str]], records: list[Record]) -> None:
    """Of what was written in one transaction, all was made or nothing."""
    made = {key_of(record) for record in records}
    assert [pair for pair in pairs if (pair[0] in made) != (pair[1] in made)] == []


def check_done(name: str, journal: Journal, kept: set[int], records: list[Record]) -> None:
    """No position was ever ahead: each record is done or in the failure store, and came in the order of its key.

    Args:
        kept: the sequence numbers of this function's records in the failure store.
    """
    all_of_them = {sequence_of(record) for record in records}
    missed = all_of_them - journal.done - kept
    assert not missed, f"{name}: {len(missed)} records were passed over, {sorted(missed)[:5]}"
    assert {number for number, _ in journal.given} <= all_of_them, f"{name}: was given what is not in the stream"
    assert kept <= {number for number, _ in journal.given}, f"{name}: records were given up without a call"
    last: dict[str, int] = {}
    first_times = dict.fromkeys(journal.given)
    for number, key in first_times:
        assert number > last.get(key, 0), f"{name}: records of {key} came in a wrong order"
        last[key] = number


def check_kept(kept: list[int], records: list[Record], journal: Journal) -> None:
    """The failure store has what could not be done, all of it, and each record once."""
    assert len(set(kept)) == len(kept), "a record is in the failure store twice"
    poison = {sequence_of(record) for record in records if key_of(record).startswith(POISON)}
    assert poison <= set(kept), f"{len(poison - set(kept))} records were given up and are not in the failure store"
    assert not poison & journal.done
