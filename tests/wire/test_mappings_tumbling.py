"""Section 8 of what is known of event source mappings: tumbling windows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.support import eventually
from tests.wire.mapped import Mapped, Triggered, running

COUNT = "return {'state': {'total': event['state'].get('total', 0) + len(event['Records'])}}"

FUNCTIONS = {
    "counting": Triggered("batchSize: 100, tumblingWindowInSeconds: 60", COUNT),
    "stateless": Triggered("batchSize: 100, tumblingWindowInSeconds: 900, maximumRetryAttempts: 1", "return None"),
    "boundless": Triggered(
        "batchSize: 100, tumblingWindowInSeconds: 900",
        "return {'state': {'text': 'x' * 1024 * 1024} if call == 0 else {}}",
    ),
    "plain": Triggered("batchSize: 100, tumblingWindowInSeconds: 0"),
    "closing": Triggered("batchSize: 100, tumblingWindowInSeconds: 900", COUNT),
}

MEMBERS = {
    "Records",
    "window",
    "state",
    "shardId",
    "eventSourceARN",
    "isFinalInvokeForWindow",
    "isWindowTerminatedEarly",
}


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    with running(tmp_path_factory.mktemp("project"), FUNCTIONS) as mapped:
        yield mapped


def test_the_state_is_carried_to_the_call_that_ends_the_window(mapped: Mapped) -> None:
    """The members of the event; "The final call may have no records"; "Window bounds come from record timestamps"."""
    mapped.put("counting", "a", "b")
    mapped.wait("counting", 1)
    mapped.clock.advance(10)
    mapped.put("counting", "c")
    mapped.wait("counting", 2)
    mapped.clock.advance(31)  # a window ends on the minute, and a manual clock begins 40 s before one
    assert mapped.wait("counting", 3) == [["a", "b"], ["c"], []]
    first, second, last = mapped.events("counting")
    assert first.keys() == second.keys() == last.keys() == MEMBERS
    assert [event["state"] for event in (first, second, last)] == [{}, {"total": 2}, {"total": 3}]
    assert [event["isFinalInvokeForWindow"] for event in (first, second, last)] == [False, False, True]
    assert [event["isWindowTerminatedEarly"] for event in (first, second, last)] == [False] * 3
    assert first["window"] == last["window"] == {"start": "2023-11-14T22:13:00Z", "end": "2023-11-14T22:14:00Z"}
    assert {first["eventSourceARN"]} == {record["eventSourceARN"] for record in first["Records"]}
    assert first["shardId"].startswith("shardId-")
    mapped.put("counting", "d")
    assert mapped.wait("counting", 4)[3] == ["d"]
    fourth = mapped.events("counting")[3]
    assert fourth["window"] == {"start": "2023-11-14T22:14:00Z", "end": "2023-11-14T22:15:00Z"}
    assert fourth["state"] == {}


def test_an_answer_without_state_is_a_failed_call(mapped: Mapped) -> None:
    """ "The response must hold state, else the call counts as failed"."""
    mapped.put("stateless", "a")
    (kept,) = mapped.given_up("stateless")
    assert mapped.sent("stateless")[:2] == [["a"], ["a"]]
    assert (kept.records, kept.attempts) == (1, 2)


def test_too_large_a_state_ends_the_window_early(mapped: Mapped) -> None:
    """ "State is at most 1 MB per shard (larger ends the window early)"."""
    mapped.put("boundless", "a")
    assert mapped.wait("boundless", 2)[:2] == [["a"], []]
    last = mapped.events("boundless")[1]
    assert (last["isFinalInvokeForWindow"], last["isWindowTerminatedEarly"]) == (True, True)
    mapped.put("boundless", "b")
    assert mapped.wait("boundless", 3)[2] == ["b"]
    assert mapped.events("boundless")[2]["state"] == {}


def test_without_windows_an_event_has_records_only(mapped: Mapped) -> None:
    """Section 1, row "TumblingWindowInSeconds": 0 is off."""
    mapped.put("plain", "a")
    mapped.wait("plain", 1)
    assert mapped.events("plain")[0].keys() == {"Records"}


def test_the_windows_of_a_closing_shard_end_early(mapped: Mapped) -> None:
    """ "Resharding is not supported: windows of a closing shard are ended early": here, by switching the stream off."""
    mapped.put("closing", "a")
    mapped.wait("closing", 1)
    mapped.dynamodb.update_table(TableName="closing", StreamSpecification={"StreamEnabled": False})
    assert mapped.wait("closing", 2) == [["a"], []]
    last = mapped.events("closing")[1]
    assert last["state"] == {"total": 1}
    assert (last["isFinalInvokeForWindow"], last["isWindowTerminatedEarly"]) == (True, True)


def test_the_state_outlives_a_restart(tmp_path: Path) -> None:
    """Section 8, for a stack that is stopped in the middle of a window."""
    functions = {"counting": FUNCTIONS["counting"]}
    with running(tmp_path, functions, memory=False, data=tmp_path / "data") as mapped:
        mapped.put("counting", "a", "b")
        mapped.wait("counting", 1)
        eventually(lambda: mapped.ended["shop-dev-counting"])
    with running(tmp_path, functions, memory=False, data=tmp_path / "data") as mapped:
        mapped.put("counting", "c")
        mapped.wait("counting", 2)
        mapped.clock.advance(41)
        assert mapped.wait("counting", 3) == [["a", "b"], ["c"], []]
        assert mapped.events("counting")[2]["state"] == {"total": 3}
