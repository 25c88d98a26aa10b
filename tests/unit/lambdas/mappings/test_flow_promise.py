"""Lanes, bisecting and partial responses under whatever the function does, and wherever the process dies.

Every record is done, in order for its key, or given up and kept; the saved position is never ahead of that.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from everwarm.errors import EverwarmError
from everwarm.lambdas.mappings.checkpoint import MemoryCheckpoints, Position
from everwarm.lambdas.mappings.failed import FailedBatch
from everwarm.lambdas.mappings.lanes import lane_of
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.mappings.worker import MappingWorker
from everwarm.lambdas.runtime.replies import Reply
from tests.unit.lambdas.mappings.fake_stream import (
    ARN,
    ERROR,
    OK,
    SHARD,
    FakeStream,
    JumpingClock,
    number,
    places,
    until,
)

KEYS = "abcdefg"
MAPPING_ID = Mapping("f", ARN).id

how = st.builds(
    MappingSettings,
    batch_size=st.integers(1, 9),
    parallelization_factor=st.integers(1, 4),
    maximum_retry_attempts=st.integers(0, 3),
    bisect_batch_on_function_error=st.booleans(),
    report_batch_item_failures=st.booleans(),
)
# What a call comes to: well, badly, not at all, or with the record at this place of the batch named.
plans = st.lists(st.sampled_from(["ok", "error", "not started", "unknown", 0, 1, 2, 5]), max_size=15)
writes = st.lists(st.sampled_from(KEYS), min_size=1, max_size=40)
poison = st.sets(st.integers(1, 40), max_size=3)


@dataclass
class World:
    """What there is beside the mapping, and what is true of it: which records are done, and what was sent."""

    keys: dict[int, str]
    plan: list[str | int]
    poison: set[int]
    settings: MappingSettings
    finished: set[int] = field(default_factory=set)
    given_up: set[int] = field(default_factory=set)
    sent: Counter[int] = field(default_factory=Counter)
    tries: Counter[int] = field(default_factory=Counter)
    under_way: set[str] = field(default_factory=set)

    faults: list[AssertionError] = field(default_factory=list)

    async def __call__(self, event: bytes) -> Reply:
        records = places(orjson.loads(event)["Records"])
        try:
            self._check(records)
        except AssertionError as fault:  # what a call raises is retried, so it is told at the end
            self.faults.append(fault)
        mine = {self.keys[place] for place in records}
        self.under_way |= mine
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.under_way -= mine
        return self._answer(records)

    def _check(self, records: list[int]) -> None:
        assert 1 <= len(records) <= self.settings.batch_size
        mine = {self.keys[place] for place in records}
        assert not mine & self.under_way, "two calls at a time with records of one key"
        for place in records:
            earlier = {other for other in self.keys if other < place and self.keys[other] == self.keys[place]}
            assert earlier <= self.finished | set(records), "a record before an older one of its key"
        assert records == sorted(records)

    def _answer(self, records: list[int]) -> Reply:
        what = self.plan.pop(0) if self.plan else "ok"
        if what == "not started":
            raise EverwarmError("no worker")
        self.sent.update(records)
        bad = [place for place in records if place in self.poison]
        if isinstance(what, int) and what < len(records):
            bad.append(records[what])
        if what == "error" or (bad and not self.settings.report_batch_item_failures and what != "unknown"):
            self.tries.update(records)
            return ERROR
        named = [{"itemIdentifier": number(place)} for place in reversed(bad)]
        if what == "unknown":
            named.append({"itemIdentifier": "x"})
        if not self.settings.report_batch_item_failures:
            named = []
        if what != "unknown" or not named:
            done = records[: records.index(min(bad))] if named else records
            self.finished.update(done)
        self.tries.update(set(records) - self.finished)
        return Reply(orjson.dumps({"batchItemFailures": named}), None, "request")

    async def keep(self, failed: FailedBatch) -> None:
        records = places(failed.batch.records)
        assert failed.batch.attempts == self.settings.maximum_retry_attempts + 1
        assert failed.request_id == OK.request_id
        self.given_up.update(records)
        self.finished.update(records)


class Ledger(MemoryCheckpoints):
    """Checks every position against what is done."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    async def save(self, mapping_id: str, shard_id: str, position: Position) -> None:
        if shard_id == SHARD:
            self._check(position)
        await asyncio.sleep(0)  # a crash may come before it is on disk
        await super().save(mapping_id, shard_id, position)

    def _check(self, position: Position) -> None:
        world = self.world
        up_to = int(position.after or 0)
        assert set(range(1, up_to + 1)) & set(world.keys) <= world.finished, "the position is ahead of the work"
        for lane, told in enumerate(position.lanes):
            mine = {place for place in world.keys if self._lane(place) == lane}
            assert {place for place in mine if place <= int(told.after or 0)} <= world.finished

    def _lane(self, place: int) -> int:
        keys = {"pk": {"S": self.world.keys[place]}}
        return lane_of({"dynamodb": {"Keys": keys}}, "pk", self.world.settings.parallelization_factor)

    def place(self) -> int:
        position = self.position(MAPPING_ID, SHARD)
        return int(position.after) if position and position.after else 0


def worker(stream: FakeStream, ledger: Ledger, clock: JumpingClock) -> MappingWorker:
    world = ledger.world
    mapping = Mapping("f", ARN, world.settings)
    return MappingWorker(mapping, stream, ledger, world, clock, failures=world, stop_grace_s=0)


async def live(ledger: Ledger, stream: FakeStream, clock: JumpingClock, turns: int | None) -> None:
    """Run for so many turns of the loop, or to the end. Leaving the loop is the crash."""
    stop = asyncio.Event()
    running = asyncio.create_task(worker(stream, ledger, clock).run(stop))
    if turns is None:
        await until(lambda: ledger.place() == len(ledger.world.keys) or running.done())
        stop.set()
        await running
    for _ in range(turns or 0):
        await asyncio.sleep(0)


def make(how: MappingSettings, keys: list[str], plan: list[str | int], poison: set[int]) -> tuple[Any, ...]:
    clock = JumpingClock()
    stream = FakeStream(clock)
    for key in keys:
        stream.put(1, key=key)
    return World(dict(enumerate(keys, 1)), list(plan), poison, how), stream, clock


@settings(max_examples=150, deadline=None)
@given(how, writes, plans, poison)
def test_every_record_is_done_in_its_keys_order_or_given_up(
    how: MappingSettings, keys: list[str], plan: list[str | int], poison: set[int]
) -> None:
    world, stream, clock = make(how, keys, plan, poison)
    asyncio.run(live(Ledger(world), stream, clock, None))
    assert (world.faults, world.finished) == ([], set(world.keys))
    for place in world.keys:
        # Each try that is counted, and at the most one call for each split.
        splits = len(keys) if how.bisect_batch_on_function_error else 0
        assert world.sent[place] <= how.maximum_retry_attempts + 1 + splits
    if how.bisect_batch_on_function_error and not how.report_batch_item_failures and not plan:
        assert world.given_up == poison & set(world.keys), "bisecting leaves only what fails to be given up"


@settings(max_examples=150, deadline=None)
@given(how, writes, plans, poison, st.lists(st.integers(0, 200), min_size=1, max_size=3))
def test_crashes_lose_nothing_and_start_no_count_anew_that_was_saved(
    how: MappingSettings, keys: list[str], plan: list[str | int], poison: set[int], crashes: list[int]
) -> None:
    world, stream, clock = make(how, keys, plan, poison)
    kept = MemoryCheckpoints()
    for turns in [*crashes, None]:
        ledger = Ledger(world)
        ledger._positions = dict(kept._positions)
        world.under_way.clear()
        snapshot: Callable[[], None] = lambda: kept._positions.update(ledger._positions)  # noqa: E731, B023
        asyncio.run(_crashing(ledger, stream, clock, turns, snapshot))
    assert (world.faults, world.finished) == ([], set(world.keys))


async def _crashing(
    ledger: Ledger, stream: FakeStream, clock: JumpingClock, turns: int | None, snapshot: Callable[[], None]
) -> None:
    await live(ledger, stream, clock, turns)
    snapshot()
