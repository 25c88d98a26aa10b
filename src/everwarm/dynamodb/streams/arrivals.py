"""Tells readers that a shard has something new, so that they need not poll."""

import asyncio
import threading


class Arrivals:
    """Who waits for which shard. No two shards of an engine have the same id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._waiting: dict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}

    def mark(self, shard_id: str) -> int:
        """How many times something has arrived so far."""
        return self._counts.get(shard_id, 0)

    async def beyond(self, shard_id: str, mark: int) -> None:
        """Return once more has arrived than at `mark`."""
        event = asyncio.Event()
        waiter = (asyncio.get_running_loop(), event)
        with self._lock:
            if self.mark(shard_id) != mark:
                return
            self._waiting.setdefault(shard_id, []).append(waiter)
        try:
            await event.wait()
        finally:
            with self._lock:
                waiting = self._waiting.get(shard_id, [])
                if waiter in waiting:
                    waiting.remove(waiter)

    def arrived(self, shard_id: str) -> None:
        """Records were committed, or the shard was closed. Called from the writer's thread."""
        with self._lock:
            self._counts[shard_id] = self._counts.get(shard_id, 0) + 1
            waiting = self._waiting.pop(shard_id, None)
        for loop, event in waiting or ():
            loop.call_soon_threadsafe(event.set)

    def forget(self, shard_id: str) -> None:
        """The shard is no more; who waits for it waits no longer."""
        self.arrived(shard_id)
        self._counts.pop(shard_id, None)
