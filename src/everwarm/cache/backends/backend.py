"""A backend: a server of DynamoDB's protocol as the cache calls it, and what it has beside.

Here is the protocol only: this process's engine is `embedded.py`, an endpoint or AWS `remote.py`, and which of them it
is `opening.py` decides.
"""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

Handler = Callable[[dict[str, Any], object], dict[str, Any]]
"""A Lambda handler: an event of stream records and a context in, `batchItemFailures` out."""

Changed = Callable[[str | None], None]
"""Told of the partition key of an item that has changed; of None when any may have."""


CLOSED = "the cache is closed"
"""The text of the BackendError that comes after `close`."""


class Backend(Protocol):
    """Called from any thread; its calls block.

    Attributes:
        instant: a read takes microseconds and waits for no network, so that it may be called on an event loop.
        exclusive: nobody but this process writes here.
        makes_tables: a table that is missing is made, unless somebody says otherwise. On AWS, whoever deploys does it.
    """

    @property
    def instant(self) -> bool: ...

    @property
    def exclusive(self) -> bool: ...

    @property
    def makes_tables(self) -> bool: ...

    def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """Run one operation, with a request and a response of the wire's form.

        Raises:
            ApiError: what AWS answers; its `code` is AWS's name.
            BackendError: nobody answers, or there are no credentials.
        """
        ...

    def pause(self, seconds: float) -> None:
        """Block the calling thread for a while of the clock."""
        ...

    def serve(self, table_name: str, handler: Handler, *, concurrency: int) -> None:
        """From now on, give what is deleted from a table to its handler, at least once; keep what it cannot take.

        A backend whose functions are deployed beside it does nothing: they are called without our doing.

        Args:
            concurrency: calls of the handler at a time.
        """
        ...

    def follow(self, table_name: str, changed: Changed) -> Callable[[], None]:
        """Have every change of a table told, from now on; returns what ends that.

        Raises:
            NotFollowable: it cannot be done here.
        """
        ...

    def close(self) -> None:
        """Give back what it holds. Idempotent."""
        ...


@runtime_checkable
class AtHand(Protocol):
    """What a backend has besides whose items are in this process."""

    def item_json(self, table_name: str, key: dict[str, Any]) -> bytes | None:
        """What GetItem would answer with, in the JSON that it lies there in; None if there is no such item.

        Raises:
            ApiError, BackendError: as `Backend.call` does.
        """
        ...
