"""Loads a key: takes its lease, runs the loader, stores the value with its next timer; or notes that it failed.

Everything here blocks, and runs in whatever thread asked or in the cache's pool. Order matters: the value is read again
once the lease is there, so that nobody loads what another has just loaded; and it is stored only while the lease lasts.

Not here: that a process loads a key once only (`flights.py`), who asks (`cache.py`, `handler.py`).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from everwarm.cache.entry import NotFound
from everwarm.cache.events import EventKind, Events
from everwarm.cache.items import Stored, Timer
from everwarm.cache.loader import Loader
from everwarm.cache.policy import Policy
from everwarm.cache.table import CacheTable
from everwarm.clock import Clock
from everwarm.dynamodb.values.types import AttributeValue

POLL_S = 0.05
"""How often a reader looks whether the process that loads its key is done."""

MAX_ERROR_CHARACTERS = 500


class Why(Enum):
    """Who asks for a load."""

    MISS = "miss"  # a reader waits, and there is nothing to be served
    STALE = "stale"  # a reader has been served, or wants it fresh
    TIMER = "timer"  # its time has come
    FORCED = "forced"  # somebody wants it loaded, whatever is there


class Held(Exception):
    """Another process is loading this key.

    Attributes:
        until: when its lease ends by itself, in epoch seconds.
    """

    def __init__(self, until: float) -> None:
        super().__init__(f"another process loads it until {until}")
        self.until = until


class Passed(Exception):
    """There is nothing to refresh: the value is gone, or is another one than the one whose time had come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A key to be loaded.

    Attributes:
        key: in the table.
        loader: whose entry it is.
        load: runs the loader with the arguments of this key.
        call: loader and arguments, as they are kept with the value.
        tags: of the entry.
        why: who asks.
        seen: the generation of the value that the asker knows; None for none.
        read_at: when somebody last read it, for the next timer.
    """

    key: str
    loader: Loader
    load: Callable[[], Any]
    call: AttributeValue | None
    tags: frozenset[str]
    why: Why
    seen: int | None = None
    read_at: float | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it.

    Attributes:
        stored: as it lies in the table now, or would if nobody had been in between.
        value: decoded; None where there is nothing (`stored.absent`).
        ran: whether the loader ran for it; else somebody was quicker.
    """

    stored: Stored
    value: Any
    ran: bool


class LoadFailed(Exception):
    """A loader failed while there was a value to go on with.

    Attributes:
        error: what it raised.
        put_off: whether it will be tried again by itself.
    """

    def __init__(self, error: BaseException, *, put_off: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.put_off = put_off


class Refresher:
    """Loads keys of one table."""

    def __init__(
        self, table: CacheTable, clock: Clock, events: Events, chance: Callable[[], float] = random.random
    ) -> None:
        self._table = table
        self._clock = clock
        self._events = events
        self._chance = chance

    def load(self, job: Job) -> Loaded:
        """Load a key, unless somebody else has just done so.

        Raises:
            Held: another process is loading it, and there is a value to go on with (or nobody waits).
            Passed: a timer's value is gone, or another one.
            LoadFailed: the loader failed, and there is a value to go on with.
            Exception: the loader's own, where there is none.
        """
        policy = job.loader.policy
        if policy.gap:
            return self._load_with_gap(job)
        quicker = self._take_lease(job, policy)
        if quicker is not None:
            return quicker
        try:
            before = self._table.read(job.key)
            if (quicker := self._others(job, before)) is not None:
                self._table.give_back(job.key)
                return quicker
            return self._run(job, before)
        except (LoadFailed, NotFound):
            raise
        except BaseException:
            self._table.give_back(job.key)
            raise

    def at_hand(
        self,
        key: str,
        value: Any,
        loader: Loader,
        call: AttributeValue | None,
        tags: frozenset[str],
        before: Stored | None,
    ) -> tuple[Stored, Timer | None]:
        """A value that nobody has to load, as it is to be stored, and its timer."""
        now = self._clock.now()
        return self._made(key, value, loader, call, tags, before, began=now, load_s=0.0, read_at=now)

    def _take_lease(self, job: Job, policy: Policy) -> Loaded | None:
        """Return None with the lease taken, or what another process has loaded meanwhile."""
        while True:
            now = self._clock.now()
            if self._table.take_lease(job.key, now, now + policy.lease_s):
                return None
            until = self._table.lease_ends(job.key)
            if until is None or until <= now:
                continue
            if job.why is not Why.MISS:
                raise Held(until)
            stored = self._table.read(job.key)
            if stored is not None and stored.generation != job.seen and stored.usable(now):
                return self._quicker(job, stored)
            self._table.backend.pause(min(POLL_S, until - now))

    def _others(self, job: Job, stored: Stored | None) -> Loaded | None:
        """What another has loaded since the asker looked; None where it is ours to load."""
        if job.why is Why.FORCED:
            return None
        if stored is None:
            if job.why is Why.TIMER:
                self._table.give_back(job.key)
                raise Passed
            return None
        if stored.generation == job.seen:
            return None
        if job.why is Why.TIMER:
            self._table.give_back(job.key)
            raise Passed
        return self._quicker(job, stored) if stored.usable(self._clock.now()) else None

    def _quicker(self, job: Job, stored: Stored) -> Loaded:
        value = None if stored.value is None else job.loader.codec.decode(stored.value, stored.encoding)
        return Loaded(stored, value, ran=False)

    def _run(self, job: Job, before: Stored | None) -> Loaded:
        began, at = self._clock.now(), self._clock.elapsed()
        try:
            value = job.load()
        except NotFound as error:
            return self._not_found(job, before, error, began, self._clock.elapsed() - at)
        except Exception as error:
            self._events.emit(
                EventKind.LOAD_FAILED, job.key, duration_s=self._clock.elapsed() - at, error=_text(error)
            )
            if before is not None and before.usable(self._clock.now()):
                raise LoadFailed(error, put_off=self._put_off(job, before, error)) from error
            raise
        load_s = self._clock.elapsed() - at
        stored, timer = self._made(
            job.key, value, job.loader, job.call, job.tags, before, began=began, load_s=load_s, read_at=job.read_at
        )
        return self._stored(job, stored, timer, before, value)

    def _not_found(self, job: Job, before: Stored | None, error: NotFound, began: float, load_s: float) -> Loaded:
        now, policy = self._clock.now(), job.loader.policy
        until = policy.negative_until(now, self._chance())
        if until is None:
            # The source says that it is gone: so is what we had of it, and the lease.
            self._table.delete([job.key])
            self._events.emit(EventKind.NOT_FOUND, job.key, duration_s=load_s)
            raise error
        stored = Stored(
            key=job.key,
            value=None,
            generation=_next_generation(before, began),
            loaded_at=began,
            fresh_until=until,
            ttl=until,
            call=job.call,
            load_s=load_s,
            tags=job.tags,
        )
        self._events.emit(EventKind.NOT_FOUND, job.key, duration_s=load_s)
        self._stored(job, stored, None, before, None)
        raise error

    def _made(
        self,
        key: str,
        value: Any,
        loader: Loader,
        call: AttributeValue | None,
        tags: frozenset[str],
        before: Stored | None,
        *,
        began: float,
        load_s: float,
        read_at: float | None,
    ) -> tuple[Stored, Timer | None]:
        policy, now = loader.policy, self._clock.now()
        encoded = loader.codec.encode(value)
        ttl = policy.ttl(began, value)
        fresh_until = policy.fresh_until(now, value, self._chance())
        if ttl is not None:
            fresh_until = min(fresh_until, ttl)
        stored = Stored(
            key=key,
            value=encoded.attribute,
            encoding=encoded.encoding,
            generation=(generation := _next_generation(before, began)),
            loaded_at=began,
            fresh_until=fresh_until,
            ttl=fresh_until if policy.gap else ttl,
            call=call,
            load_s=load_s,
            tags=tags,
        )
        timed = policy.keep_warm != "never" and not policy.gap
        return stored, Timer(key=key, generation=generation, due=fresh_until, read_at=read_at) if timed else None

    def _stored(self, job: Job, stored: Stored, timer: Timer | None, before: Stored | None, value: Any) -> Loaded:
        if self._table.store(stored, timer, before=before):
            lateness_s = None if job.why is not Why.TIMER or before is None else stored.loaded_at - before.fresh_until
            kind = EventKind.LOADED if before is None else EventKind.REFRESHED
            self._events.emit(
                kind, job.key, generation=stored.generation, duration_s=stored.load_s, lateness_s=lateness_s
            )
        else:
            self._events.emit(EventKind.DISCARDED, job.key, generation=stored.generation)
        return Loaded(stored, value, ran=True)

    def _put_off(self, job: Job, before: Stored, error: Exception) -> bool:
        """Note the failure, and plan the next try; whether there is to be one."""
        policy, now = job.loader.policy, self._clock.now()
        failures = before.failures + 1
        retry_at = policy.next_try(failures, now, before.ttl, self._chance())
        timed = retry_at is not None and policy.keep_warm != "never" and before.generation is not None
        timer = None
        if timed:
            assert retry_at is not None
            assert before.generation is not None
            timer = Timer(key=job.key, generation=before.generation, due=retry_at, read_at=job.read_at)
        noted = replace(before, failures=failures, error=_text(error), retry_at=retry_at or before.ttl)
        if not self._table.put_off(noted, timer):
            # Somebody has stored or deleted it meanwhile; what is there now has its own timer.
            self._table.give_back(job.key)
            return True
        return timer is not None

    def _load_with_gap(self, job: Job) -> Loaded:
        """The plain form: one item, which was deleted or is late in being so. No lease, no timer."""
        before = self._table.read(job.key)
        if before is not None and before.generation != job.seen and job.why is not Why.FORCED:
            if job.why is Why.TIMER:
                raise Passed  # a reader was quicker
            if before.usable(self._clock.now()):
                return self._quicker(job, before)
        began, at = self._clock.now(), self._clock.elapsed()
        try:
            value = job.load()
        except Exception as error:
            self._events.emit(
                EventKind.LOAD_FAILED, job.key, duration_s=self._clock.elapsed() - at, error=_text(error)
            )
            raise
        stored, _ = self._made(
            job.key,
            value,
            job.loader,
            job.call,
            job.tags,
            before,
            began=began,
            load_s=self._clock.elapsed() - at,
            read_at=None,
        )
        if self._table.put(stored, before=before):
            kind = EventKind.LOADED if job.why is Why.MISS else EventKind.REFRESHED
            self._events.emit(kind, job.key, generation=stored.generation, duration_s=stored.load_s)
        else:
            self._events.emit(EventKind.DISCARDED, job.key, generation=stored.generation)
        return Loaded(stored, value, ran=True)


def _next_generation(before: Stored | None, began: float) -> int:
    """Rises with every load, and across deletions: a late timer of an earlier life fits nothing."""
    return max((before.generation or 0) + 1 if before is not None else 0, int(began * 1000))


def _text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:MAX_ERROR_CHARACTERS]
