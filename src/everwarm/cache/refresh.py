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
from everwarm.cache.events import Events
from everwarm.cache.items import Stored, Timer, value_item
from everwarm.cache.loader import Loader
from everwarm.cache.table import CacheTable
from everwarm.clock import Clock
from everwarm.dynamodb.values.sizes import item_size
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import CacheError, UnreadableValue, ValueTooLarge

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
            Held: another process is loading it, and nobody waits for it here.
            Passed: a timer's value is gone, or another one.
            LoadFailed: the loader failed, and there is a value to go on with.
            NotFound: the loader says that there is no such thing.
            Exception: the loader's own, where there is nothing to go on with.
        """
        # Before the lease is taken: a load that waits for its turn must not let it run out.
        with job.loader.limits.admit():
            return self._load_with_gap(job) if job.loader.policy.gap else self._load(job)

    def _load(self, job: Job) -> Loaded:
        quicker = self._take_lease(job)
        if quicker is not None:
            return quicker
        try:
            before = self._table.read(job.key)
            quicker = self._others(job, before)
            if quicker is None:
                return self._run(job, before)
        except (LoadFailed, NotFound):
            raise  # the lease ended together with what was written of it
        except BaseException:
            self._table.give_back(job.key)
            raise
        self._table.give_back(job.key)
        return quicker

    def at_hand(self, job: Job, value: Any, before: Stored | None) -> tuple[Stored, Timer | None]:
        """A value that nobody has to load, as it is to be stored, and its timer. Raises as `_made`."""
        return self._made(job, value, before, began=self._clock.now(), load_s=0.0)

    def _take_lease(self, job: Job) -> Loaded | None:
        """Return None with the lease taken, or what another process has loaded meanwhile."""
        while True:
            now = self._clock.now()
            if self._table.take_lease(job.key, now, now + job.loader.policy.lease_s):
                return None
            until = self._table.lease_ends(job.key)
            if until is None or until <= now:
                continue  # it has just ended
            if job.why is not Why.MISS:
                raise Held(until)
            stored = self._table.read(job.key)
            if stored is not None and stored.generation != job.seen and stored.usable(now):
                quicker = self._quicker(job, stored)
                if quicker is not None:
                    return quicker
            self._table.backend.pause(min(POLL_S, until - now))

    def _others(self, job: Job, stored: Stored | None) -> Loaded | None:
        """What another has loaded since the asker looked; None where it is ours to load."""
        if job.why is Why.FORCED:
            return None
        if (None if stored is None else stored.generation) == job.seen and (stored or job.why is not Why.TIMER):
            return None
        if job.why is Why.TIMER:
            raise Passed
        return self._quicker(job, stored) if stored is not None and stored.usable(self._clock.now()) else None

    def _quicker(self, job: Job, stored: Stored) -> Loaded | None:
        """What another has loaded; None if it is of another form, that of another version of the program perhaps."""
        if stored.value is None:
            raise NotFound(job.key)
        try:
            return Loaded(stored, job.loader.codec.decode(stored.value, stored.encoding), ran=False)
        except UnreadableValue:
            return None

    def _run(self, job: Job, before: Stored | None) -> Loaded:
        began, at = self._clock.now(), self._clock.elapsed()
        try:
            with self._events.span(job.key):
                value = job.load()
            load_s = self._clock.elapsed() - at
            stored, timer = self._made(job, value, before, began=began, load_s=load_s)
        except NotFound as error:
            self._not_found(job, before, began, self._clock.elapsed() - at)
            raise error
        except Exception as error:
            raise self._failed(job, before, error, self._clock.elapsed() - at) from error
        self._store(job, stored, timer, before)
        return Loaded(stored, value, ran=True)

    def _made(
        self, job: Job, value: Any, before: Stored | None, *, began: float, load_s: float
    ) -> tuple[Stored, Timer | None]:
        """A value as it is to be stored, and its timer.

        Raises:
            UnstorableValue, ValueTooLarge: it cannot be.
        """
        policy, now = job.loader.policy, self._clock.now()
        encoded = job.loader.codec.encode(value)
        # What was asked for before a scheduled time is not what comes with it. A length of time counts from now on, so
        # that a load that takes longer than that is not begun again at once.
        since = now if policy.schedule is None else began
        ttl, fresh_until = policy.ttl(began, value), policy.fresh_until(since, value, self._chance())
        if ttl is not None:
            fresh_until = min(fresh_until, ttl)
        stored = Stored(
            key=job.key,
            value=encoded.attribute,
            encoding=encoded.encoding,
            generation=(generation := _next_generation(before, began)),
            loaded_at=began,
            fresh_until=fresh_until,
            ttl=fresh_until if policy.gap else ttl,
            call=job.call,
            load_s=load_s,
            tags=job.tags,
        )
        size_bytes = item_size(value_item(self._table.names, stored))
        if policy.max_bytes is not None and size_bytes > policy.max_bytes:
            raise ValueTooLarge(
                f"the value of {job.key!r} makes an item of {size_bytes:,} bytes; this cache allows "
                f"max_bytes={policy.max_bytes:,}"
            )
        self._events.stats.wrote(size_bytes)
        timer = Timer(key=job.key, generation=generation, due=fresh_until, read_at=job.read_at)
        return stored, timer if policy.sets_timers else None

    def _store(self, job: Job, stored: Stored, timer: Timer | None, before: Stored | None) -> None:
        lateness_s = None
        if job.why is Why.TIMER and before is not None and not before.failures:
            lateness_s = stored.loaded_at - before.fresh_until
        if self._table.store(stored, timer, before=before):
            self._events.loaded(
                job.key,
                generation=stored.generation or 0,
                duration_s=stored.load_s,
                replaced=before is not None,
                lateness_s=lateness_s,
                absent=stored.absent,
            )
        else:
            reason = "invalidated meanwhile, or the lease had run out"
            self._events.discarded(job.key, duration_s=stored.load_s, reason=reason, lateness_s=lateness_s)

    def _not_found(self, job: Job, before: Stored | None, began: float, load_s: float) -> None:
        """The source says that there is no such thing: remember that for its time, or forget what there was."""
        until = job.loader.policy.negative_until(self._clock.now(), self._chance())
        generation = _next_generation(before, began)
        if until is not None:
            absent = Stored(
                key=job.key,
                value=None,
                generation=generation,
                loaded_at=began,
                fresh_until=until,
                ttl=until,
                call=job.call,
                load_s=load_s,
                tags=job.tags,
            )
            self._store(job, absent, None, before)
            return
        if before is not None:
            self._table.delete([job.key])
        else:
            self._table.give_back(job.key)
        self._events.loaded(job.key, generation=generation, duration_s=load_s, replaced=before is not None, absent=True)

    def _failed(self, job: Job, before: Stored | None, error: Exception, duration_s: float) -> Exception:
        """Note the failure and plan the next try; what is to be raised."""
        now, policy = self._clock.now(), job.loader.policy
        if before is None or before.generation is None or not before.usable(now):
            self._table.give_back(job.key)
            self._events.load_failed(job.key, error, duration_s=duration_s)
            return error
        failures = before.failures + 1
        retry_at = policy.next_try(failures, now, before.ttl, self._chance())
        # A value that cannot be stored will not be so next time either: then readers may try, but no timer.
        timed = retry_at is not None and policy.sets_timers and not isinstance(error, CacheError)
        noted = replace(before, failures=failures, error=_text(error), retry_at=retry_at or before.ttl)
        timer = None
        if timed and retry_at is not None:
            timer = Timer(key=job.key, generation=before.generation, due=retry_at, read_at=job.read_at)
        self._events.load_failed(
            job.key, error, duration_s=duration_s, failures=failures, retry_at=retry_at if timed else None
        )
        if self._table.put_off(noted, timer):
            return LoadFailed(error, put_off=timed)
        # Somebody has stored or deleted it meanwhile; what is there now has its own timer.
        self._table.give_back(job.key)
        return LoadFailed(error, put_off=True)

    def _load_with_gap(self, job: Job) -> Loaded:
        """The plain form: one item, which was deleted or is late in being so. No lease, no timer."""
        before = self._table.read(job.key)
        quicker = self._others(job, before) if before is not None else None
        if quicker is not None:
            return quicker
        began, at = self._clock.now(), self._clock.elapsed()
        try:
            with self._events.span(job.key):
                value = job.load()
            stored, _ = self._made(job, value, before, began=began, load_s=self._clock.elapsed() - at)
        except Exception as error:
            self._events.load_failed(job.key, error, duration_s=self._clock.elapsed() - at)
            raise
        if self._table.put(stored, before=before):
            self._events.loaded(
                job.key, generation=stored.generation or 0, duration_s=stored.load_s, replaced=job.why is not Why.MISS
            )
        else:
            self._events.discarded(job.key, duration_s=stored.load_s, reason="somebody else has put it back")
        return Loaded(stored, value, ran=True)


def _next_generation(before: Stored | None, began: float) -> int:
    """Rises with every load, and across deletions: a late timer of an earlier life fits nothing."""
    return max((before.generation or 0) + 1 if before is not None else 0, int(began * 1000))


def _text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:MAX_ERROR_CHARACTERS]
