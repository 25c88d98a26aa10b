"""An open cache at work: reads, and what a read that finds nothing fresh brings about. Blocking, and safe in threads.

A hit is one GetItem, or none with the memory layer. Who meets a stale value is given it, and one refresh starts. Who
meets nothing loads, or waits for who does.

Not here: what people call (`cache.py`, `cached.py`), how a key is loaded (`refresh.py`), expirations (`handler.py`).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future
from contextlib import suppress
from functools import partial
from itertools import zip_longest
from typing import Any, TypeVar

import orjson

from everwarm.cache.decoded import MISSING, DecodedItems
from everwarm.cache.entry import Entry, NotFound, State
from everwarm.cache.events import Events
from everwarm.cache.items import Stored, stored_of
from everwarm.cache.loader import Loader
from everwarm.cache.loads import Loads, Source
from everwarm.cache.memory import Memory
from everwarm.cache.policies.policy import Policy
from everwarm.cache.policies.settings import KeepWarm
from everwarm.cache.refresh import Loaded, Refresher, Why
from everwarm.cache.table import CacheTable
from everwarm.cache.values.codec import Codec
from everwarm.clock import Clock
from everwarm.errors import ApiError, BackendError, CacheError, NoLoader, UnreadableValue
from everwarm.log import get_logger

T = TypeVar("T")
R = TypeVar("R")

_PLAIN = Codec()

_log = get_logger(__name__)

MAX_NOTED = 100_000
"""Keys of which is remembered when their reading was last noted."""

MANY_AT_ONCE = 100
"""Loads of one `amany` at a time: each has a thread for its calls of the table."""

PUT_TRIES = 10
"""How often a value is put that others put at the same time."""


class Core:
    """Reads and loads the entries of one table.

    Attributes:
        table: where they are.
        loads: loads them.
        memory: the memory layer, if there is one.
    """

    def __init__(
        self,
        table: CacheTable,
        refresher: Refresher,
        make_pool: Callable[[], Executor],
        memory: Memory[Entry[Any]] | None,
        clock: Clock,
        events: Events,
        chance: Callable[[], float],
        source_of: Callable[[Stored], Source],
    ) -> None:
        """
        Args:
            source_of: what an entry was loaded with; raises `NoLoader` where nobody knows.
        """
        self.table = table
        self.memory = memory
        self._clock = clock
        self._events = events
        self._chance = chance
        self._source_of = source_of
        self._decoded = DecodedItems() if table.at_hand else None
        self._read_noted: dict[str, float] = {}
        self.loads = Loads(refresher, make_pool, clock, self._drop, name=table.name)

    def is_closing(self) -> bool:
        """Whether nothing is to be begun any more."""
        return self.table.closing

    def finish(self) -> None:
        """Finish the loads that are under way, and begin no more; what runs on this very event loop is cancelled."""
        self.table.closing = True
        self.loads.finish()

    def close(self) -> None:
        """Give back what is left. Idempotent."""
        self.loads.close()

    # -- reading -----------------------------------------------------------------------------------------------------

    def quick(self, key: str, loader: Loader | None) -> Any:
        """The value, if it is fresh, at hand, and nothing else is to be done; else `MISSING`. Counts what it finds.

        What a hit costs is here: the same as by `look`, without an Entry being made of it. It never blocks.
        """
        if loader is None:
            codec = _PLAIN
        elif loader.policy.early or loader.policy.keep_warm is KeepWarm.WHILE_READ:
            return MISSING
        else:
            codec = loader.codec
        memory, now = self.memory, self._clock.now()
        if memory is not None:
            held = memory.get(key, now)
            if held is None or now >= held.fresh_until:
                return MISSING
            self._events.memory_hit(key)
            return held.value
        if self._decoded is None or key not in self._decoded:
            return MISSING
        found = self._decoded.fresh(key, self.table.item_json(key), codec, now)
        if found is not MISSING:
            self._events.hit(key)
        return found

    def look(self, key: str, source: Source | None, *, stale_ok: bool) -> "Entry[Any] | Stored | None":
        """What can be served at once, as an Entry; else the value that cannot be, or None. Counts the read.

        Raises:
            NotFound: the entry says that there is no such thing.
        """
        memory, now, token = self.memory, self._clock.now(), 0
        if memory is not None:
            held = memory.get(key, now)
            # A stale one may have been refreshed by another process of which nobody has told: the table knows.
            if held is not None and now < held.fresh_until:
                return self._served(held, source, now, from_memory=True)
            token = memory.token(key)
        item_json = None
        if self._decoded is None:
            # What changes drop from memory is believed until it is dropped; so what is read before a change must not
            # come to be put after it, as it may if the read is not consistent.
            item = self.table.item(key, consistent=memory is not None and memory.followed)
        else:
            item_json = self.table.item_json(key)
            item = None if item_json is None else orjson.loads(item_json)
        if item is None:
            return None
        stored = stored_of(self.table.names, item)
        if not stored.usable(now) or not (stale_ok or now < stored.fresh_until):
            return stored
        if stored.absent:
            self._events.negative_hit(key)
            raise NotFound(key)
        codec = _codec(source, stored)
        entry = self._entry(stored, codec, now)
        if entry is None:
            return stored
        # What a function's entry is to whom does not know the function is not what it is to the function.
        if memory is not None and (stored.call is None or (source is not None and not source.plain)):
            memory.put(key, entry, token, now)
        elif self._decoded is not None and item_json is not None:
            until = stored.fresh_until if stored.ttl is None else min(stored.fresh_until, stored.ttl)
            self._decoded.put(key, item_json, codec, until, entry.value)
        return self._served(entry, source, now, from_memory=False, stored=stored)

    def entry(self, key: str, source: Source, *, stale_ok: bool) -> Entry[Any]:
        """The entry of a key; loaded in this thread if it has to be.

        Raises:
            NotFound: there is no such thing.
            Exception: the loader's, when there is nothing to serve instead.
        """
        found = self.look(key, source, stale_ok=stale_ok)
        return found if isinstance(found, Entry) else self._entry_of(self.load(key, source, found), source)

    async def aentry(self, key: str, source: Source, *, stale_ok: bool) -> Entry[Any]:
        """As `entry`, on an event loop, which is not blocked, and on which async loaders run."""
        look = partial(self.look, key, source, stale_ok=stale_ok)
        found = look() if self.table.backend.instant else await asyncio.to_thread(look)
        return found if isinstance(found, Entry) else self._entry_of(await self.aload(key, source, found), source)

    def value(self, key: str, source: Source, *, stale_ok: bool) -> Any:
        """The value alone, as `entry` has it."""
        return self.entry(key, source, stale_ok=stale_ok).value

    def peek(self, key: str, loader: Loader | None) -> Entry[Any] | None:
        """What is there now and may be served; starts nothing, and is not counted."""
        item = self.table.item(key)
        stored = None if item is None else stored_of(self.table.names, item)
        if stored is None:
            return None
        return self.shown(stored, loader if stored.call is None or (loader is not None and loader.name) else None)

    def many(self, sources: Mapping[str, Source | None], *, stale_ok: bool) -> dict[str, Any]:
        """The values of many keys: read together, and what is missing loaded several at a time.

        Args:
            sources: by key, what it is loaded with; keys without are left out if they are missing.

        Raises:
            Exception: the first loader's that failed with nothing to serve instead. `NotFound` leaves a key out.
        """
        found, missing = self._look_many(sources, stale_ok=stale_ok)
        for key, loaded in self.loads.load_many(missing).items():
            found[key] = _value(loaded, sources[key])
        return found

    async def amany(self, sources: Mapping[str, Source | None], *, stale_ok: bool) -> dict[str, Any]:
        """As `many`, on an event loop, on which async loaders run."""
        look = partial(self._look_many, sources, stale_ok=stale_ok)
        found, missing = look() if self.table.backend.instant else await asyncio.to_thread(look)
        turns = asyncio.Semaphore(MANY_AT_ONCE)

        async def load(key: str, source: Source, stored: Stored | None) -> Loaded:
            async with turns:
                return await self.loads.aload(key, source, stored)

        loads = (load(key, source, stored) for key, (source, stored) in missing.items())
        for key, loaded in zip(missing, await asyncio.gather(*loads, return_exceptions=True), strict=True):
            if isinstance(loaded, Loaded):
                found[key] = _value(loaded, sources[key])
            elif not isinstance(loaded, NotFound):
                raise loaded
        return found

    def _look_many(
        self, sources: Mapping[str, Source | None], *, stale_ok: bool
    ) -> tuple[dict[str, Any], dict[str, tuple[Source, Stored | None]]]:
        """The values that can be served at once, by key, and what has to be loaded."""
        now = self._clock.now()
        found: dict[str, Any] = {}
        missing: dict[str, tuple[Source, Stored | None]] = {}
        stored_by_key = self.table.read_many(sources)
        for key, source in sources.items():
            stored = stored_by_key.get(key)
            usable = stored is not None and stored.usable(now) and (stale_ok or now < stored.fresh_until)
            if stored is not None and usable and stored.absent:
                self._events.negative_hit(key)
                continue
            entry = self._entry(stored, _codec(source, stored), now) if stored and usable else None
            if entry is not None:
                found[key] = self._served(entry, source, now, from_memory=False, stored=stored).value
            else:
                self._events.miss(key)
                if source is not None:
                    missing[key] = (self._whose(source, stored), stored)
        return found, missing

    def shown(self, stored: Stored, loader: Loader | None) -> Entry[Any] | None:
        """The entry of a value that was read otherwise; None if it cannot be served."""
        now = self._clock.now()
        codec = _PLAIN if loader is None else loader.codec
        return None if stored.absent or not stored.usable(now) else self._entry(stored, codec, now)

    # -- changing ----------------------------------------------------------------------------------------------------

    def put(self, key: str, value: Any, source: Source) -> Entry[Any]:
        """Store a value that is at hand. A load that is under way is not stored any more.

        Raises:
            UnstorableValue, ValueTooLarge: it cannot be stored.
            CacheError: others store this key again and again.
        """
        job = self.loads.job(key, source, None, Why.FORCED)
        for _ in range(PUT_TRIES):
            before = self.table.read(key)
            stored, timer = self.loads.refresher.at_hand(job, value, before)
            if source.loader.policy.gap:
                done = self.table.put(stored, before=before)
            else:
                done = self.table.overwrite(stored, timer, before=before)
            self._changed(key)
            if done:
                self._events.stored(key, generation=stored.generation or 0)
                return _entry(stored, value, self._clock.now())
        raise CacheError(f"{key!r} was stored by others {PUT_TRIES} times while it was to be set; try again")

    def invalidate(self, keys: Sequence[str]) -> int:
        """Forget keys; how many of them had a value."""
        there = len(self.table.read_many(keys))
        self.table.delete(keys)
        for key in keys:
            self._changed(key)
        self._events.invalidated(keys[0] if len(keys) == 1 else None, there)
        return there

    # -- loading -----------------------------------------------------------------------------------------------------

    def load(self, key: str, source: Source, before: Stored | None) -> Loaded:
        """Load a key for somebody who waits.

        Args:
            before: what he has seen, and does not want.
        """
        self._events.miss(key)
        return self.loads.load(key, self._whose(source, before), before)

    async def aload(self, key: str, source: Source, before: Stored | None) -> Loaded:
        """As `load`, for a task of an event loop, on which an async loader then runs."""
        self._events.miss(key)
        return await self.loads.aload(key, self._whose(source, before), before)

    def refresh(self, key: str, source: Source) -> Entry[Any]:
        """Load a key now, whatever is there."""
        return self._entry_of(self.loads.load(key, source, None, forced=True), source)

    async def arefresh(self, key: str, source: Source) -> Entry[Any]:
        """The same on an event loop."""
        return self._entry_of(await self.loads.aload(key, source, None, forced=True), source)

    def several(self, work: Callable[[T], R], of: Sequence[T]) -> list[R]:
        """Do something with each, several at a time; one after the other where the pool is closed, or is just being."""
        futures: list[Future[R]] = []
        with suppress(RuntimeError):
            # One in this thread: should the pool's threads all wait for others, there is one that works.
            futures += (self.loads.pool.submit(work, one) for one in of[1:])
        done = [work(one) for one in of[:1]]
        for one, future in zip_longest(of[1:], futures):
            try:
                done.append(work(one) if future is None else future.result())
            except CancelledError:
                done.append(work(one))
        return done

    # -- within ------------------------------------------------------------------------------------------------------

    def _served(
        self, entry: Entry[Any], source: Source | None, now: float, *, from_memory: bool, stored: Stored | None = None
    ) -> Entry[Any]:
        fresh, events = now < entry.fresh_until, self._events
        if not fresh:
            events.stale_hit(entry.key)
        elif from_memory:
            events.memory_hit(entry.key)
        else:
            events.hit(entry.key)
        if source is not None and source.plain and stored is not None and stored.call is not None:
            try:
                source = self._source_of(stored)
            except CacheError:  # then it is served as long as it is there
                source = None
        if source is None:
            return entry
        policy = source.loader.policy
        if not fresh or (policy.early and policy.refreshes_early(now, entry.fresh_until, entry.load_s, self._chance())):
            self.loads.refresh_soon(entry.key, source, stored or entry)
        if policy.keep_warm is KeepWarm.WHILE_READ:
            self._note_read(entry, policy, now)
        return entry

    def _note_read(self, entry: Entry[Any], policy: Policy, now: float) -> None:
        noted = self._read_noted
        if policy.notes_read(noted.get(entry.key), now, entry.fresh_until - entry.loaded_at):
            if len(noted) >= MAX_NOTED:
                noted.clear()
            noted[entry.key] = now
            with suppress(RuntimeError):  # just being closed
                self.loads.pool.submit(self._write_read, entry.key, now)

    def _write_read(self, key: str, now: float) -> None:
        try:
            noted = self.table.note_read(key, now)
        except (ApiError, BackendError) as error:
            _log.warning("a read could not be noted", key=key, error=str(error))
            noted = False
        if not noted:  # its timer has just run out: the next read is noted in the next one
            self._read_noted.pop(key, None)

    def _changed(self, key: str) -> None:
        self.loads.leave(key)
        self._drop(key)

    def _whose(self, source: Source, stored: Stored | None) -> Source:
        """What a key is to be loaded with: a function's entry by that function, also where it was asked for by its key.

        Raises:
            NoLoader: this process does not have the function.
        """
        if stored is None or stored.call is None or not source.plain:
            return source
        try:
            return self._source_of(stored)
        except NoLoader:
            if stored.usable(self._clock.now()):
                raise
            return source

    def _entry_of(self, loaded: Loaded, source: Source) -> Entry[Any]:
        return _entry(loaded.stored, _value(loaded, source), self._clock.now())

    def _drop(self, key: str) -> None:
        if self.memory is not None:
            self.memory.drop(key)

    def _entry(self, stored: Stored, codec: Codec, now: float) -> Entry[Any] | None:
        """What is served of a value; None if it is not of the form that the loader's annotation says."""
        assert stored.value is not None
        try:
            return _entry(stored, codec.decode(stored.value, stored.encoding), now)
        except UnreadableValue as error:
            _log.warning("a value in the table counts as not there", key=stored.key, error=str(error))
            return None


def _codec(source: Source | None, stored: Stored) -> Codec:
    """What decodes a value. What a function has returned is not what the loader of plain keys returns."""
    return _PLAIN if source is None or (source.plain and stored.call is not None) else source.loader.codec


def _value(loaded: Loaded, source: Source | None) -> Any:
    """What somebody is given who asked like this."""
    stored = loaded.stored
    if source is None or not source.plain or stored.call is None or stored.value is None:
        return loaded.value
    return _PLAIN.decode(stored.value, stored.encoding)


def _entry(stored: Stored, value: Any, now: float) -> Entry[Any]:
    return Entry(
        stored.key,
        value,
        stored.generation or 0,
        stored.loaded_at,
        stored.fresh_until,
        stored.ttl,
        State.FRESH if now < stored.fresh_until else State.STALE,
        now - stored.loaded_at,
        stored.load_s,
        stored.tags,
        stored.failures,
        stored.error,
    )
