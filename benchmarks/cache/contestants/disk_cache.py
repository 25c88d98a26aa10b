"""diskcache: SQLite and files in a directory, all settings as they come, with its own serializer, which is pickle.

Its recipe against many loads at once is `barrier`; `memoize_stampede` is about values that run out, not about misses.
"""

from collections.abc import Callable
from typing import Any

import diskcache

from benchmarks.cache.contestants.base import Contestant, Surroundings
from benchmarks.cache.values import load
from benchmarks.cache.waiting import SlowLoader

EXPIRE_S = 3600


class DiskCache(Contestant):
    """Blocking calls."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._cache: Any = diskcache.Cache(str(surroundings.directory))

    def set(self, key: str, value: Any) -> None:
        self._cache.set(key, value, expire=EXPIRE_S)

    def reader(self) -> Callable[[str], Any]:
        get: Callable[[str], Any] = self._cache.get
        return get

    def decorated(self) -> Callable[[str], Any]:
        @self._cache.memoize(expire=EXPIRE_S)  # type: ignore[untyped-decorator, unused-ignore]
        def history(key: str) -> Any:
            return load(key)

        found: Callable[[str], Any] = history
        return found

    def loading(self, loader: SlowLoader) -> Callable[[str], Any]:
        # Whoever was held up by the barrier looks again: so its documentation has it, in the case of a landing page.
        @self._cache.memoize(expire=EXPIRE_S)  # type: ignore[untyped-decorator, unused-ignore]
        @diskcache.barrier(self._cache, diskcache.Lock)  # type: ignore[untyped-decorator, unused-ignore]
        @self._cache.memoize(expire=EXPIRE_S)  # type: ignore[untyped-decorator, unused-ignore]
        def slow(key: str) -> Any:
            return loader(key)

        found: Callable[[str], Any] = slow
        return found

    def close(self) -> None:
        self._cache.close()
