"""Writes the record of a change, in the change's own transaction, and tells those who wait for it."""

import asyncio
import threading

from everwarm.clock import Clock
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.streams.catalog import next_sequence
from everwarm.dynamodb.streams.records import record_json, record_place
from everwarm.dynamodb.tables.change import ItemChange


class Arrivals:
    """Tells readers that a stream has new records, so that they need not poll."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._waiting: dict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}

    def mark(self, stream_arn: str) -> int:
        """How many times records have arrived so far."""
        return self._counts.get(stream_arn, 0)

    async def beyond(self, stream_arn: str, mark: int) -> None:
        """Return once more records have arrived than at `mark`."""
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
        """Records were committed. Called from the writer's thread."""
        with self._lock:
            self._counts[stream_arn] = self._counts.get(stream_arn, 0) + 1
            waiting = self._waiting.pop(stream_arn, [])
        for loop, event in waiting:
            loop.call_soon_threadsafe(event.set)


class StreamWriter:
    """The observer of `tables.write` that keeps the streams."""

    def __init__(self, clock: Clock, arrivals: Arrivals) -> None:
        self._clock = clock
        self._arrivals = arrivals

    def observe(self, tx: Tx, change: ItemChange) -> None:
        """Record a change of a table that has a stream."""
        stream = change.table.stream
        if stream is None or not stream.enabled:
            return
        sequence = next_sequence(tx)
        record = record_json(change, stream.view_type, sequence, self._clock.now())
        # One shard for each stream, for now: number 0.
        tx.put(record_place(stream.number, 0, sequence), record)
        tx.on_commit(lambda: self._arrivals.arrived(stream.arn))
