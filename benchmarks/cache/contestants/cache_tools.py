"""cachetools: a TTLCache in memory. Shared by threads it needs a lock, says its documentation; also shown without."""

from collections.abc import Callable
from threading import Condition, RLock
from typing import Any

from cachetools import TTLCache, cached

from benchmarks.cache.contestants.base import Contestant, Surroundings
from benchmarks.cache.values import load
from benchmarks.cache.waiting import SlowLoader

SIZE = 10_000
TTL_S = 3600


class CacheTools(Contestant):
    """Behind a lock."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._cache: Any = TTLCache(SIZE, TTL_S)
        self._lock = RLock()

    def set(self, key: str, value: Any) -> None:
        self._cache[key] = value

    def reader(self) -> Callable[[str], Any]:
        cache, lock = self._cache, self._lock

        def get(key: str) -> Any:
            with lock:
                return cache.get(key)

        return get

    def decorated(self) -> Callable[[str], Any]:
        found: Callable[[str], Any] = cached(TTLCache(SIZE, TTL_S), lock=RLock())(load)
        return found

    def loading(self, loader: SlowLoader) -> Callable[[str], Any]:
        found: Callable[[str], Any] = cached(TTLCache(SIZE, TTL_S), condition=Condition())(loader.__call__)
        return found


class CacheToolsUnlocked(CacheTools):
    """For one thread alone."""

    def reader(self) -> Callable[[str], Any]:
        get: Callable[[str], Any] = self._cache.get
        return get

    def decorated(self) -> Callable[[str], Any]:
        found: Callable[[str], Any] = cached(TTLCache(SIZE, TTL_S))(load)
        return found
