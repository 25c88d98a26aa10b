"""What the form with a gap promises, in random order: what has expired comes back, once, and what was deleted does not.

Not here: the steps of the form with timers (`test_properties.py`).
"""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from everwarm.cache.policies.policy import Policy
from everwarm.cache.refresh import Why
from everwarm.log import Logger
from tests.cache.test_properties import CASES
from tests.cache.world import Plan, World

STEPS = st.lists(
    st.sampled_from(["read", "time", "expire", "deliver", "again", "fail", "forget", "other", "slow"]), max_size=60
)


@pytest.fixture(autouse=True)
def no_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of lines that nobody reads take more time than the steps."""
    monkeypatch.setattr(Logger, "log", lambda *args, **kwargs: None)


@settings(max_examples=CASES, deadline=None)
@given(steps=STEPS)
def test_what_the_form_with_a_gap_promises(steps: list[str]) -> None:
    world = World(Policy.of(refresh=100, keep=1000, jitter=0, gap=True), keys=("a",), processes=2)
    one, other = world.processes

    def meddle() -> None:
        world.reads(other, "a", stale_ok=True)

    wanted = False  # somebody has read it, and nobody has invalidated it since
    try:
        for step in steps:
            world.plan = None
            match step:
                case "read" | "other":
                    process = one if step == "read" else other
                    wanted = world.reads(process, "a", stale_ok=True) is not None or wanted
                    assert world.stored("a") is not None
                case "time":
                    world.clock.advance(60)
                case "expire":
                    for place in world.due():
                        world.delete(place)
                case "slow":
                    world.plan = Plan(lasts_s=250, meddle=meddle)
                    wanted = world.reads(one, "a", stale_ok=True) is not None or wanted
                case "deliver" | "fail":
                    world.plan = Plan("down") if step == "fail" else None
                    calls = len(world.loads)
                    world.deliver(one, world.waiting()[:5])
                    assert all(load.seen is None for load in world.loads[calls:]), "it was there, and was loaded"
                case "again":
                    calls = len(world.loads)
                    world.deliver(other, [record for record in world.records if record.done][-3:])
                    assert len(world.loads) - calls <= 1
                case "forget":
                    world.forgets(one, "a")
                    wanted = False
            world.holds()
        world.plan = None
        for place in world.due():
            world.delete(place)
        while waiting := world.waiting():
            assert world.deliver(one, waiting) == []
        if wanted and not world.given_up:
            assert world.stored("a") is not None, "it has expired, and has not come back"
        # Quiet: once a period, and no more.
        calls, until = len(world.loads), world.clock.now() + 1000
        while (due := world.next_due()) < until:
            world.clock.advance(max(0.001, due - world.clock.now()))
            for place in world.due():
                world.delete(place)
            while waiting := world.waiting():
                world.deliver(one, waiting)
        assert len(world.loads) - calls <= 11
        assert all(load.why in (Why.MISS, Why.TIMER) for load in world.loads)
    finally:
        world.close()
