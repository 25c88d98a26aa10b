"""The memory layer: what is kept, for how long, and what goes first."""

import pytest

from everwarm.cache.entry import Entry, State
from everwarm.cache.memory import PLACES, Memory
from everwarm.errors import SettingError

NOW = 1_700_000_000.0


def entry(generation: int = 1, expires_at: float | None = NOW + 1000, key: str = "a") -> Entry[str]:
    value = f"value {generation}"
    return Entry(key, value, generation, NOW, NOW + 60, expires_at, State.FRESH, 0.0)


def put(memory: Memory[Entry[str]], key: str, kept: Entry[str], now: float = NOW) -> bool:
    return memory.put(key, kept, memory.token(key), now)


@pytest.fixture
def memory() -> Memory[Entry[str]]:
    return Memory(3, 1.0)


def test_what_was_put_is_got(memory: Memory[Entry[str]]) -> None:
    kept = entry()
    assert memory.get("a", NOW) is None
    assert put(memory, "a", kept)
    assert memory.get("a", NOW) is kept
    assert memory.get("b", NOW) is None
    assert len(memory) == 1


def test_it_is_believed_for_its_short_time(memory: Memory[Entry[str]]) -> None:
    put(memory, "a", entry())
    assert memory.get("a", NOW + 0.999) is not None
    assert memory.get("a", NOW + 1) is None


# However lately it was read: otherwise an entry that is read all the time would never change.
def test_a_hit_does_not_make_it_live_longer(memory: Memory[Entry[str]]) -> None:
    put(memory, "a", entry())
    for tenth in range(10):
        assert memory.get("a", NOW + tenth / 10) is not None
    assert memory.get("a", NOW + 1.05) is None


def test_never_past_its_hard_limit(memory: Memory[Entry[str]]) -> None:
    put(memory, "a", entry(expires_at=NOW + 0.5))
    assert memory.get("a", NOW + 0.49) is not None
    assert memory.get("a", NOW + 0.5) is None


def test_while_changes_are_told_it_lives_until_its_hard_limit(memory: Memory[Entry[str]]) -> None:
    memory.drop_all(followed=True)
    assert memory.followed
    put(memory, "a", entry(expires_at=NOW + 1000))
    put(memory, "b", entry(expires_at=None))
    assert memory.get("a", NOW + 999) is not None
    assert memory.get("a", NOW + 1000) is None
    assert memory.get("b", NOW + 1e9) is not None


# Nobody would tell of their changes any more.
def test_the_end_of_following_ends_what_was_believed_by_it(memory: Memory[Entry[str]]) -> None:
    memory.drop_all(followed=True)
    put(memory, "a", entry())
    memory.drop_all(followed=False)
    assert memory.get("a", NOW) is None
    put(memory, "a", entry())
    assert memory.get("a", NOW + 2) is None


# Set back by an hour, it would otherwise believe for an hour what it should for a second.
def test_a_clock_that_is_set_back_makes_nothing_live_longer(memory: Memory[Entry[str]]) -> None:
    put(memory, "a", entry())
    assert memory.get("a", NOW - 3600) is None


def test_the_entry_used_longest_ago_goes_first(memory: Memory[Entry[str]]) -> None:
    for key in "abc":
        put(memory, key, entry())
    memory.get("a", NOW)
    put(memory, "d", entry())
    assert [key for key in "abcd" if memory.get(key, NOW)] == ["a", "c", "d"]
    assert memory.evictions == 1
    assert len(memory) == 3


def test_a_second_put_of_a_key_takes_no_more_room(memory: Memory[Entry[str]]) -> None:
    for generation in range(1, 10):
        assert put(memory, "a", entry(generation))
    assert len(memory) == 1
    assert memory.evictions == 0
    found = memory.get("a", NOW)
    assert found is not None
    assert found.generation == 9


def test_an_older_value_never_takes_the_place_of_a_newer(memory: Memory[Entry[str]]) -> None:
    put(memory, "a", entry(6))
    assert not put(memory, "a", entry(5))
    found = memory.get("a", NOW)
    assert found is not None
    assert found.generation == 6


def test_dropped_is_gone(memory: Memory[Entry[str]]) -> None:
    put(memory, "a", entry())
    put(memory, "b", entry())
    assert memory.drop("a") == 1
    assert memory.drop("a") == 0
    assert memory.get("a", NOW) is None
    assert memory.get("b", NOW) is not None
    assert memory.drop_all() == 1
    assert memory.get("b", NOW) is None
    assert memory.drops == 2


# A reader has read generation 5 and is held up; 6 is written and told; then the reader comes to put its 5.
@pytest.mark.parametrize("followed", [True, False])
@pytest.mark.parametrize("drop", ["drop", "drop_all"])
def test_what_was_read_before_a_change_is_not_put_after_it(
    memory: Memory[Entry[str]], followed: bool, drop: str
) -> None:
    memory.drop_all(followed=followed)
    token = memory.token("a")
    if drop == "drop":
        memory.drop("a")
    else:
        memory.drop_all()
    assert not memory.put("a", entry(5), token, NOW)
    assert memory.get("a", NOW) is None
    assert put(memory, "a", entry(6))


# Otherwise a busy table's changes would keep everything out.
def test_a_change_of_another_key_refuses_nothing() -> None:
    memory: Memory[Entry[str]] = Memory(10, 1.0)
    others = (f"key {number}" for number in range(10 * PLACES))
    other = next(key for key in others if hash(key) % PLACES != hash("a") % PLACES)
    token = memory.token("a")
    memory.drop(other)
    assert memory.put("a", entry(), token, NOW)


# It is told of every change there is, and must not grow by that.
def test_changes_of_any_number_of_keys_take_no_room() -> None:
    memory: Memory[Entry[str]] = Memory(10, 1.0)
    for number in range(5000):
        memory.drop(f"key {number}")
    assert len(memory._drops) == PLACES
    assert len(memory) == 0


@pytest.mark.parametrize("size", [0, -1, True, "10"])
def test_no_room_is_refused(size: int) -> None:
    with pytest.raises(SettingError, match="number of entries"):
        Memory(size, 1.0)


@pytest.mark.parametrize("lives_s", [0.0, -1.0])
def test_no_time_is_refused(lives_s: float) -> None:
    with pytest.raises(SettingError, match="length of time"):
        Memory(10, lives_s)
