"""`Cache`: what people import.

    rates = Cache("rates", refresh="10m", keep="1d")

    @rates.cached
    def history(pair: str, days: int = 30) -> list[dict[str, Any]]:
        return slow_source(pair, days)

    history("EUR/KRW")          # the first call loads; from then on a read, and the entry refreshes itself
    handler = rates.handler     # what serverless.yml names: the same module is the Lambda function

Not here: how any of it is done (`core.py`, `refresh.py`, `handler.py`).
"""

import asyncio
import functools
import inspect
import random
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, Protocol, TypeVar, Unpack, overload

from everwarm.cache.backends.backend import CLOSED, Backend
from everwarm.cache.backends.opening import open_backend
from everwarm.cache.backends.setup import ensure_table, table_name_of
from everwarm.cache.cached import AsyncCachedFunction, CachedFunction, Keys
from everwarm.cache.core import Core
from everwarm.cache.decoded import MISSING
from everwarm.cache.entry import Entry, NotFound
from everwarm.cache.events import Events, OnEvent, find_telemetry
from everwarm.cache.follow import Follower
from everwarm.cache.handler import Expirations
from everwarm.cache.items import Stored
from everwarm.cache.loader import Loader, Tags, call_of, tags_of
from everwarm.cache.loads import Source
from everwarm.cache.memory import Memory
from everwarm.cache.names import Names
from everwarm.cache.policies.limits import Limits
from everwarm.cache.policies.policy import Policy
from everwarm.cache.policies.settings import KeepOf, KeepWarm, Length, LengthOf, Settings, length_s
from everwarm.cache.refresh import Refresher
from everwarm.cache.stats import Snapshot, Stats
from everwarm.cache.table import CacheTable, new_owner
from everwarm.cache.values.codec import Codec
from everwarm.cache.values.keys import KeyMaker, method_refused
from everwarm.clock import Clock, SystemClock
from everwarm.errors import BackendError, CacheError, NoLoader, UnstorableValue

P = ParamSpec("P")
T = TypeVar("T")

DIRECTORY = ".everwarm"
"""Where an embedded cache keeps its data, in the working directory."""

THREADS = 16
"""Loads at a time that nobody waits for in a thread of his own, unless said otherwise."""

CONCURRENCY = 10
"""Calls of the handler at a time, embedded: what Lambda has at the most for a shard."""

PAUSE_S = 0.25
"""How often a load that waits for its turn looks whether the cache is being closed."""

UNSAID = timedelta.min
"""In the place of a time that was not given, where None means something."""

_OWNER = new_owner()


@dataclass(frozen=True, slots=True)
class _Open:
    """What there is while a cache is open."""

    backend: Backend
    core: Core
    expirations: Expirations
    follower: Follower | None


class Cache:
    """A cache whose entries refresh themselves.

    It is opened by its first use, or by `start()`: made at the top of a module, it costs nothing until then.

    Attributes:
        name: of the cache.
        table: the name of its table.
        stale_ok: whether readers are given stale values unless they say otherwise.
    """

    def __init__(
        self,
        name: str,
        *,
        table: str | None = None,
        endpoint: str | None = None,
        directory: str | Path | None = DIRECTORY,
        region: str | None = None,
        names: Names | None = None,
        create: bool | None = None,
        stale_ok: bool = True,
        concurrency: int | str | None = None,
        rate: str | None = None,
        memory: int = 0,
        memory_for: Length = "1s",
        threads: int = THREADS,
        on_event: OnEvent | None = None,
        clock: Clock | None = None,
        backend: Backend | None = None,
        **policy: Unpack[Settings],
    ) -> None:
        """Say how; nothing is opened yet.

        Args:
            name: in logs and figures, and the table's unless `table` says another.
            table: the name of the table.
            endpoint: a URL that speaks DynamoDB's protocol, or `aws`. Unless given, it is `$EVERWARM_ENDPOINT`; in a
                Lambda function `aws`, by boto3's own configuration; else this process embeds an engine.
            directory: where an embedded engine keeps its data; None embeds one in memory only, for tests say, whatever
                the environment says.
            region: AWS's region; boto3's own configuration unless given.
            names: of attributes and keys, for a table that exists.
            create: make the table if it is missing; unless given, everywhere but on AWS.
            stale_ok: give readers a stale value while it is refreshed; else they wait.
            concurrency: loads at a time of one loader; None for no limit.
            rate: loads in a time of one loader, `10/s` say.
            memory: entries that are kept decoded in this process; 0 for none.
            memory_for: how long, where changes of the table cannot be followed.
            threads: loads at a time that nobody waits for in a thread of his own.
            on_event: told of everything that happens; see `everwarm.cache.events`.
            clock: the time; the machine's unless given.
            backend: an open one, in the place of `endpoint` and `directory`; it is closed with the cache.
            policy: `refresh`, `keep`, `jitter`, `schedule`, `zone`, `early`, `negative`, `backoff`, `keep_warm`,
                `idle_periods`, `lease`, `max_bytes`, `compress_above`, `gap`; docs/cache/policies.md tells of each.

        Raises:
            SettingError: an option that cannot be understood.
        """
        self.name = name
        self.table = table_name_of(name, table)
        self.stale_ok = stale_ok
        self._policy = Policy.of(**policy)
        self._limits = (concurrency, rate)
        self._names = names or Names()
        self._endpoint, self._region = endpoint, region
        self._directory = None if directory is None else Path(directory)
        self._create = create
        self._threads = threads
        self._clock = clock or SystemClock()
        self._given_backend = backend
        self._memory: Memory[Entry[Any]] | None = None
        if memory:
            self._memory = Memory(memory, length_s("memory_for", memory_for, 'memory_for="1s"'))
        self._stats = Stats() if self._memory is None else Stats(memory=self._memory.figures)
        self._events = Events(name, self._clock, self._stats, on_event, find_telemetry())
        self._loaders: dict[str, Loader] = {}
        self._plain: Loader | None = None
        self._open: _Open | None = None
        self._lock = threading.Lock()
        limits = Limits.of(concurrency=concurrency, rate=rate, now=self._clock.elapsed, pause=self._pause)
        # No timer: there is nothing that it could have called.
        untimed = replace(self._policy, keep_warm=KeepWarm.NEVER)
        self._by_hand = Loader("", _nothing, Codec(compress_above=untimed.compress_above), untimed, limits)

    # -- loaders -----------------------------------------------------------------------------------------------------

    @overload
    def cached(  # type: ignore[overload-overlap]  # a coroutine function is one that returns a coroutine, too
        self, function: Callable[P, Coroutine[Any, Any, T]], /
    ) -> AsyncCachedFunction[P, T]: ...

    @overload
    def cached(self, function: Callable[P, T], /) -> CachedFunction[P, T]: ...

    @overload
    def cached(
        self,
        *,
        name: str | None = None,
        key: Callable[..., str] | None = None,
        tags: Tags = None,
        concurrency: int | str | None = None,
        rate: str | None = None,
        **policy: Unpack[Settings],
    ) -> "Decorator": ...

    def cached(  # type: ignore[misc]  # mypy does not take `Any` for unpacked settings
        self, function: Callable[..., Any] | None = None, /, **settings: Any
    ) -> Any:
        """Cache the results of a function: a decorator, with or without settings of its own.

            @rates.cached
            def history(pair: str) -> list[dict[str, Any]]: ...

            @rates.cached(refresh="1h", tags=["daily"])
            async def closing(pair: str) -> Decimal: ...

        Args:
            name: by which its entries know it; its own name unless given. Two functions of a cache need two.
            key: makes the key of its arguments, in the place of the usual one.
            tags: of its entries: fixed, or made of its arguments.
            concurrency, rate: as in `Cache`, for this function.
            policy: what is other than the cache's.

        Raises:
            CacheError: the cache has a function of this name.
            SettingError: an option that cannot be understood.
        """

        if function is None:
            return functools.partial(self._decorate, **settings)
        return self._decorate(function)

    def _decorate(
        self,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        key: Callable[..., str] | None = None,
        tags: Tags = None,
        concurrency: int | str | None = None,
        rate: str | None = None,
        **policy: Unpack[Settings],
    ) -> Any:
        name = name or _name_of(function)
        _refuse_generator(name, function)
        loader = self._loader(function, name, tags, concurrency, rate, policy)
        keys: Keys
        if key is None:
            keys = KeyMaker(loader.name, inspect.signature(function))
        else:
            _refuse_method(name, function)
            keys = functools.partial(_key_by, key, self._names)
        with self._lock:
            if loader.name in self._loaders:
                raise CacheError(
                    f"the cache {self.name!r} has a function {loader.name!r} already: give this one a name of its "
                    "own, cached(name=...)"
                )
            self._loaders[loader.name] = loader
        kind = AsyncCachedFunction[..., Any] if loader.is_async else CachedFunction[..., Any]
        return kind(self, loader, keys)

    def loader(self, function: Callable[[str], T]) -> Callable[[str], T]:
        """Have a function load what `get` finds missing; a decorator. It gets the key.

        Raises:
            CacheError: there is one already.
        """
        with self._lock:
            if self._plain is not None:
                raise CacheError(f"the cache {self.name!r} has a loader already, {self._plain.function!r}")
            self._plain = self._loader(function, "", None, None, None, {})
        return function

    def _loader(
        self,
        function: Callable[..., Any],
        name: str,
        tags: Tags,
        concurrency: int | str | None,
        rate: str | None,
        settings: Settings,
    ) -> Loader:
        policy = self._policy.but(**settings) if settings else self._policy
        limits = Limits.of(
            concurrency=concurrency if concurrency is not None else self._limits[0],
            rate=rate if rate is not None else self._limits[1],
            now=self._clock.elapsed,
            pause=self._pause,
        )
        return Loader(name, function, Codec.of(function, compress_above=policy.compress_above), policy, limits, tags)

    # -- reading -----------------------------------------------------------------------------------------------------

    def get(self, key: str, default: Any = None, *, stale_ok: bool | None = None) -> Any:
        """The value of a key; loaded if there is none and the cache has a `loader`.

        Args:
            default: what to return where there is nothing, and nothing to load it with, or the loader says `NotFound`.
            stale_ok: whether a stale value will do; else you wait. The cache's own setting unless given.

        Raises:
            Exception: the loader's, when there is nothing to serve instead.
        """
        value = self.opened().quick(key, self._plain)
        if value is not MISSING:
            return value
        found = self.entry(key, stale_ok=stale_ok)
        return default if found is None else found.value

    async def aget(self, key: str, default: Any = None, *, stale_ok: bool | None = None) -> Any:
        """As `get`, on an event loop."""
        value = (await self.aopened()).quick(key, self._plain)
        if value is not MISSING:
            return value
        found = await self.aentry(key, stale_ok=stale_ok)
        return default if found is None else found.value

    def entry(self, key: str, *, stale_ok: bool | None = None) -> Entry[Any] | None:
        """As `get`: the value with its age, state and generation; None where there is nothing."""
        core, stale_ok = self.opened(), self.stale_ok if stale_ok is None else stale_ok
        source = self._plain_source(key)
        try:
            if source is None:
                found = core.look(key, None, stale_ok=True)
                return found if isinstance(found, Entry) else None
            return core.entry(key, source, stale_ok=stale_ok)
        except NotFound:
            return None

    async def aentry(self, key: str, *, stale_ok: bool | None = None) -> Entry[Any] | None:
        """As `entry`, on an event loop."""
        core, source = await self.aopened(), self._plain_source(key)
        if source is None:
            return await asyncio.to_thread(self.entry, key)
        try:
            return await core.aentry(key, source, stale_ok=self.stale_ok if stale_ok is None else stale_ok)
        except NotFound:
            return None

    def get_many(self, keys: Iterable[str], *, stale_ok: bool | None = None) -> dict[str, Any]:
        """The values of many keys, read together; what is missing is loaded several at a time, or left out."""
        sources = {key: self._plain_source(key) for key in keys}
        return self.opened().many(sources, stale_ok=self.stale_ok if stale_ok is None else stale_ok)

    async def aget_many(self, keys: Iterable[str], *, stale_ok: bool | None = None) -> dict[str, Any]:
        """As `get_many`, on an event loop."""
        core, sources = await self.aopened(), {key: self._plain_source(key) for key in keys}
        return await core.amany(sources, stale_ok=self.stale_ok if stale_ok is None else stale_ok)

    def peek(self, key: str) -> Entry[Any] | None:
        """What is there now, fresh or stale; never loads, and starts nothing."""
        return self.opened().peek(self._names.checked(key), self._plain)

    async def apeek(self, key: str) -> Entry[Any] | None:
        """As `peek`, on an event loop."""
        return await asyncio.to_thread(self.peek, key)

    def entries(self, prefix: str = "", *, tag: str | None = None) -> Iterator[Entry[Any]]:
        """All entries that can be served, by a scan of the table."""
        core = self.opened()
        for stored in core.table.entries(prefix=prefix, tag=tag):
            if (entry := core.shown(stored, self._loader_of(stored))) is not None:
                yield entry

    # -- changing ----------------------------------------------------------------------------------------------------

    def set(
        self,
        key: str,
        value: Any,
        *,
        refresh: Length | LengthOf | None = None,
        keep: Length | KeepOf | None = UNSAID,
        tags: Iterable[str] = (),
    ) -> Entry[Any]:
        """Put a value that is at hand, as if it had just been loaded.

        The next load has the times and tags of its loader again. Without one, the value stays until `keep` is over.

        Args:
            refresh, keep: other times than the cache's, for this value.
            tags: what it can be invalidated by.

        Raises:
            UnstorableValue, ValueTooLarge: it cannot be stored.
            SettingError: a time that is none.
        """
        source = self._plain_source(key) or Source(self._by_hand, (key,), {}, plain=True)
        loader = replace(source.loader, policy=_timed(source.loader.policy, refresh, keep), tags=tags_of(tags))
        return self.opened().put(key, value, replace(source, loader=loader))

    async def aset(
        self,
        key: str,
        value: Any,
        *,
        refresh: Length | LengthOf | None = None,
        keep: Length | KeepOf | None = UNSAID,
        tags: Iterable[str] = (),
    ) -> Entry[Any]:
        """As `set`, on an event loop."""
        return await asyncio.to_thread(self.set, key, value, refresh=refresh, keep=keep, tags=tags)

    def refresh(self, key: str) -> Entry[Any]:
        """Load a key now, whatever is there: with the cache's `loader`, or the function whose entry it is.

        Raises:
            NoLoader: nobody knows how.
            Exception: the loader's.
        """
        core = self.opened()
        return core.refresh(key, self._source_for(key, core))

    async def arefresh(self, key: str) -> Entry[Any]:
        """As `refresh`, on an event loop."""
        core = await self.aopened()
        source = await asyncio.to_thread(self._source_for, key, core)
        return await core.arefresh(key, source)

    def invalidate(
        self, key: str | None = None, *, prefix: str | None = None, tag: str | None = None, everything: bool = False
    ) -> int:
        """Forget a key, all whose keys begin like this, all with a tag, or everything. Loads under way are not stored.

        Returns:
            How many values there were.

        Raises:
            CacheError: it is not said what.
        """
        core = self.opened()
        if key is not None:
            return core.invalidate([self._names.checked(key)])
        if prefix is None and tag is None and not everything:
            raise CacheError("say what to invalidate: a key, prefix=..., tag=..., or everything=True")
        keys = [stored.key for stored in core.table.entries(prefix=prefix or "", tag=tag)]
        if tag is None:  # which tags they are to have, leases do not say
            keys += core.table.leased(prefix or "")
        return core.invalidate(list(dict.fromkeys(keys))) if keys else 0

    async def ainvalidate(
        self, key: str | None = None, *, prefix: str | None = None, tag: str | None = None, everything: bool = False
    ) -> int:
        """As `invalidate`, on an event loop."""
        return await asyncio.to_thread(self.invalidate, key, prefix=prefix, tag=tag, everything=everything)

    # -- refreshing --------------------------------------------------------------------------------------------------

    def handler(self, event: dict[str, Any], context: object = None) -> dict[str, Any]:
        """The Lambda function: refreshes what a batch of stream records says has expired.

        Returns:
            `batchItemFailures`; so the mapping needs `functionResponseType: ReportBatchItemFailures`.
        """
        return self._opened().expirations.handle(event)

    @property
    def stats(self) -> Snapshot:
        """What this process has done with the cache, in numbers."""
        return self._stats.snapshot()

    # -- its life ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open it, if it is not: from then on entries refresh themselves, embedded. Any use of it does the same.

        Raises:
            StorageLocked: another process embeds this directory.
            StorageUnwritable: the directory cannot be made, or not written to.
            BackendError: the endpoint cannot be reached.
            SettingError: the table does not fit.
        """
        self._opened()

    def close(self) -> None:
        """Finish what is under way, and give everything back. The next use opens it again. Idempotent."""
        with self._lock:
            opened, self._open = self._open, None
        if opened is not None:
            if opened.follower is not None:
                opened.follower.close()
            # Loads under way are finished and stored. What expires meanwhile is delivered again after the next start.
            opened.core.finish()
            opened.backend.close()
            opened.core.close()

    def __enter__(self) -> "Cache":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> "Cache":
        await self.aopened()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, err: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def opened(self) -> Core:
        """For decorated functions: the cache at work, opened if it is not."""
        opened = self._open
        return self._opened().core if opened is None else opened.core

    async def aopened(self) -> Core:
        """The same, without blocking the event loop."""
        opened = self._open
        return (await asyncio.to_thread(self._opened)).core if opened is None else opened.core

    def _opened(self) -> _Open:
        with self._lock:
            if self._open is None:
                self._open = self._make()
            return self._open

    def _make(self) -> _Open:
        backend = self._given_backend or open_backend(
            self._endpoint,
            directory=self._directory or Path(DIRECTORY),
            clock=self._clock,
            region=self._region,
            memory_only=self._directory is None,
        )
        try:
            create = backend.makes_tables if self._create is None else self._create
            ensure_table(backend, self.table, self._names, create=create)
            table = CacheTable(backend, self.table, self._names, _OWNER, self._stats.read.add)
            refresher = Refresher(table, self._clock, self._events)
            make_pool = functools.partial(ThreadPoolExecutor, self._threads, thread_name_prefix=f"everwarm-{self.name}")
            core = Core(
                table, refresher, make_pool, self._memory, self._clock, self._events, random.random, self._source_of
            )
            expirations = Expirations(core, self._source_of, self._clock, self._events, gap=self._policy.gap)
            follower = None
            if self._memory is not None:
                follower = Follower(backend, self.table, self._names, self._memory, self._events.dropped)
            # Not `self.handler`, which would open a cache that is just being closed.
            backend.serve(self.table, lambda event, _: expirations.handle(event), concurrency=CONCURRENCY)
        except BaseException:
            backend.close()
            raise
        return _Open(backend, core, expirations, follower)

    def _pause(self, length_s: float) -> None:
        """For loads that wait for their turn, until the cache is closed."""
        opened, until = self._open, self._clock.elapsed() + length_s
        while (left_s := until - self._clock.elapsed()) > 0:
            if opened is None or self._open is not opened:
                raise BackendError(CLOSED)
            opened.backend.pause(min(left_s, PAUSE_S))

    # -- what a key is loaded with -----------------------------------------------------------------------------------

    def _plain_source(self, key: str) -> Source | None:
        self._names.checked(key)
        return None if self._plain is None else Source(self._plain, (key,), {}, plain=True)

    def _source_for(self, key: str, core: Core) -> Source:
        stored = core.table.read(self._names.checked(key))
        if stored is not None:
            return self._source_of(stored)
        source = self._plain_source(key)
        if source is None:
            raise NoLoader(f"there is no entry {key!r}, and the cache {self.name!r} has no loader for plain keys")
        return source

    def _source_of(self, stored: Stored) -> Source:
        if stored.call is None:
            if self._plain is None:
                raise NoLoader(
                    f"{stored.key!r} was set by hand, or by a loader that this process does not have: give the cache "
                    f"{self.name!r} one with @{self.name}.loader"
                )
            return Source(self._plain, (stored.key,), {}, plain=True)
        name, args, kwargs = call_of(stored.call)
        loader = self._loaders.get(name)
        if loader is None:
            raise NoLoader(
                f"{stored.key!r} is an entry of the function {name!r}, which this process has not decorated: import "
                "its module where the handler is"
            )
        return Source(loader, args, kwargs)

    def _loader_of(self, stored: Stored) -> Loader | None:
        try:
            return self._source_of(stored).loader
        except NoLoader:
            return None


class Decorator(Protocol):
    """What `cached(...)` with settings returns."""

    @overload
    def __call__(  # type: ignore[overload-overlap]  # as above
        self, function: Callable[P, Coroutine[Any, Any, T]], /
    ) -> AsyncCachedFunction[P, T]: ...

    @overload
    def __call__(self, function: Callable[P, T], /) -> CachedFunction[P, T]: ...


def _timed(policy: Policy, refresh: Length | LengthOf | None, keep: Length | KeepOf | None) -> Policy:
    """A policy with other times, where they are said."""
    changes: Settings = {}
    if refresh is not None:
        changes["refresh"] = refresh
    if keep is not UNSAID:
        changes["keep"] = keep
    return replace(policy.but(**changes), keep_warm=policy.keep_warm) if changes else policy


def _nothing(key: str) -> Any:
    """The loader of what is set by hand: there is none."""
    raise NoLoader(f"{key!r} was set by hand: there is nothing to load it with")


def _name_of(function: Any) -> str:
    """
    Raises:
        CacheError: it is no function, or has no name.
    """
    if not callable(function):
        raise CacheError(
            f"cached is a decorator, and {function!r} is no function; its settings have names: cached(...=...)"
        )
    name = getattr(function, "__name__", None)
    if name is None:
        raise CacheError(f"{function!r} has no name by which its entries could know it: give it one, cached(name=...)")
    return str(name)


def _refuse_generator(name: str, function: Callable[..., Any]) -> None:
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise UnstorableValue(f"{name}() is a generator, which cannot be kept: return a list of what it yields")


def _refuse_method(name: str, function: Callable[..., Any]) -> None:
    """Of a function whose key is made by another: for the arguments are kept, and what is kept is no object."""
    first = next(iter(inspect.signature(function).parameters), "")
    _, dot, _ = getattr(function, "__qualname__", "").rpartition("<locals>.")[2].rpartition(".")
    if dot and first in ("self", "cls"):
        raise method_refused(name, first)


def _key_by(key: Callable[..., str], names: Names, args: Any, kwargs: Any) -> str:
    return names.checked(key(*args, **kwargs))
