"""Everwarm: a cache that keeps itself warm.

An entry's time to live runs out, that expiry is an event, the event runs your function, the function writes the entry
again. On AWS that is DynamoDB TTL, Streams and Lambda in one `serverless.yml`; everwarm runs that file on one machine.

    from everwarm import Stack

    with Stack("my-project") as stack:
        print(stack.endpoint)
"""

from everwarm.errors import ApiError, EverwarmError, ProjectError, StorageLocked
from everwarm.stack import Observer, Stack
from everwarm.version import __version__

__all__ = ["ApiError", "EverwarmError", "Observer", "ProjectError", "Stack", "StorageLocked", "__version__"]
