"""Everwarm: a cache that keeps itself warm.

An entry's time to live runs out, that expiry is an event, the event runs your function, the function writes the entry
again. On AWS that is DynamoDB TTL, Streams and Lambda in one `serverless.yml`; everwarm runs that file on one machine.

    from everwarm import Cache, Stack

    rates = Cache("rates", refresh="10m", keep="1d")    # the pattern as a library: docs/cache.md

    with Stack("my-project") as stack:                  # a project, with its tables and functions
        print(stack.endpoint)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from everwarm.cache.entry import Entry, NotFound
from everwarm.errors import (
    ApiError,
    BackendError,
    CacheError,
    EverwarmError,
    NoLoader,
    ProjectError,
    SettingError,
    StorageLocked,
    StorageUnwritable,
    UnstorableValue,
    ValueTooLarge,
)
from everwarm.version import __version__

if TYPE_CHECKING:
    from everwarm.cache.cache import Cache
    from everwarm.cache.names import Names
    from everwarm.stack import Observer, Stack

__all__ = [
    "ApiError",
    "BackendError",
    "Cache",
    "CacheError",
    "Entry",
    "EverwarmError",
    "Names",
    "NoLoader",
    "NotFound",
    "Observer",
    "ProjectError",
    "SettingError",
    "Stack",
    "StorageLocked",
    "StorageUnwritable",
    "UnstorableValue",
    "ValueTooLarge",
    "__version__",
]

if not TYPE_CHECKING:  # mypy would take any name for ours

    def __getattr__(name: str) -> Any:
        # The engine takes a while to import; the command line answers --help without it.
        if (module := _LATER.get(name)) is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(module), name)


_LATER = {
    "Cache": "everwarm.cache.cache",
    "Names": "everwarm.cache.names",
    "Observer": "everwarm.stack",
    "Stack": "everwarm.stack",
}
