"""dogpile.cache on Redis, set up as its page on the Redis backend shows it, with its own serializer, which is pickle.

`distributed_lock` is what it recommends where several processes load, and what compares with a lease.
"""

from collections.abc import Callable
from typing import Any

from dogpile.cache import make_region

from benchmarks.cache.contestants.base import Contestant, Surroundings
from benchmarks.cache.values import load
from benchmarks.cache.waiting import SlowLoader

EXPIRATION_S = 3600


class DogpileOnRedis(Contestant):
    """Blocking calls."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._region: Any = make_region().configure(
            "dogpile.cache.redis",
            expiration_time=EXPIRATION_S,
            arguments={
                "host": "127.0.0.1",
                "port": surroundings.redis_port,
                "redis_expiration_time": EXPIRATION_S * 2,
                "distributed_lock": True,
                "thread_local_lock": False,
            },
        )

    def set(self, key: str, value: Any) -> None:
        self._region.set(key, value)

    def reader(self) -> Callable[[str], Any]:
        get: Callable[[str], Any] = self._region.get
        return get

    def decorated(self) -> Callable[[str], Any]:
        @self._region.cache_on_arguments()  # type: ignore[untyped-decorator, unused-ignore]
        def history(key: str) -> Any:
            return load(key)

        found: Callable[[str], Any] = history
        return found

    def loading(self, loader: SlowLoader) -> Callable[[str], Any]:
        @self._region.cache_on_arguments()  # type: ignore[untyped-decorator, unused-ignore]
        def slow(key: str) -> Any:
            return loader(key)

        found: Callable[[str], Any] = slow
        return found
