"""cashews on Redis, set up by its address alone, with its own serializer, which is pickle.

`client_side` is its memory layer: Redis tells it what has changed.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from cashews import Cache

from benchmarks.cache.contestants.base import Contestant, Surroundings
from benchmarks.cache.values import load
from benchmarks.cache.waiting import SlowLoader

TTL = "1h"


class CashewsOnRedis(Contestant):
    """Calls that are awaited: it has no others."""

    awaits = True
    client_side = False

    def __init__(self, surroundings: Surroundings) -> None:
        self._cache = Cache()
        # A database of its own, so that the two do not find each other's values.
        address = f"redis://127.0.0.1:{surroundings.redis_port}/{2 if self.client_side else 1}"
        if self.client_side:
            self._cache.setup(address, client_side=True)
        else:
            self._cache.setup(address)

    def set(self, key: str, value: Any) -> Awaitable[Any]:
        done: Awaitable[Any] = self._cache.set(key, value, expire=TTL)
        return done

    def reader(self) -> Callable[[str], Awaitable[Any]]:
        get: Callable[[str], Awaitable[Any]] = self._cache.get
        return get

    def decorated(self) -> Callable[[str], Awaitable[Any]]:
        @self._cache(ttl=TTL, key="history:{key}")  # type: ignore[untyped-decorator, unused-ignore]
        async def history(key: str) -> Any:
            return load(key)

        found: Callable[[str], Awaitable[Any]] = history
        return found

    def loading(self, loader: SlowLoader) -> Callable[[str], Awaitable[Any]]:
        @self._cache(ttl=TTL, key="slow:{key}", lock=True)  # type: ignore[untyped-decorator, unused-ignore]
        async def slow(key: str) -> Any:
            return await loader.aload(key)

        found: Callable[[str], Awaitable[Any]] = slow
        return found

    def close(self) -> Awaitable[Any]:
        done: Awaitable[Any] = self._cache.close()
        return done


class CashewsClientSide(CashewsOnRedis):
    """With its memory layer."""

    client_side = True
