"""Everwarm: a cache that keeps itself warm.

An entry's time to live runs out, that expiry is an event, the event runs your function, the function writes the entry
again. On AWS that is DynamoDB TTL, Streams and Lambda in one `serverless.yml`; everwarm runs that file on one machine.

    from everwarm import Stack

    with Stack("my-project") as stack:
        print(stack.endpoint)
"""

from typing import TYPE_CHECKING, Any

from everwarm.errors import ApiError, EverwarmError, ProjectError, SettingError, StorageLocked
from everwarm.version import __version__

if TYPE_CHECKING:
    from everwarm.stack import Observer, Stack

__all__ = [
    "ApiError",
    "EverwarmError",
    "Observer",
    "ProjectError",
    "SettingError",
    "Stack",
    "StorageLocked",
    "__version__",
]

if not TYPE_CHECKING:  # mypy would take any name for ours

    def __getattr__(name: str) -> Any:
        # The engine takes a while to import; the command line answers --help without it.
        if name in ("Observer", "Stack"):
            from everwarm import stack

            return getattr(stack, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
