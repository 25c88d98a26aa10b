"""The memory layer against a model: whatever readers, writers and the clock do, nobody is given what is too old."""

from collections import OrderedDict

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from everwarm.cache.entry import Entry, State
from everwarm.cache.memory import Memory

SIZE = 3
LIVES_S = 1.0
KEYS = st.sampled_from(["a", "b", "c", "d", "e"])

Read = tuple[str, Entry[None] | None, int, float]


class MemoryAgainstTable(RuleBasedStateMachine):
    """A table of generations, some readers that are under way, and a memory layer in front of it."""

    reads = Bundle("reads")

    def __init__(self) -> None:
        super().__init__()
        self.memory: Memory[Entry[None]] = Memory(SIZE, LIVES_S)
        self.now = 1000.0
        # key -> its values in order, each with the moment from which on it was the newest
        self.table: dict[str, list[tuple[float, Entry[None]]]] = {}
        self.generation = 0
        self.used: OrderedDict[str, Entry[None]] = OrderedDict()

    @rule(target=reads, key=KEYS)
    def begin_to_read(self, key: str) -> Read:
        token = self.memory.token(key)
        newest = self.table[key][-1][1] if key in self.table else None
        return key, newest, token, self.now

    @rule(read=consumes(reads))
    def end_of_read(self, read: Read) -> None:
        key, found, token, read_at = read
        if found is None:
            return
        if self.memory.put(key, found, token, read_at):
            self.used[key] = found
            self.used.move_to_end(key)
            if len(self.used) > SIZE:
                self.used.popitem(last=False)

    @rule(key=KEYS, keep=st.sampled_from([None, 0.5, 5.0]))
    def write_and_tell(self, key: str, keep: float | None) -> None:
        self._write(key, keep)
        self.memory.drop(key)
        self.used.pop(key, None)

    @rule(key=KEYS)
    def write_elsewhere(self, key: str) -> None:
        if not self.memory.followed:
            self._write(key, None)

    @rule(followed=st.sampled_from([None, True, False]))
    def lose_track(self, followed: bool | None) -> None:
        self.memory.drop_all(followed=followed)
        self.used.clear()

    @rule(seconds=st.floats(0, 2))
    def let_time_pass(self, seconds: float) -> None:
        self.now += seconds

    @rule(key=KEYS)
    def get(self, key: str) -> None:
        found = self.memory.get(key, self.now)
        if found is None:
            return
        self.used.move_to_end(key)
        assert found is self.used[key]
        assert found.expires_at is None or self.now < found.expires_at
        history = self.table[key]
        [place] = [place for place, (_, value) in enumerate(history) if value is found]
        if place == len(history) - 1:
            return
        replaced_at = history[place + 1][0]
        assert not self.memory.followed
        assert self.now - replaced_at <= LIVES_S

    # While changes are told, what may be believed is exactly what is held.
    @rule(key=KEYS)
    def a_hit_is_a_hit(self, key: str) -> None:
        held = self.used.get(key)
        if self.memory.followed and held is not None and (held.expires_at is None or self.now < held.expires_at):
            assert self.memory.get(key, self.now) is held
            self.used.move_to_end(key)

    @invariant()
    def it_is_no_larger(self) -> None:
        assert len(self.memory) == len(self.used) <= SIZE

    def _write(self, key: str, keep: float | None) -> None:
        self.generation += 1
        expires_at = None if keep is None else self.now + keep
        value = Entry(key, None, self.generation, self.now, self.now, expires_at, State.FRESH, 0.0)
        self.table.setdefault(key, []).append((self.now, value))


TestMemoryAgainstTable = MemoryAgainstTable.TestCase
