"""Tells readers that a stream has something new, so that they need not poll."""

import asyncio
import threading


class Arrivals:
    """Who waits for which stream."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._waiting: dict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}

    def mark(self, stream_arn: str) -> int:
        """How many times something has arrived so far."""
        return self._counts.get(stream_arn, 0)

    async def beyond(self, stream_arn: str, mark: int) -> None:
        """Return once more has arrived than at `mark`."""
        event = asyncio.Event()
        waiter = (asyncio.get_running_loop(), event)
        with self._lock:
            if self.mark(stream_arn) != mark:
                return
            self._waiting.setdefault(stream_arn, []).append(waiter)
        try:
            await event.wait()
        finally:
            with self._lock:
                waiting = self._waiting.get(stream_arn, [])
                if waiter in waiting:
                    waiting.remove(waiter)

    def arrived(self, stream_arn: str) -> None:
        """Records were committed, or a shard was closed. Called from the writer's thread."""
        with self._lock:
            self._counts[stream_arn] = self._counts.get(stream_arn, 0) + 1
            waiting = self._waiting.pop(stream_arn, None)
        for loop, event in waiting or ():
            loop.call_soon_threadsafe(event.set)
