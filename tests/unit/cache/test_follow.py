"""From a table's changes to the memory layer."""

from collections.abc import Callable
from typing import Any

from everwarm.cache.backends.backend import Changed, Handler
from everwarm.cache.entry import Entry, State
from everwarm.cache.follow import Follower
from everwarm.cache.memory import Memory
from everwarm.cache.names import Names
from everwarm.errors import NotFollowable

NOW = 1_700_000_000.0


class Table:
    """A backend that is nothing but somebody who tells of changes."""

    instant = True
    exclusive = True
    makes_tables = True

    def __init__(self, *, followable: bool = True) -> None:
        self.followable = followable
        self.followers: list[Changed] = []

    def follow(self, table_name: str, changed: Changed) -> Callable[[], None]:
        assert table_name == "rates"
        if not self.followable:
            raise NotFollowable("rates has no stream")
        self.followers.append(changed)
        return lambda: self.followers.remove(changed)

    def change(self, key: str | None) -> None:
        for changed in self.followers:
            changed(key)

    def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def pause(self, seconds: float) -> None:
        raise NotImplementedError

    def serve(self, table_name: str, handler: Handler, *, concurrency: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def filled(*keys: str) -> Memory[Entry[int]]:
    memory: Memory[Entry[int]] = Memory(10, 1.0)
    fill(memory, *keys)
    return memory


def fill(memory: Memory[Entry[int]], *keys: str) -> None:
    for key in keys:
        kept = Entry(key, 1, 1, NOW, NOW + 60, NOW + 1000, State.FRESH, 0.0)
        assert memory.put(key, kept, memory.token(key), NOW)


def held(memory: Memory[Entry[int]], now: float = NOW) -> str:
    return "".join(key for key in "abc" if memory.get(key, now))


def test_a_change_drops_its_key_and_no_other() -> None:
    table, memory = Table(), filled()
    Follower(table, "rates", Names(), memory)
    fill(memory, "a", "b")
    table.change("a")
    assert held(memory) == "b"


# Whoever has lost track may have missed any change.
def test_lost_track_drops_all() -> None:
    table, memory = Table(), filled()
    Follower(table, "rates", Names(), memory)
    fill(memory, "a", "b")
    table.change(None)
    assert held(memory) == ""


# A refresh writes a timer beside the value, and a lease before it: they are no entries.
def test_timers_and_leases_are_nothing_to_it() -> None:
    table, memory = Table(), filled()
    told: list[tuple[str | None, int]] = []
    Follower(table, "rates", Names(timer_prefix="t:", lease_prefix="l:"), memory, lambda key, n: told.append((key, n)))
    fill(memory, "a")
    for key in ("t:a", "l:a", "timer#a"):
        table.change(key)
    assert held(memory) == "a"
    assert told == []


def test_followed_entries_live_until_their_hard_limit() -> None:
    memory = filled()
    Follower(Table(), "rates", Names(), memory)
    fill(memory, "a")
    assert held(memory, NOW + 999) == "a"


# They may have changed before anybody told.
def test_what_was_there_before_is_not_believed() -> None:
    memory = filled("a")
    Follower(Table(), "rates", Names(), memory)
    assert held(memory) == ""


def test_where_nobody_tells_entries_live_for_their_short_time() -> None:
    memory = filled("a")
    follower = Follower(Table(followable=False), "rates", Names(), memory)
    assert held(memory, NOW + 0.9) == "a"
    assert held(memory, NOW + 1.1) == ""
    follower.close()
    assert not memory.followed


def test_closed_it_listens_no_more_and_believes_no_longer() -> None:
    table, memory = Table(), filled()
    follower = Follower(table, "rates", Names(), memory)
    fill(memory, "a")
    follower.close()
    follower.close()
    assert table.followers == []
    assert held(memory) == ""
    fill(memory, "a")
    assert held(memory, NOW + 2) == ""


def test_it_says_what_has_gone() -> None:
    table, memory = Table(), filled()
    told: list[tuple[str | None, int]] = []
    Follower(table, "rates", Names(), memory, lambda key, entries: told.append((key, entries)))
    fill(memory, "a", "b", "c")
    table.change("a")
    table.change("not here")
    table.change(None)
    assert told == [("a", 1), (None, 2)]
