"""The engine of this process delivers deletions to a handler of this process."""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everwarm.cache.backends.embedded import Embedded
from everwarm.cache.backends.setup import ensure_table
from everwarm.cache.names import Names
from everwarm.clock import ManualClock

TABLE = "rates"
WAIT_S = 10

Event = dict[str, Any]


class Handler:
    """Keeps the events that it gets, and answers as it is told to."""

    def __init__(self, *answers: Any) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._answers = list(answers)

    def __call__(self, event: Event, context: object) -> dict[str, Any]:
        self.events.put(event)
        answer = self._answers.pop(0) if self._answers else {"batchItemFailures": []}
        if isinstance(answer, BaseException):
            raise answer
        assert isinstance(answer, dict)
        return answer

    def keys(self) -> list[str]:
        return [record["dynamodb"]["Keys"]["key"]["S"] for record in self.records()]

    def records(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.events.get(timeout=WAIT_S)["Records"]
        return found


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def backend(clock: ManualClock) -> Iterator[Embedded]:
    backend = Embedded(None, clock)
    ensure_table(backend, TABLE, Names(), create=True)
    yield backend
    backend.close()


def put(backend: Embedded, key: str, ttl: float | None = None) -> None:
    item = {"key": {"S": key}} | ({} if ttl is None else {"ttl": {"N": str(int(ttl))}})
    backend.call("PutItem", {"TableName": TABLE, "Item": item})


def delete(backend: Embedded, key: str) -> None:
    backend.call("DeleteItem", {"TableName": TABLE, "Key": {"key": {"S": key}}})


def test_what_expires_reaches_the_handler(backend: Embedded, clock: ManualClock) -> None:
    handler = Handler()
    backend.serve(TABLE, handler, concurrency=4)
    put(backend, "timer#EUR", clock.now() + 600)
    clock.advance(601)
    [record] = handler.records()
    assert record["eventName"] == "REMOVE"
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert record["dynamodb"]["OldImage"]["key"] == {"S": "timer#EUR"}
    assert backend.call("Scan", {"TableName": TABLE})["Items"] == []


def test_so_does_what_is_deleted_and_nothing_else(backend: Embedded) -> None:
    handler = Handler()
    backend.serve(TABLE, handler, concurrency=1)
    put(backend, "a")
    put(backend, "a")
    delete(backend, "a")
    assert handler.keys() == ["a"]


def test_what_was_deleted_before_the_first_start_counts_too(backend: Embedded) -> None:
    put(backend, "a")
    delete(backend, "a")
    handler = Handler()
    backend.serve(TABLE, handler, concurrency=1)
    assert handler.keys() == ["a"]


def test_after_a_restart_it_goes_on(tmp_path: Path, clock: ManualClock) -> None:
    """What was delivered is not delivered again; what was due while nothing ran is."""
    first, second = Handler(), Handler()
    backend = Embedded(tmp_path, clock)
    ensure_table(backend, TABLE, Names(), create=True)
    backend.serve(TABLE, first, concurrency=1)
    put(backend, "one", clock.now() + 1)
    put(backend, "two", clock.now() + 100)
    clock.advance(2)
    assert first.keys() == ["one"]
    backend.close()
    clock.advance(200)
    backend = Embedded(tmp_path, clock)
    backend.serve(TABLE, second, concurrency=1)
    assert second.keys() == ["two"]
    backend.close()
    assert first.events.empty()
    assert second.events.empty()


def test_an_exception_is_an_answer_of_lambda_and_tried_again(backend: Embedded, clock: ManualClock) -> None:
    handler = Handler(ValueError("no rates today"))
    backend.serve(TABLE, handler, concurrency=1)
    put(backend, "a")
    delete(backend, "a")
    assert handler.keys() == ["a"]
    until_called(handler, clock)
    assert handler.keys() == ["a"]
    assert backend.failures.page() == []


def test_what_never_works_is_kept(backend: Embedded, clock: ManualClock) -> None:
    """After the first call and three more; what came with it was given to the handler too."""
    gone: queue.SimpleQueue[str] = queue.SimpleQueue()

    def handler(event: Event, context: object) -> dict[str, Any]:
        failures = []
        for record in event["Records"]:
            key = record["dynamodb"]["Keys"]["key"]["S"]
            gone.put(key)
            if key == "bad":
                failures.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
        return {"batchItemFailures": failures}

    backend.serve(TABLE, handler, concurrency=1)
    for key in ("good", "bad", "fine"):
        put(backend, key)
        delete(backend, key)
    called: list[str] = []
    while called.count("bad") < 4 or "fine" not in called[called.index("bad") :]:
        clock.advance(60)
        try:
            called.append(gone.get(timeout=0.02))
        except queue.Empty:
            continue
    while not (kept := backend.failures.page()):
        clock.advance(1)
    [failure] = kept
    record = backend.failures.records(failure.id)[0]
    assert record["dynamodb"]["Keys"] == {"key": {"S": "bad"}}
    assert failure.attempts == 4
    assert called.count("bad") in (4, 5)  # one more where it first came behind another one
    assert "good" in called


def test_sys_exit_in_a_loader_ends_a_call_and_not_the_cache(backend: Embedded, clock: ManualClock) -> None:
    handler = Handler(SystemExit(1))
    backend.serve(TABLE, handler, concurrency=1)
    put(backend, "a")
    delete(backend, "a")
    assert handler.keys() == ["a"]
    until_called(handler, clock)
    assert handler.keys() == ["a"]


def test_a_table_that_is_made_again_is_served_again(backend: Embedded, clock: ManualClock) -> None:
    handler = Handler()
    backend.serve(TABLE, handler, concurrency=1)
    put(backend, "old")
    delete(backend, "old")
    assert handler.keys() == ["old"]
    backend.call("DeleteTable", {"TableName": TABLE})
    ensure_table(backend, TABLE, Names(), create=True)
    put(backend, "new")
    delete(backend, "new")
    until_called(handler, clock)
    assert handler.keys() == ["new"]


def test_a_stream_that_comes_later_is_found(clock: ManualClock) -> None:
    backend = Embedded(None, clock)
    handler = Handler()
    backend.serve(TABLE, handler, concurrency=1)  # no table yet
    ensure_table(backend, TABLE, Names(), create=True)
    put(backend, "a")
    delete(backend, "a")
    until_called(handler, clock)
    assert handler.keys() == ["a"]
    backend.close()


def test_of_two_caches_on_a_table_the_later_one_is_called_until_it_goes(tmp_path: Path, clock: ManualClock) -> None:
    one, two = Embedded(tmp_path, clock), Embedded(tmp_path, clock)
    ensure_table(one, TABLE, Names(), create=True)
    first, second = Handler(), Handler()
    one.serve(TABLE, first, concurrency=1)
    two.serve(TABLE, second, concurrency=1)
    put(one, "a")
    delete(one, "a")
    assert second.keys() == ["a"]
    two.close()
    put(one, "b")
    delete(one, "b")
    assert first.keys() == ["b"]
    one.close()
    assert second.events.empty()


@pytest.mark.parametrize("shared", [False, True])
def test_closing_lets_a_call_finish(tmp_path: Path, clock: ManualClock, shared: bool) -> None:
    """What it writes then is written, whether the engine is closed with it or not."""
    backend, other = Embedded(tmp_path, clock), Embedded(tmp_path, clock)
    ensure_table(backend, TABLE, Names(), create=True)
    begun, closing = threading.Event(), threading.Event()

    def handler(event: Event, context: object) -> dict[str, Any]:
        begun.set()
        closing.wait(WAIT_S)
        put(backend, "written")
        return {"batchItemFailures": []}

    backend.serve(TABLE, handler, concurrency=1)
    put(backend, "a")
    delete(backend, "a")
    begun.wait(WAIT_S)
    if not shared:
        other.close()
    threading.Timer(0.05, closing.set).start()
    backend.close()
    other.close()
    again = Embedded(tmp_path, clock)
    assert again.call("GetItem", {"TableName": TABLE, "Key": {"key": {"S": "written"}}}) != {}
    again.close()


def until_called(handler: Handler, clock: ManualClock) -> None:
    """Let time pass until it is."""
    give_up_after = 500
    while handler.events.empty():
        clock.advance(30)
        give_up_after -= 1
        assert give_up_after
        try:
            event = handler.events.get(timeout=0.02)
        except queue.Empty:
            continue
        handler.events.put(event)
