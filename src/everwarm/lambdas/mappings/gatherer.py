"""Makes batches of what a shard holds: full ones while there is plenty, and none later than its window allows.

Source: "Polling and batching streams" in the Lambda developer guide: a batch is sent when its window ends, when it
has BatchSize records, or when the event reaches 6 MB.
"""

import asyncio
from collections import deque
from itertools import islice
from math import inf

from everwarm.clock import Clock
from everwarm.lambdas.mappings.batch import EMPTY_EVENT_BYTES, Batch, Record, fitting
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.patience import first_of, until_done
from everwarm.lambdas.mappings.shard_reader import MAX_PAGE, ShardReader


class Gatherer:
    """Gathers the batches of one shard, one after the other."""

    def __init__(self, mapping: Mapping, reader: ShardReader, clock: Clock, stop: asyncio.Event) -> None:
        self._stream_arn = mapping.stream_arn
        self._batch_size = mapping.settings.batch_size
        self._window_s = mapping.settings.batching_window_s
        self._reader = reader
        self._clock = clock
        self._stop = stop
        self._read: deque[Record] = deque()  # read, but not in a batch yet

    async def gather(self) -> Batch | None:
        """Wait for the next batch. None when the shard has no more for ever, or `stop` came first.

        The window opens with the batch's first record, at the earliest when this is called. Records gathered when
        `stop` comes are dropped: nobody has moved the position past them.
        """
        gathered: list[Record] = []
        used_bytes = EMPTY_EVENT_BYTES
        window_ends = inf
        while not self._stop.is_set():
            wanted = self._batch_size - len(gathered)
            more_at_hand = await self._read_on(min(wanted, MAX_PAGE))
            arrived = bool(self._read)
            count, used_bytes = fitting(islice(self._read, wanted), self._stream_arn, used_bytes)
            gathered.extend(self._read.popleft() for _ in range(count))
            if gathered and window_ends == inf:
                window_ends = self._clock.elapsed() + self._window_s
            if len(gathered) == self._batch_size or self._read:
                return Batch(tuple(gathered))
            if more_at_hand:
                continue
            if gathered and (self._reader.ended or self._clock.elapsed() >= window_ends):
                return Batch(tuple(gathered))
            if self._reader.ended:
                return None
            if not arrived:
                await self._more_or(window_ends)
        return None

    async def _read_on(self, limit: int) -> bool:
        """Have records in `_read` if there are any; whether more are likely to be had without waiting."""
        if self._read:
            return True
        page = await until_done(lambda: self._reader.read(limit), "reading a stream", self._clock, self._stop)
        self._read.extend(page or ())
        return page is not None and len(page) == limit

    async def _more_or(self, moment: float) -> None:
        async def changed() -> None:
            await until_done(self._reader.changed, "waiting for a stream", self._clock, self._stop)

        await first_of(changed(), self._clock.pause(moment - self._clock.elapsed(), self._stop))
