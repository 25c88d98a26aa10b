"""What the cache promises, whatever happens in whichever order: random steps in a world that stands still between them.

    make properties CASES=5000      for longer

Not here: what the world is made of, and the promises themselves (`world.py`).
"""

import os
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from everwarm.cache.policies.policy import Policy
from everwarm.cache.refresh import Why
from everwarm.log import Logger
from tests.cache.world import Crash, Plan, Process, World

CASES = int(os.environ.get("EVERWARM_PROPERTIES", "100"))
KEYS = ("a", "b")
REFRESH_S, KEEP_S, LEASE_S, FIRST_RETRY_S, LAST_RETRY_S, NEGATIVE_S = 100.0, 1000.0, 60.0, 2.0, 30.0, 20.0
QUIET_S = 10 * REFRESH_S

PROCESSES = st.integers(0, 1)
WHICH = st.sampled_from(KEYS)
OUTCOMES = st.sampled_from(["ok"] * 6 + ["down"] * 3 + ["absent", "unstorable"])
LENGTHS = st.sampled_from([0.0] * 5 + [0.004, 1.0, 10.0, 70.0, 150.0, 1200.0])
MEDDLING = st.sampled_from([None] * 4 + ["forget", "put", "read", "wait", "refresh", "deliver", "expire"])
CRASHES = st.one_of(st.none(), st.none(), st.none(), st.tuples(st.integers(1, 3), st.booleans()))


class Machine(RuleBasedStateMachine):
    """The steps."""

    world: World

    @initialize(
        keep_warm=st.sampled_from(["always", "always", "while-read", "never"]),
        negative=st.sampled_from([None, NEGATIVE_S]),
        jitter=st.sampled_from([0, 0.3]),
        images=st.sampled_from([True, True, False]),
    )
    def begin(self, keep_warm: str, negative: float | None, jitter: float, images: bool) -> None:
        policy = Policy.of(
            refresh=REFRESH_S,
            keep=KEEP_S,
            lease=LEASE_S,
            backoff=f"{FIRST_RETRY_S}s..{LAST_RETRY_S}s",
            negative=negative,
            keep_warm=keep_warm,
            jitter=jitter,
        )
        self.world = World(policy, keys=KEYS, processes=2, images=images)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()

    # -- steps -------------------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.001, 0.5, 3.0, 20.0, 61.0, 100.0, 250.0, 1001.0, 48 * 3600.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    @rule(chance=st.floats(0, 1))
    def chances_change(self, chance: float) -> None:
        self.world.chances = chance

    @rule(n=PROCESSES, key=WHICH, stale_ok=st.booleans(), data=st.data())
    def somebody_reads(self, n: int, key: str, stale_ok: bool, data: st.DataObject) -> None:
        self._planned(n, data, lambda one: self.world.reads(one, key, stale_ok=stale_ok))

    @rule(n=PROCESSES, data=st.data())
    def background_loads_run(self, n: int, data: st.DataObject) -> None:
        self._planned(n, data, lambda one: one.pool.run())

    @rule(n=PROCESSES, key=WHICH, data=st.data())
    def somebody_wants_it_loaded(self, n: int, key: str, data: st.DataObject) -> None:
        self._planned(n, data, lambda one: self._refreshed(one, key))

    @rule(n=PROCESSES, key=WHICH, data=st.data())
    def somebody_invalidates(self, n: int, key: str, data: st.DataObject) -> None:
        self._planned(n, data, lambda one: self.world.forgets(one, key))

    @rule(n=PROCESSES, key=WHICH, data=st.data())
    def somebody_sets(self, n: int, key: str, data: st.DataObject) -> None:
        self._planned(n, data, lambda one: self.world.puts(one, key))

    @rule(data=st.data(), by_service=st.booleans())
    def items_expire(self, data: st.DataObject, by_service: bool) -> None:
        """Some of those that are due: the rest is late."""
        due = self.world.due()
        if due:
            for place in data.draw(st.lists(st.sampled_from(due), min_size=1, unique=True)):
                self.world.delete(place, by_service=by_service)

    @rule(key=WHICH)
    def a_user_deletes_a_timer(self, key: str) -> None:
        self.world.delete(f"timer#{key}")

    @rule(n=PROCESSES, data=st.data())
    def records_are_delivered(self, n: int, data: st.DataObject) -> None:
        waiting = self.world.waiting()
        if waiting:
            some = waiting[: data.draw(st.integers(1, 20))]
            self._planned(n, data, lambda one: self.world.deliver(one, some))

    @precondition(lambda self: any(record.done for record in self.world.records))
    @rule(n=PROCESSES, data=st.data())
    def records_are_delivered_again(self, n: int, data: st.DataObject) -> None:
        old = [record for record in self.world.records if record.done]
        some = data.draw(st.lists(st.sampled_from(old[-8:]), min_size=1, max_size=4))
        self._planned(n, data, lambda one: self.world.deliver(one, some))

    @rule(source_is_down=st.booleans())
    def quiet(self, source_is_down: bool) -> None:
        """Nobody reads; all goes its way. The work is bounded, and every entry is looked after."""
        world = self.world
        world.down = source_is_down
        one = world.processes[0]
        for process in world.processes:
            process.pool.run()
        tries_before = {id(record) for record in world.given_up}
        calls, deliveries, until = len(world.loads), 0, world.clock.now() + QUIET_S
        while world.clock.now() < until:
            deliveries += self._all_is_done(one)
            world.clock.advance(max(0.001, min(world.next_due(), until) - world.clock.now()))
        deliveries += self._all_is_done(one)
        began = world.loads[calls:]
        periods = QUIET_S / (REFRESH_S * 0.7) + 2
        # Tries double their pause up to the longest, of which half is certain.
        tries = 8 + QUIET_S / (LAST_RETRY_S / 2)
        for key in KEYS:
            mine = [load for load in began if load.key == key]
            assert len(mine) <= (tries + periods if source_is_down else periods), f"{key}: {len(mine)} loads"
            if world.policy.keep_warm == "never":
                assert mine == []
        assert deliveries <= len(KEYS) * 4 * (tries + periods) + 200
        if not source_is_down:
            self._all_is_well()
            assert all(record.body["dynamodb"]["Keys"] for record in world.given_up if id(record) not in tries_before)
        world.down = False

    def _all_is_done(self, one: Process) -> int:
        world, deliveries = self.world, 0
        for place in world.due():
            world.delete(place)
        while waiting := world.waiting():
            deliveries += len(waiting)
            world.deliver(one, waiting)
        return deliveries

    def _all_is_well(self) -> None:
        """Whoever has a value has a timer of its generation, if it is to be kept warm."""
        world = self.world
        if world.policy.keep_warm != "always":
            return
        for key in KEYS:
            stored, timer = world.stored(key), world.timer(key)
            if stored is None or stored.absent or stored.failures:
                continue
            assert timer is not None, f"{key} has no timer: nobody will refresh it"
            assert int(timer["generation"]["N"]) == stored.generation
            assert stored.fresh_until > world.clock.now() - 1

    # -- promises ----------------------------------------------------------------------------------------------------

    @invariant()
    def what_was_loaded_is_there(self) -> None:
        if hasattr(self, "world"):
            self.world.holds()

    @invariant()
    def timers_are_as_was_said(self) -> None:
        if hasattr(self, "world") and self.world.policy.keep_warm == "never":
            assert not any(load.why is Why.TIMER for load in self.world.loads)
            assert all(self.world.timer(key) is None for key in KEYS)

    # -- within ------------------------------------------------------------------------------------------------------

    def _refreshed(self, process: Process, key: str) -> None:
        try:
            process.core.refresh(key, process.source(key))
        except Crash:
            raise
        except Exception:
            pass  # the loader's

    def _planned(self, n: int, data: st.DataObject, step: Any) -> None:
        """A step in which a load may go wrong, somebody may meddle with it, and the process may die."""
        world = self.world
        process, crash = world.processes[n], data.draw(CRASHES, "crash")
        world.plan = Plan(data.draw(OUTCOMES, "outcome"), data.draw(LENGTHS, "lasts"))
        meddling = data.draw(MEDDLING, "meddle")
        if meddling is not None:
            key, other = data.draw(WHICH), world.processes[1 - n]
            world.plan.meddle = lambda: self._meddle(meddling, other, key)
        if crash is not None:
            process.crash_in, process.crash_before = crash
        try:
            step(process)
        except Crash:
            pass
        finally:
            process.crash_in = None
        if process.dead:
            for life in world.lives.values():
                life.excuses += 1
            world.processes[n] = world.process()
        world.plan = None
        world.jobs.clear()

    def _meddle(self, what: str, other: Process, key: str) -> None:
        world = self.world
        if what == "forget":
            world.forgets(other, key)
        elif what == "put":
            world.puts(other, key)
        elif what == "read":
            world.reads(other, key, stale_ok=True)
            other.pool.run()
        elif what == "wait":
            world.reads(other, key, stale_ok=False)
        elif what == "refresh":
            self._refreshed(other, key)
        elif what == "expire":
            for place in world.due():
                world.delete(place)
        else:
            waiting = world.waiting()
            if waiting:
                world.deliver(other, waiting)


@pytest.fixture(autouse=True)
def no_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of lines that nobody reads take more time than the steps."""
    monkeypatch.setattr(Logger, "log", lambda *args, **kwargs: None)


TestPromises = Machine.TestCase
TestPromises.settings = settings(max_examples=CASES, stateful_step_count=40, deadline=None)
