"""Following a table by its stream; here the stream of this process's engine, asked as any other would be."""

from collections.abc import Iterator
from typing import Any

import pytest

from everwarm.cache.backends.embedded import Embedded
from everwarm.cache.backends.polling import Followed
from everwarm.cache.backends.setup import ensure_table
from everwarm.cache.names import Names
from everwarm.clock import ManualClock
from everwarm.errors import BackendError, NotFollowable

TABLE = "rates"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def backend(clock: ManualClock) -> Iterator[Embedded]:
    backend = Embedded(None, clock)
    ensure_table(backend, TABLE, Names(), create=True)
    yield backend
    backend.close()


def put(backend: Embedded, *keys: str) -> None:
    for key in keys:
        backend.call("PutItem", {"TableName": TABLE, "Item": {"key": {"S": key}, "n": {"N": "1"}}})


def stream(backend: Embedded, *, enabled: bool) -> None:
    specification: dict[str, Any] = {"StreamEnabled": enabled}
    if enabled:
        specification["StreamViewType"] = "KEYS_ONLY"
    backend.call("UpdateTable", {"TableName": TABLE, "StreamSpecification": specification})


def test_what_is_written_from_now_on_is_told(backend: Embedded) -> None:
    told: list[str | None] = []
    put(backend, "before")
    followed = Followed(backend.call, TABLE, told.append)
    followed.poll()
    put(backend, "a", "b")
    followed.poll()
    put(backend, "c")
    followed.poll()
    followed.poll()
    assert told == ["a", "b", "c"]


def test_after_a_long_pause_anything_may_have_changed(backend: Embedded, clock: ManualClock) -> None:
    """A machine that slept has iterators that are older than 15 minutes."""
    told: list[str | None] = []
    followed = Followed(backend.call, TABLE, told.append)
    followed.poll()
    put(backend, "a")
    clock.advance(16 * 60)
    followed.poll()
    assert told == [None]
    followed.poll()
    put(backend, "b")
    followed.poll()
    assert told == [None, None, "b"]


def test_children_of_a_shard_that_closes_while_it_is_read(backend: Embedded) -> None:
    told: list[str | None] = []
    followed = Followed(backend.call, TABLE, told.append)
    put(backend, "a")
    engine = backend._local.engine
    arn = backend.call("DescribeTable", {"TableName": TABLE})["Table"]["LatestStreamArn"]
    engine.store.update(lambda tx: engine.streams.split(tx, arn), alone=True)
    put(backend, *"bcdefgh")
    followed.poll()
    followed.poll()
    assert sorted(key for key in told if key is not None) == list("abcdefgh")
    assert None not in told


def test_without_a_stream_it_cannot_be_done(backend: Embedded) -> None:
    stream(backend, enabled=False)
    with pytest.raises(NotFollowable, match="has no stream"):
        Followed(backend.call, TABLE, lambda key: None)


def test_a_stream_that_is_replaced_is_found_again(backend: Embedded) -> None:
    told: list[str | None] = []
    followed = Followed(backend.call, TABLE, told.append)
    stream(backend, enabled=False)
    followed.poll()
    put(backend, "nobody knows")
    followed.poll()
    assert set(told) == {None}
    stream(backend, enabled=True)
    told.clear()
    followed.poll()
    assert told == [None]
    put(backend, "a")
    followed.poll()
    assert told == [None, "a"]


def test_a_table_that_is_made_again_is_found_again(backend: Embedded) -> None:
    told: list[str | None] = []
    followed = Followed(backend.call, TABLE, told.append)
    backend.call("DeleteTable", {"TableName": TABLE})
    followed.poll()
    assert told == [None]
    ensure_table(backend, TABLE, Names(), create=True)
    followed.poll()
    put(backend, "a")
    followed.poll()
    assert told == [None, None, "a"]


def test_while_nobody_answers_anything_may_have_changed(backend: Embedded) -> None:
    """The place is kept: what was written meanwhile is told afterwards."""
    told: list[str | None] = []
    away = False

    def call(action: str, request: dict[str, Any]) -> dict[str, Any]:
        if away:
            raise BackendError("nobody answers")
        return backend.call(action, request)

    followed = Followed(call, TABLE, told.append)
    away = True
    put(backend, "a")
    followed.poll()
    assert told == [None]
    away = False
    followed.poll()
    assert told == [None, "a"]


def test_one_who_fails_or_is_gone(backend: Embedded) -> None:
    def fails(key: str | None) -> None:
        raise RuntimeError("no")

    failing = Followed(backend.call, TABLE, fails)
    told: list[str | None] = []
    over = Followed(backend.call, TABLE, told.append)
    over.over = True
    put(backend, "a")
    failing.poll()
    over.poll()
    assert told == []
