"""Reads through the memory layer: what it may answer, and that it never makes a load that the table would not."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from everwarm import Cache
from everwarm.cache.backends.backend import Backend, Changed
from everwarm.cache.backends.opening import open_backend
from everwarm.clock import ManualClock
from everwarm.errors import NotFollowable
from tests.stack.support import eventually

NOW = 1_700_000_000.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def backend(clock: ManualClock) -> Iterator[Backend]:
    backend = open_backend(None, directory=Path("none"), clock=clock, region=None, memory_only=True)
    yield backend
    backend.close()


class Watched:
    """A backend that counts what is asked of another; and of which nobody can follow a table, if that is wanted."""

    def __init__(self, backend: Backend, *, followable: bool = True) -> None:
        self.backend = backend
        self.instant, self.exclusive, self.makes_tables = backend.instant, False, True
        self.serve, self.pause = backend.serve, backend.pause
        self.followable = followable
        self.reads: list[dict[str, Any]] = []

    def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        if action == "GetItem":
            self.reads.append(request)
        return self.backend.call(action, request)

    def follow(self, table_name: str, changed: Changed) -> Callable[[], None]:
        if not self.followable:
            raise NotFollowable("no stream")
        return self.backend.follow(table_name, changed)

    def close(self) -> None:
        pass


class Source:
    """Counts how often it is asked; takes a tenth of a second."""

    def __init__(self, *caches: Cache, clock: ManualClock | None = None) -> None:
        self.loads = 0
        self.clock = clock
        for cache in caches:
            cache.loader(self.load)

    def load(self, key: str) -> int:
        self.loads += 1
        if self.clock is not None:
            self.clock.advance(0.1)
        return self.loads


def cache(backend: Backend | Watched, clock: ManualClock, **settings: Any) -> Cache:
    return Cache("rates", backend=backend, clock=clock, refresh="10m", keep="1d", jitter=0, **settings)


def test_a_hit_in_memory_asks_nobody(backend: Backend, clock: ManualClock) -> None:
    watched = Watched(backend)
    rates = cache(watched, clock, memory=10)
    Source(rates)
    rates.get("a")
    rates.get("a")
    watched.reads.clear()
    for _ in range(5):
        assert rates.get("a") == 1
    assert watched.reads == []
    assert rates.stats.memory_hits == 5


# A read that is not consistent may bring, after the drop, what there was before the change; and nobody would drop that.
def test_what_is_believed_for_long_is_read_consistently(backend: Backend, clock: ManualClock) -> None:
    watched = Watched(backend)
    rates = cache(watched, clock, memory=10)
    rates.set("a", 1)
    watched.reads.clear()
    assert rates.get("a") == 1
    assert [read.get("ConsistentRead") for read in watched.reads] == [True]


def test_what_is_believed_for_a_second_is_not(backend: Backend, clock: ManualClock) -> None:
    watched = Watched(backend, followable=False)
    rates = cache(watched, clock, memory=10)
    rates.set("a", 1)
    watched.reads.clear()
    assert rates.get("a") == 1
    assert [read.get("ConsistentRead") for read in watched.reads] == [None]


# Another process has refreshed it, and nobody has told this one: a stale entry in memory must not make a second load.
def test_what_another_has_refreshed_is_not_refreshed_again(backend: Backend, clock: ManualClock) -> None:
    here = cache(Watched(backend, followable=False), clock, memory=10, memory_for="1h", keep_warm="never")
    there = cache(Watched(backend, followable=False), clock, keep_warm="never")
    source = Source(here, there)
    here.get("a")
    here.get("a")
    clock.advance(600)
    there.refresh("a")
    assert source.loads == 2
    assert here.get("a") == 2
    assert source.loads == 2


# The same where a reader would have it refreshed before its time, which is decided on a fresh entry in memory.
def test_nor_is_it_early(backend: Backend, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = 1.0  # never early; 0 is surely early
    monkeypatch.setattr("random.random", lambda: chance)
    here = cache(Watched(backend, followable=False), clock, memory=10, memory_for="1h", keep_warm="never", early=1)
    there = cache(Watched(backend, followable=False), clock, keep_warm="never")
    source = Source(here, there, clock=clock)
    there.get("a")
    assert here.get("a") == 1
    there.refresh("a")
    chance = 0.0
    assert here.get("a") == 1
    here.close()
    assert source.loads == 2
    assert here.get("a") == 2


def test_a_stale_value_is_still_given_at_once(backend: Backend, clock: ManualClock) -> None:
    rates = cache(backend, clock, memory=10, keep_warm="never")
    source = Source(rates)
    rates.get("a")
    rates.get("a")
    clock.advance(600)
    assert rates.get("a") == 1
    assert eventually(lambda: rates.get("a") == 2)
    assert source.loads == 2
