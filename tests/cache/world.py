"""A small world for the cache's promises: one table, a few processes, and a clock that stands still until it is moved.

Nothing happens by itself: items expire when the test says so, however late; records are delivered when it says so, in
any order, and again; background loads are steps; a process may die before or after any of its writes. All of it in one
thread, so that whatever goes wrong goes wrong again.

`World.observe` compares each write with what the cache promises. Not here: which steps there are
(`test_properties.py`).
"""

import math
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from everwarm.account import DEFAULT_REGION
from everwarm.cache.backends.backend import Changed, Handler
from everwarm.cache.backends.setup import ensure_table
from everwarm.cache.core import Core
from everwarm.cache.entry import Entry, NotFound
from everwarm.cache.events import Events
from everwarm.cache.handler import Expirations
from everwarm.cache.items import Stored, stored_of
from everwarm.cache.loader import Loader
from everwarm.cache.loads import Source
from everwarm.cache.names import Names
from everwarm.cache.policies.limits import Limits
from everwarm.cache.policies.policy import Policy
from everwarm.cache.refresh import Job, Loaded, Refresher, Why
from everwarm.cache.stats import Stats
from everwarm.cache.table import CacheTable, new_owner
from everwarm.cache.values.codec import Codec
from everwarm.client import DirectClient
from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine

TABLE = "cache"
NAMES = Names()
READS = frozenset({"GetItem", "BatchGetItem", "Scan", "Query"})
DELIVERIES = 4
"""Of a record that is reported as failed: the first one, and three more."""


class Crash(BaseException):
    """The process is no more."""


class Down(Exception):
    """The source gives nothing."""


@dataclass(slots=True)
class Plan:
    """What the next load does.

    Attributes:
        outcome: `ok`, `down`, `absent` or `unstorable`.
        lasts_s: how long it takes.
        meddle: what somebody else does in the middle of it.
    """

    outcome: str = "ok"
    lasts_s: float = 0.0
    meddle: Callable[[], None] | None = None


@dataclass(slots=True)
class Load:
    """A call of the loader."""

    key: str
    why: Why
    base: object
    began_tick: int
    outcome: str
    lasts_s: float
    seen: Stored | None


@dataclass(slots=True)
class Life:
    """What the test knows of a key.

    Attributes:
        stored: its value, as it was seen last.
        highest: the highest generation there was.
        cancelled_tick: when it was last invalidated or set: what began before must not be stored.
        number: of lives; a deletion begins a new one.
        excuses: for more than one load of one base: crashes, and loads longer than their lease.
        timers_deleted: generations of timers that a user has deleted, which is as good as if they had expired.
        leaves: the key is just being invalidated or found absent, so it may be gone afterwards.
    """

    stored: Stored | None = None
    highest: int = 0
    cancelled_tick: int = -1
    number: int = 0
    excuses: int = 0
    timers_deleted: set[int | None] = field(default_factory=set)
    leaves: bool = False


@dataclass(slots=True)
class Record:
    """A record of the stream, and how often it was delivered and reported."""

    body: dict[str, Any]
    tries: int = 0
    done: bool = False


@dataclass(slots=True)
class Pool(Executor):
    """What nobody waits for is done when the test says so."""

    waiting: "deque[tuple[Future[Any], Callable[[], Any]]]" = field(default_factory=deque)
    at_once: bool = False

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        self.waiting.append((future, lambda: fn(*args, **kwargs)))
        if self.at_once:
            self.run()
        return future

    def run(self) -> None:
        while self.waiting:
            future, work = self.waiting.popleft()
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)


class Watched(Refresher):
    """Knows what it is doing, so that the loader can say why it was called."""

    def __init__(self, *args: Any, world: "World", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._world = world

    def load(self, job: Job) -> Loaded:
        self._world.jobs.append(job)
        try:
            return super().load(job)
        finally:
            self._world.jobs.pop()


class Process:
    """A process with the cache, which may die. Itself the backend of its cache."""

    instant = True
    makes_tables = True

    def __init__(self, world: "World", policy: Policy, *, exclusive: bool) -> None:
        self.world = world
        self.exclusive = exclusive
        self.dead = False
        self.crash_in: int | None = None
        self.crash_before = False
        self.pool = Pool()
        events = Events(TABLE, world.clock, Stats(), None, None)
        table = CacheTable(self, TABLE, NAMES, new_owner())
        refresher = Watched(table, world.clock, events, world.chance, world=world)

        def source_of(stored: Stored) -> Source:
            return self.source(stored.key)

        self.core = Core(table, refresher, lambda: self.pool, None, world.clock, events, world.chance, source_of)
        limits = Limits.of(now=world.clock.elapsed, pause=self.pause)
        self.loader = Loader("", world.load, Codec(), policy, limits)
        self.expirations = Expirations(self.core, source_of, world.clock, events, gap=policy.gap)

    def source(self, key: str) -> Source:
        return Source(self.loader, (key,), {}, plain=True)

    def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        if self.dead:
            raise Crash
        if action in READS:
            return self.world.call(action, request)
        if self.crash_in is not None:
            self.crash_in -= 1
            if self.crash_in <= 0:
                self.dead = True
                if self.crash_before:
                    raise Crash
        doomed = [one["Delete"]["Key"] for one in request.get("TransactItems", ()) if "Delete" in one]
        items = [self.world.item(key["key"]["S"]) for key in doomed]
        response = self.world.call(action, request)
        self.world.records += [self.world.record(item) for item in items if item is not None]
        self.world.observe()
        if self.dead:
            raise Crash
        return response

    def pause(self, seconds: float) -> None:
        # What is polled for in a simulation may as well be looked at more seldom.
        self.world.clock.advance(max(seconds, 1.0))

    def serve(self, table_name: str, handler: Handler, *, concurrency: int) -> None:
        pass

    def follow(self, table_name: str, changed: Changed) -> Callable[[], None]:
        return lambda: None

    def close(self) -> None:
        pass


class World:
    """The table, the processes on it, the source that their loader asks, and what is known of each key."""

    def __init__(
        self, policy: Policy, *, keys: tuple[str, ...], processes: int, exclusive: bool = False, images: bool = True
    ) -> None:
        self.clock = ManualClock(1_700_000_000.0)
        self.policy = policy
        self.keys = keys
        self.images = images
        self.exclusive = exclusive
        self.engine = Engine.open(None, self.clock, DEFAULT_REGION)
        self.call = DirectClient(self.engine).call
        self.jobs: list[Job] = []
        self.loads: list[Load] = []
        self.lives = {key: Life() for key in keys}
        self.plan: Plan | None = None
        self.down = False
        self.ticks = 0
        self.records: list[Record] = []
        self.given_up: list[Record] = []
        self.chances = 0.5
        self._numbers = 0
        self._per_base: Counter[object] = Counter()
        self.processes = [self.process() for _ in range(processes)]
        ensure_table(self.processes[0], TABLE, NAMES, create=True)

    def close(self) -> None:
        self.engine.close()

    def process(self) -> Process:
        return Process(self, self.policy, exclusive=self.exclusive)

    def chance(self) -> float:
        return self.chances

    def item(self, place: str) -> dict[str, Any] | None:
        found = self.call("GetItem", {"TableName": TABLE, "Key": {"key": {"S": place}}})
        item: dict[str, Any] | None = found.get("Item")
        return item

    def stored(self, key: str) -> Stored | None:
        item = self.item(key)
        return None if item is None else stored_of(NAMES, item)

    def timer(self, key: str) -> dict[str, Any] | None:
        return self.item(NAMES.timer(key))

    # -- the source --------------------------------------------------------------------------------------------------

    def load(self, key: str) -> dict[str, Any]:
        plan, self.plan = self.plan or Plan("down" if self.down else "ok"), None
        life, job, seen = self.lives[key], self.jobs[-1], self.stored(key)
        base = (key, life.number if seen is None else seen.generation)
        self.ticks += 1
        load = Load(key, job.why, base, self.ticks, plan.outcome, plan.lasts_s, seen)
        self.loads.append(load)
        number = len(self.loads)
        self._is_called_for(job, seen, life)
        if plan.lasts_s > self.policy.lease_s:
            life.excuses += 1
        if plan.outcome == "ok" and job.why is not Why.FORCED:
            self._per_base[base] += 1
            assert self._per_base[base] <= 1 + life.excuses, f"loaded {self._per_base[base]} times: {base}"
        # Nothing takes no time: within one millisecond, generations of two lives of a key would be the same.
        self.clock.advance(plan.lasts_s / 2 + 0.001)
        if plan.meddle is not None:
            plan.meddle()
        self.clock.advance(plan.lasts_s / 2)
        if plan.outcome == "down":
            raise Down(key)
        if plan.outcome == "absent":
            life.leaves = True
            raise NotFound(key)
        if plan.outcome == "unstorable":
            return {"number": number, "what": object()}
        return {"number": number}

    def _is_called_for(self, job: Job, seen: Stored | None, life: Life) -> None:
        """Whether this load is one that somebody needs."""
        if seen is None or job.why is Why.FORCED:
            return
        now, timer = self.clock.now(), self.timer(job.key)
        put_off = seen.retry_at is not None and now < seen.retry_at
        if job.why is Why.STALE:
            assert not put_off, "a reader asks a source that has just failed"
        if job.why is Why.TIMER:
            assert not put_off or timer is None, "a timer that came late asks a source that has just failed"
        early = job.why is Why.TIMER and (seen.failures or seen.generation in life.timers_deleted)
        assert early or seen.fresh_until <= now, f"{job.why} loads a fresh value"

    # -- promises ----------------------------------------------------------------------------------------------------

    def observe(self) -> None:
        """Somebody has written: what is there now must be allowed."""
        now = self.clock.now()
        for key, life in self.lives.items():
            before, after = life.stored, self.stored(key)
            if after is None:
                if before is not None:
                    assert life.leaves or not before.usable(now), f"{key} is gone before its time"
                    life.number += 1
            elif before is None or after.generation != before.generation:
                assert after.generation is not None
                assert after.generation > life.highest, f"{key}: an older generation has replaced a newer one"
                life.highest = after.generation
                life.excuses = 0 if before is not None else life.excuses
                if after.value is not None:
                    number = int(after.value["M"]["number"]["N"])
                    if number:
                        load = self.loads[number - 1]
                        assert load.began_tick > life.cancelled_tick, f"{key}: stored behind an invalidation"
                    else:
                        life.cancelled_tick = self.ticks
            life.stored = after

    def reads(self, process: Process, key: str, *, stale_ok: bool) -> Entry[Any] | None:
        """A reader; what it gets is looked over. None if there was nothing, or the source failed with nothing there."""
        self.ticks += 1
        loads, before = len(self.loads), self.stored(key)
        usable = before is not None and before.usable(self.clock.now())
        try:
            entry = process.core.entry(key, process.source(key), stale_ok=stale_ok)
        except NotFound:
            assert before is None or before.absent or len(self.loads) > loads, "a value that is there was not found"
            return None
        except Exception:
            assert not (usable and stale_ok), "a usable value was not served"
            return None
        if entry.value["number"] <= loads:  # it was not loaded for this reader
            assert entry.expires_at is not None
            assert self.clock.now() < entry.expires_at or len(self.loads) > loads
            assert entry.age_s <= self.policy.ttl(0.0, None)  # type: ignore[operator]  # the policy has a keep
        return entry

    def forgets(self, process: Process, key: str) -> None:
        self.ticks += 1
        life = self.lives[key]
        life.leaves = True
        try:
            process.core.invalidate([key])
            life.cancelled_tick = self.ticks
            life.number += 1
        finally:
            life.leaves = False
            self.clock.advance(0.001)

    def puts(self, process: Process, key: str) -> None:
        self.ticks += 1
        self.clock.advance(0.001)
        process.core.put(key, {"number": 0}, process.source(key))

    def holds(self) -> None:
        """Between any two steps: what was loaded is there until its time is over."""
        now = self.clock.now()
        for key, life in self.lives.items():
            life.leaves = False
            stored = self.stored(key)
            if life.stored is not None and life.stored.usable(now):
                assert stored is not None
                assert stored.value == life.stored.value

    # -- Time to Live and the stream ---------------------------------------------------------------------------------

    def due(self) -> list[str]:
        now = self.clock.now()
        items = self.call("Scan", {"TableName": TABLE})["Items"]
        due = [(float(item["ttl"]["N"]), item["key"]["S"]) for item in items if "ttl" in item]
        return [key for ttl, key in sorted(due) if ttl <= now]

    def next_due(self) -> float:
        """When the next item expires."""
        items = self.call("Scan", {"TableName": TABLE})["Items"]
        return min((float(item["ttl"]["N"]) for item in items if "ttl" in item), default=math.inf)

    def delete(self, place: str, *, by_service: bool = False) -> None:
        """Somebody deletes an item: a sweep, or a user."""
        item = self.item(place)
        if item is not None:
            if (key := NAMES.of_timer(place)) is not None and float(item["ttl"]["N"]) > self.clock.now():
                self.lives[key].timers_deleted.add(int(item["generation"]["N"]))
            self.call("DeleteItem", {"TableName": TABLE, "Key": {"key": {"S": place}}})
            self.records.append(self.record(item, by_service=by_service))
            self.observe()

    def record(self, item: dict[str, Any], *, by_service: bool = False) -> Record:
        """What the stream tells of an item that was deleted."""
        self._numbers += 1
        body = {
            "Keys": {"key": item["key"]},
            "SequenceNumber": str(self._numbers),
            "ApproximateCreationDateTime": int(self.clock.now()),
        }
        if self.images:
            body["OldImage"] = item
        record: dict[str, Any] = {"eventName": "REMOVE", "dynamodb": body}
        if by_service:
            record["userIdentity"] = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
        return Record(record)

    def waiting(self) -> list[Record]:
        return [record for record in self.records if not record.done]

    def deliver(self, process: Process, records: list[Record]) -> list[Record]:
        """Call the handler; the records that it reports, which are not done, unless it was the last try."""
        self.ticks += 1
        calls = len(self.loads)
        process.pool.at_once = True
        try:
            answer = process.expirations.handle({"Records": [record.body for record in records]})
        finally:
            process.pool.at_once = False
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        numbers = {record.body["dynamodb"]["SequenceNumber"] for record in records}
        assert failed <= numbers
        outcomes = {load.outcome for load in self.loads[calls:]}
        assert not failed or outcomes & {"down", "unstorable"}, "what has not failed is reported"
        reported = []
        for record in records:
            record.tries += 1
            if record.body["dynamodb"]["SequenceNumber"] not in failed:
                record.done = True
                continue
            reported.append(record)
            if record.tries >= DELIVERIES:
                record.done = True
                self.given_up.append(record)
        return reported
