"""Who takes part in which measurement."""

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from benchmarks.cache.values import Kind

PEERS_PYTHON = Path(".tools/bench/bin/python")
"""Of the environment that `make bench-cache` sets up for what is measured against."""


class Where(StrEnum):
    """Where a contestant has its values."""

    EMBEDDED = "in the process, on disk"
    ENDPOINT = "everwarm's endpoint"
    REDIS = "Redis"
    MEMORY = "in memory"


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contestant, seen from outside.

    Attributes:
        title: as it is shown.
        made_by: its class, as `module:Class` below `benchmarks.cache.contestants`.
        ours: it is everwarm.
    """

    title: str
    made_by: str
    where: Where
    ours: bool = False

    @property
    def needs_peers(self) -> bool:
        """Its library is in the peers' environment; boto3 is in ours, too."""
        return not self.ours and self.where is not Where.ENDPOINT

    @property
    def needs_redis(self) -> bool:
        return self.made_by.startswith(("dogpile", "cashews"))

    @property
    def python(self) -> str:
        """The interpreter that has its library."""
        return str(PEERS_PYTHON.absolute()) if self.needs_peers else sys.executable


ENTRANTS = {
    "everwarm": Entrant("everwarm", "everwarm_cache:Everwarm", Where.EMBEDDED, ours=True),
    "everwarm-async": Entrant("everwarm, async", "everwarm_cache:EverwarmAsync", Where.EMBEDDED, ours=True),
    "everwarm-memory": Entrant("everwarm, memory layer", "everwarm_cache:EverwarmMemory", Where.MEMORY, ours=True),
    "everwarm-endpoint": Entrant("everwarm over HTTP", "everwarm_cache:EverwarmEndpoint", Where.ENDPOINT, ours=True),
    "boto3": Entrant("boto3, Table.get_item", "boto3_table:Boto3Table", Where.ENDPOINT),
    "dogpile": Entrant("dogpile.cache", "dogpile_cache:DogpileOnRedis", Where.REDIS),
    "cashews": Entrant("cashews, async", "cashews_cache:CashewsOnRedis", Where.REDIS),
    "cashews-client": Entrant("cashews, client side", "cashews_cache:CashewsClientSide", Where.MEMORY),
    "diskcache": Entrant("diskcache", "disk_cache:DiskCache", Where.EMBEDDED),
    "cachetools": Entrant("cachetools, with a lock", "cache_tools:CacheTools", Where.MEMORY),
    "cachetools-bare": Entrant("cachetools, one thread", "cache_tools:CacheToolsUnlocked", Where.MEMORY),
}

STORED = ("everwarm", "everwarm-async", "everwarm-endpoint", "boto3", "dogpile", "cashews", "diskcache")
IN_MEMORY = ("everwarm-memory", "cachetools", "cachetools-bare", "cashews-client")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One question that each of some contestants is asked in every round.

    Attributes:
        what: the worker's method.
        kind: of value; None where there are waiters.
    """

    title: str
    what: str
    kind: Kind | None
    entrants: tuple[str, ...]


MEASUREMENTS = {
    "get-rates": Measurement("get, a list of 30 maps", "get", Kind.RATES, STORED),
    "get-text": Measurement("get, a small string", "get", Kind.TEXT, STORED),
    "memory": Measurement("get, a list of 30 maps, from memory", "get", Kind.RATES, IN_MEMORY),
    "decorated": Measurement(
        "a decorated function, a list of 30 maps",
        "decorated",
        Kind.RATES,
        ("everwarm", "everwarm-async", "dogpile", "cashews", "diskcache"),
    ),
    "decorated-memory": Measurement("a decorated function, from memory", "decorated", Kind.RATES, IN_MEMORY),
    "waiters": Measurement(
        "a miss with 100 waiters",
        "waiters",
        None,
        ("everwarm", "everwarm-async", "everwarm-endpoint", "dogpile", "cashews", "diskcache", "cachetools"),
    ),
}
REFRESHING = "refreshing"
"""The measurement that everwarm alone can take: see `refreshing.py`."""
