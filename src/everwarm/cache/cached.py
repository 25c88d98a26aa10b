"""Decorated functions: called as they were, and answered from the cache. Type checkers see their own signatures.

Not here: how a key is made of arguments (`keys.py`), what a read does (`core.py`).
"""

import asyncio
import functools
from collections.abc import Callable, Iterable
from typing import Any, Generic, ParamSpec, Protocol, TypeVar

from everwarm.cache.core import Core
from everwarm.cache.decoded import MISSING
from everwarm.cache.entry import Entry, NotFound
from everwarm.cache.loader import Loader
from everwarm.cache.loads import Source

Keys = Callable[[tuple[Any, ...], dict[str, Any]], str]
"""Makes the key of a call's arguments."""

P = ParamSpec("P")
T = TypeVar("T")


class Owner(Protocol):
    """What a decorated function wants of its cache."""

    @property
    def stale_ok(self) -> bool: ...

    def opened(self) -> Core:
        """The open cache; it is opened by the first who asks."""
        ...

    async def aopened(self) -> Core:
        """The same, without blocking the event loop."""
        ...


class _Function(Generic[P, T]):
    """What both kinds have in common."""

    def __init__(self, owner: Owner, loader: Loader, keys: Keys) -> None:
        wrapper: Any = self
        # First: what the function has of its own, be it a cached one itself, must not come in the place of ours.
        functools.update_wrapper(wrapper, loader.function)
        self.loader = loader
        self._owner = owner
        self._keys = keys

    def __reduce__(self) -> str:
        """Pickled and copied as functions are: by its name."""
        return str(getattr(self, "__qualname__", self.loader.name))

    def key(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """The key of the entry for these arguments."""
        return self._keys(args, kwargs)

    def _source(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Source:
        return Source(self.loader, args, kwargs)

    def _several(self, calls: Iterable[Any]) -> tuple[list[str], dict[str, Source]]:
        wanted = [call if isinstance(call, tuple) else (call,) for call in calls]
        keys = [self._keys(args, {}) for args in wanted]
        return keys, {key: self._source(args, {}) for key, args in zip(keys, wanted, strict=True)}


class CachedFunction(_Function[P, T]):
    """A sync function whose results are cached.

        history("EUR/KRW")                  # from the cache, or loaded
        history.entry("EUR/KRW").age_s      # with its times
        history.refresh("EUR/KRW")          # load it now
        history.invalidate("EUR/KRW")       # forget it
        await history.aget("EUR/KRW")       # on an event loop

    Attributes:
        loader: what is known of the function; `loader.function` is the function itself.
    """

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        owner = self._owner
        core, key = owner.opened(), self._keys(args, kwargs)
        value: T = core.quick(key, self.loader)
        if value is MISSING:
            value = core.value(key, Source(self.loader, args, kwargs), stale_ok=owner.stale_ok)
        return value

    async def aget(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """As a call, without blocking the event loop."""
        value: T = await _avalue(self._owner, self._keys(args, kwargs), self.loader, args, kwargs)
        return value

    def entry(self, *args: P.args, **kwargs: P.kwargs) -> Entry[T]:
        """As a call: the value with its age, state and generation."""
        key, source = self.key(*args, **kwargs), self._source(args, kwargs)
        return self._owner.opened().entry(key, source, stale_ok=self._owner.stale_ok)

    def fresh(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """As a call, but a stale value will not do: then it is loaded while you wait."""
        value: T = self._owner.opened().value(self.key(*args, **kwargs), self._source(args, kwargs), stale_ok=False)
        return value

    def peek(self, *args: P.args, **kwargs: P.kwargs) -> Entry[T] | None:
        """What is in the cache now; never loads, and starts nothing."""
        return self._owner.opened().peek(self.key(*args, **kwargs), self.loader)

    def refresh(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Load now, whatever is there."""
        core, key = self._owner.opened(), self.key(*args, **kwargs)
        value: T = core.refresh(key, self._source(args, kwargs)).value
        return value

    def invalidate(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Forget the value; whether there was one."""
        return self._owner.opened().invalidate([self.key(*args, **kwargs)]) > 0

    def set(self, value: T, *args: P.args, **kwargs: P.kwargs) -> None:
        """Put a value that is at hand, as if it had just been loaded."""
        self._owner.opened().put(self.key(*args, **kwargs), value, self._source(args, kwargs))

    def get_many(self, calls: Iterable[Any]) -> list[T]:
        """The values of many calls, in order: read together, and what is missing loaded several at a time.

        Args:
            calls: the arguments of each: a tuple of them, or the only one.

        Raises:
            NotFound: there is no such thing for one of them.
            Exception: the function's.
        """
        keys, sources = self._several(calls)
        return _in_order(keys, self._owner.opened().many(sources, stale_ok=self._owner.stale_ok))


class AsyncCachedFunction(_Function[P, T]):
    """An async function whose results are cached; as `CachedFunction`, with everything awaited.

    Attributes:
        loader: what is known of the function; `loader.function` is the function itself.
    """

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        value: T = await _avalue(self._owner, self._keys(args, kwargs), self.loader, args, kwargs)
        return value

    async def entry(self, *args: P.args, **kwargs: P.kwargs) -> Entry[T]:
        """As a call: the value with its age, state and generation."""
        core, key, source = await self._owner.aopened(), self.key(*args, **kwargs), self._source(args, kwargs)
        return await core.aentry(key, source, stale_ok=self._owner.stale_ok)

    async def fresh(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """As a call, but a stale value will not do: then it is loaded while you wait."""
        core, key, source = await self._owner.aopened(), self.key(*args, **kwargs), self._source(args, kwargs)
        value: T = (await core.aentry(key, source, stale_ok=False)).value
        return value

    async def peek(self, *args: P.args, **kwargs: P.kwargs) -> Entry[T] | None:
        """What is in the cache now; never loads, and starts nothing."""
        core, key = await self._owner.aopened(), self.key(*args, **kwargs)
        return await asyncio.to_thread(core.peek, key, self.loader)

    async def refresh(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Load now, whatever is there."""
        core, key = await self._owner.aopened(), self.key(*args, **kwargs)
        value: T = (await core.arefresh(key, self._source(args, kwargs))).value
        return value

    async def invalidate(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Forget the value; whether there was one."""
        core, key = await self._owner.aopened(), self.key(*args, **kwargs)
        return await asyncio.to_thread(core.invalidate, [key]) > 0

    async def set(self, value: T, *args: P.args, **kwargs: P.kwargs) -> None:
        """Put a value that is at hand, as if it had just been loaded."""
        core, key, source = await self._owner.aopened(), self.key(*args, **kwargs), self._source(args, kwargs)
        await asyncio.to_thread(core.put, key, value, source)

    async def get_many(self, calls: Iterable[Any]) -> list[T]:
        """As `CachedFunction.get_many`."""
        keys, sources = self._several(calls)
        return _in_order(keys, await (await self._owner.aopened()).amany(sources, stale_ok=self._owner.stale_ok))


def _in_order(keys: list[str], found: dict[str, Any]) -> list[Any]:
    for key in keys:
        if key not in found:
            raise NotFound(key)
    return [found[key] for key in keys]


async def _avalue(owner: Owner, key: str, loader: Loader, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    core = await owner.aopened()
    value = core.quick(key, loader)
    if value is MISSING:
        value = (await core.aentry(key, Source(loader, args, kwargs), stale_ok=owner.stale_ok)).value
    return value
