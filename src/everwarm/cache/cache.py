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
import inspect
import os
import random
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, ParamSpec, TypeVar, cast, overload

from everwarm.cache.backend import Backend
from everwarm.cache.cached import AsyncCachedFunction, CachedFunction
from everwarm.cache.codec import Codec
from everwarm.cache.core import Core, Source
from everwarm.cache.entry import Entry, NotFound
from everwarm.cache.events import Event, Events
from everwarm.cache.follow import Follower
from everwarm.cache.handler import Expirations
from everwarm.cache.items import Stored
from everwarm.cache.keys import KeyMaker, unpack_call
from everwarm.cache.limits import Limits
from everwarm.cache.loader import Loader, Tags
from everwarm.cache.memory import Memory
from everwarm.cache.names import Names
from everwarm.cache.opening import open_backend
from everwarm.cache.policy import Policy
from everwarm.cache.refresh import Refresher
from everwarm.cache.setup import ensure_table
from everwarm.cache.stats import Snapshot
from everwarm.cache.table import CacheTable, new_owner
from everwarm.clock import Clock, SystemClock
from everwarm.durations import seconds
from everwarm.errors import CacheError, NoLoader

P = ParamSpec("P")
T = TypeVar("T")

Length = str | float | timedelta
"""A length of time: `10m`, seconds, or a timedelta."""

KeepWarm = Literal["always", "while-read", "never"]

DIRECTORY = ".everwarm"

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
    """
