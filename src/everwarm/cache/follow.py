"""From the table's changes to the memory layer: what has changed is dropped from it.

How changes are followed is the backend's; where they cannot be, entries of the memory layer live for a short time.
"""

from collections.abc import Callable
from typing import Any

from everwarm.cache.backends.backend import Backend
from everwarm.cache.memory import Memory
from everwarm.cache.names import Names
from everwarm.errors import NotFollowable
from everwarm.log import get_logger

_log = get_logger("everwarm.cache")


class Follower:
    """Follows a table for as long as it is open. Does nothing else where that cannot be done.

    Attributes:
        memory: what entries are dropped from.
    """

    def __init__(
        self,
        backend: Backend,
        table_name: str,
        names: Names,
        memory: Memory[Any],
        dropped: Callable[[str | None, int], object] = lambda key, entries: None,
    ) -> None:
        """
        Args:
            dropped: told of the key, None for all, and of how many entries went.
        """
        self.memory = memory
        self._names = names
        self._dropped = dropped
        self._unfollow: Callable[[], None] | None = None
        try:
            self._unfollow = backend.follow(table_name, self._changed)
        except NotFollowable as error:
            _log.debug("changes are not followed: memory goes by its time", table=table_name, why=str(error))
            return
        # What was read before may have changed before; from here on, every change is told.
        memory.drop_all(followed=True)

    def close(self) -> None:
        """Follow no longer. Idempotent."""
        unfollow, self._unfollow = self._unfollow, None
        if unfollow is not None:
            self.memory.drop_all(followed=False)
            unfollow()

    def _changed(self, key: str | None) -> None:
        if key is None:
            dropped = self.memory.drop_all()
        elif key.startswith((self._names.timer_prefix, self._names.lease_prefix)):
            return
        else:
            dropped = self.memory.drop(key)
        if dropped:
            self._dropped(key, dropped)
