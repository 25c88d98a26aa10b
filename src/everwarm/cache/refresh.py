"""Loads a key: takes its lease, runs the loader, stores the value with its next timer; or notes that it failed.

Everything here blocks, and runs in whatever thread asked or in the cache's pool. Order matters: the value is read again
once the lease is there, so that nobody loads what another has just loaded; and it is stored only while the lease lasts.

Not here: that a process loads a key once only (`flights.py`), who asks (`cache.py`, `handler.py`).
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Any

from everwarm.cache import waits
from everwarm.cache.backends.backend import CLOSED
from everwarm.cache.entry import NotFound
from everwarm.cache.events import Events
from everwarm.cache.items import Stored, Timer, value_item
from everwarm.cache.loader import Abandoned, Loader
from everwarm.cache.policies.limits import Limits
from everwarm.cache.table import CacheTable, Lease
from everwarm.clock import Clock
from everwarm.dynamodb.values.sizes import item_size
from everwarm.dynamodb.values.types import AttributeValue
from everwarm.errors import ApiError, BackendError, UnreadableValue, ValueTooLarge

POLL_S = 0.05
"""How often a reader looks whether the process that loads its key is done."""

MAX_ERROR_CHARACTERS = 500

_admitted: ContextVar[tuple[Limits, ...]] = ContextVar("admitted", default=())
"""The limits under which the loader that runs here was begun."""


class Why(Enum):
    """Who asks for a load."""

    MISS = "miss"  # a reader waits, and there is nothing to be served
    STALE = "stale"  # a reader has been served
    TIMER = "timer"  # its time has come
    FORCED = "forced"  # somebody wants it loaded, whatever is there


class Held(Exception):
    """Not now: another process is loading this key, or the source has failed just now.

    Attributes:
        until: when the lease ends by itself, or the next try is, in epoch seconds.
    """

    def __init__(self, until: float) -> None:
        super().__init__(f"not to be loaded before {until}")
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
            Held: another process is loading it, or it was put off, and nobody waits for it here.
            Passed: the value whose time has come is gone, or another one.
            LoadFailed: the loader failed, and there is a value to go on with.
            NotFound: the loader says that there is no such thing.
            Abandoned: the cache is being closed.
            Exception: the loader's own, where there is nothing to go on with.
        """
        # Before the lease is taken: a load that waits for its turn must not let it run out.
        with _admission(job.loader.limits):
            return self._load_with_gap(job) if job.loader.policy.gap else self._load(job)

    def _load(self, job: Job) -> Loaded:
        taken = self._take_lease(job)
        if isinstance(taken, Loaded):
            return taken
        # Whatever comes, but for what ends the lease together with what it writes.
        ended = False
        try:
            before = self._table.read(job.key)
            quicker = self._others(job, before)
            if quicker is not None:
                return quicker
            loaded = self._run(job, before, taken)
            ended = True
            return loaded
        except _Ended as outcome:
            ended = True
            raise outcome.error from outcome.error.__cause__
        finally:
            if not ended:
                with suppress(ApiError, BackendError):  # then it ends by itself
                    self._table.give_back(taken)

    def at_hand(self, job: Job, value: Any, before: Stored | None) -> tuple[Stored, Timer | None]:
        """A value that nobody has to load, as it is to be stored, and its timer. Raises as `_made`."""
        return self._made(job, value, before, began=self._clock.now(), load_s=0.0)

    def _take_lease(self, job: Job) -> Lease | Loaded:
        """The lease, or what another process has loaded meanwhile."""
        table, lease_s = self._table, job.loader.policy.lease_s
        seen: float | None = None
        since = self._clock.elapsed()
        while True:
            now = self._clock.now()
            # A lease is no longer than this. One that is has been taken before the clock was put back.
            over = seen if seen is not None and self._clock.elapsed() - since > lease_s else None
            lease = table.take_lease(job.key, now, round(now + lease_s, 3), over=over)
            if lease is not None:
                return lease
            until = table.lease_ends(job.key)
            if until is None or until <= now:
                continue  # it has just ended
            if job.why not in (Why.MISS, Why.FORCED):
                raise Held(until)
            if job.why is Why.MISS:
                stored = table.read(job.key)
                if stored is not None and stored.generation != job.seen and stored.usable(now):
                    quicker = self._quicker(job, stored)
                    if quicker is not None:
                        return quicker
            if table.closing:
                raise Abandoned(CLOSED)
            if until != seen:
                seen, since = until, self._clock.elapsed()
            table.backend.pause(min(POLL_S, until - now))

    def _others(self, job: Job, stored: Stored | None) -> Loaded | None:
        """What another has loaded since the asker looked; None where it is ours to load."""
        if job.why is Why.FORCED:
            return None
        now = self._clock.now()
        unchanged = ((stored and stored.generation) or 0) == (job.seen or 0)
        if job.why is Why.MISS:
            return self._quicker(job, stored) if stored is not None and stored.usable(now) and not unchanged else None
        if stored is None or (not unchanged and job.why is Why.TIMER):
            raise Passed
        # One that is stale itself will not do: by now somebody may wait who has seen it, or it may be over.
        if not unchanged and now < stored.fresh_until:
            return self._quicker(job, stored)
        if job.why is Why.STALE and stored.retry_at is not None and now < stored.retry_at:
            raise Held(stored.retry_at)
        return None

    def _quicker(self, job: Job, stored: Stored) -> Loaded | None:
        """What another has loaded; None if it is of another form, that of another version of the program perhaps."""
        if stored.value is None:
            raise NotFound(job.key)
        try:
            return Loaded(stored, job.loader.codec.decode(stored.value, stored.encoding), ran=False)
        except UnreadableValue:
            return None

    def _run(self, job: Job, before: Stored | None, lease: Lease) -> Loaded:
        began, at = self._clock.now(), self._clock.elapsed()
        try:
            with self._events.span(job.key):
                value = job.load()
        except Abandoned:
            raise
        except NotFound as error:
            self._not_found(job, before, lease, began, self._clock.elapsed() - at)
            raise _Ended(error) from error
        except Exception as error:
            outcome = self._failed(job, before, lease, error, self._clock.elapsed() - at, lasts=False)
            if outcome is None:
                raise
            raise outcome from error
        load_s = self._clock.elapsed() - at
        try:
            stored, timer = self._made(job, value, before, began=began, load_s=load_s)
        except Exception as error:  # it cannot be stored, and will not be so next time either
            outcome = self._failed(job, before, lease, error, load_s, lasts=True)
            if outcome is None:
                raise
            raise outcome from error
        self._store(job, stored, timer, before, lease)
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

    def _store(self, job: Job, stored: Stored, timer: Timer | None, before: Stored | None, lease: Lease) -> None:
        lateness_s = None
        if job.why is Why.TIMER and before is not None and not before.failures:
            lateness_s = stored.loaded_at - before.fresh_until
        if not stored.usable(self._clock.now()):
            # Its timer would be due at once, and so on without an end.
            self._table.give_back(lease)
            reason = "loading it took longer than it is kept"
        elif self._table.store(stored, timer, lease, before=before):
            self._events.loaded(
                job.key,
                generation=stored.generation or 0,
                duration_s=stored.load_s,
                replaced=before is not None,
                lateness_s=lateness_s,
                absent=stored.absent,
            )
            return
        else:
            reason = "it was invalidated or set meanwhile, or another load was quicker than one that outlived its lease"
        self._events.discarded(job.key, duration_s=stored.load_s, reason=reason, lateness_s=lateness_s)

    def _not_found(self, job: Job, before: Stored | None, lease: Lease, began: float, load_s: float) -> None:
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
            self._store(job, absent, None, before, lease)
            return
        if before is None:
            self._table.give_back(lease)
        elif not self._table.forget(before, lease):
            self._events.discarded(job.key, duration_s=load_s, reason="there is another value by now")
            return
        self._events.loaded(job.key, generation=generation, duration_s=load_s, replaced=before is not None, absent=True)

    def _failed(
        self, job: Job, before: Stored | None, lease: Lease, error: Exception, duration_s: float, *, lasts: bool
    ) -> "_Ended | None":
        """Note the failure and plan the next try; what is to be raised. None where there is nothing to go on with.

        Args:
            lasts: it will be so next time, too: then readers may try, but no timer.
        """
        now, policy = self._clock.now(), job.loader.policy
        if before is None or before.generation is None or not before.usable(now):
            self._events.load_failed(job.key, error, duration_s=duration_s)
            return None
        failures = before.failures + 1
        retry_at = policy.next_try(failures, now, before.ttl, self._chance())
        timed = retry_at is not None and policy.sets_timers and not lasts
        noted = replace(before, failures=failures, error=_text(error), retry_at=retry_at or before.ttl)
        timer = None
        if timed and retry_at is not None:
            timer = Timer(key=job.key, generation=before.generation, due=retry_at, read_at=job.read_at)
        self._events.load_failed(
            job.key, error, duration_s=duration_s, failures=failures, retry_at=retry_at if timed else None
        )
        if self._table.put_off(noted, timer, lease):
            return _Ended(LoadFailed(error, put_off=timed))
        # What is there now has a timer of its own; unless somebody else is at it, who may yet die of it.
        until = self._table.lease_ends(job.key)
        if job.why is Why.TIMER and until is not None:
            return _Ended(Held(until))
        return _Ended(LoadFailed(error, put_off=True))

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


class _Ended(Exception):
    """Why a load ends without a value, where its lease has ended with it, or is somebody else's.

    Attributes:
        error: to be raised instead.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def _admission(limits: Limits) -> Iterator[None]:
    """A loader's turn. What it loads in its course of its own kind needs none: it would wait for itself."""
    outer = _admitted.get()
    if limits in outer:
        yield
        return
    course = waits.here()
    with limits.admit(course, None if course is None else partial(waits.queues, course, limits)):
        token = _admitted.set((*outer, limits))
        try:
            yield
        finally:
            _admitted.reset(token)


def _next_generation(before: Stored | None, began: float) -> int:
    """Rises with every load, and across deletions: a late timer of an earlier life fits nothing."""
    return max((before.generation or 0) + 1 if before is not None else 0, round(began * 1000))


def _text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:MAX_ERROR_CHARACTERS]
