"""everwarm's cache: embedded, as it comes; with its memory layer; and on the endpoint that boto3 is measured on."""

from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.cache.contestants.base import Contestant, Surroundings
from benchmarks.cache.values import load
from benchmarks.cache.waiting import SlowLoader
from everwarm import Cache

REFRESH = "1h"


class Everwarm(Contestant):
    """In this process, with blocking calls."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._cache = self.open(surroundings)
        self._cache.loader(load)
        self._cache.start()

    def open(self, surroundings: Surroundings) -> Cache:
        """The cache as this contestant has it."""
        return Cache("bench", refresh=REFRESH, directory=surroundings.directory)

    def set(self, key: str, value: Any) -> Any:
        self._cache.set(key, value)

    def reader(self) -> Callable[[str], Any]:
        return self._cache.get

    def decorated(self) -> Callable[[str], Any]:
        @self._cache.cached
        def history(key: str) -> Any:
            return load(key)

        found: Callable[[str], Any] = history
        return found

    def loading(self, loader: SlowLoader) -> Callable[[str], Any]:
        @self._cache.cached
        def slow(key: str) -> Any:
            return loader(key)

        found: Callable[[str], Any] = slow
        return found

    def close(self) -> None:
        self._cache.close()


class EverwarmAsync(Everwarm):
    """In this process, awaited."""

    awaits = True

    def set(self, key: str, value: Any) -> Awaitable[Any]:
        return self._cache.aset(key, value)

    def reader(self) -> Callable[[str], Any]:
        return self._cache.aget

    def decorated(self) -> Callable[[str], Any]:
        @self._cache.cached
        async def history(key: str) -> Any:
            return load(key)

        found: Callable[[str], Any] = history
        return found

    def loading(self, loader: SlowLoader) -> Callable[[str], Any]:
        @self._cache.cached
        async def slow(key: str) -> Any:
            return await loader.aload(key)

        found: Callable[[str], Any] = slow
        return found


class EverwarmMemory(Everwarm):
    """In this process, with the memory layer."""

    def open(self, surroundings: Surroundings) -> Cache:
        return Cache("bench", refresh=REFRESH, directory=surroundings.directory, memory=10_000)


class EverwarmEndpoint(Everwarm):
    """On an endpoint."""

    def open(self, surroundings: Surroundings) -> Cache:
        return Cache("bench", refresh=REFRESH, endpoint=surroundings.endpoint, region="us-east-1")
