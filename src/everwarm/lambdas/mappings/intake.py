"""Reads a shard ahead of its lanes: applies the filters, encodes each record once, and puts it into its lane.

While the function runs the next batches are read; nothing is read that nobody wants, and what waits is bounded.

Not here: the place in the shard (`shard_reader.py`), what is made of the records (`gatherer.py`).
"""

import asyncio
from collections.abc import Sequence

from everwarm.clock import Clock
from everwarm.lambdas.mappings.filters import Filters
from everwarm.lambdas.mappings.lanes import Lane, lane_of
from everwarm.lambdas.mappings.ledger import Ledger
from everwarm.lambdas.mappings.patience import until_done
from everwarm.lambdas.mappings.saver import Saver
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.lambdas.mappings.shard_reader import MAX_PAGE, ShardReader
from everwarm.lambdas.mappings.stats import Stats
from everwarm.stream_record import StreamRecord

# What waits in all lanes of a shard, beside the batches under way: a blocked lane must not have us read the whole
# stream. No batch has more records than this, and none more than half the bytes. One page may come on top.
MAX_WAITING_RECORDS = 10_000
MAX_WAITING_BYTES = 12 * 1024 * 1024

# What is read at a time holds up the event loop for as long as it takes to decode: a millisecond or two for this many.
SHORT_PAGE = 250

# GetRecords ends a page at 1 MB. A page of this size is likely to have been ended by that.
_LARGE_PAGE_BYTES = 256 * 1024


class Intake:
    """The way from one shard into its lanes.

    Attributes:
        ended: there is nothing more to read, for ever.
        more_at_hand: more records are likely to be had without waiting.
    """

    def __init__(
        self,
        stream_arn: str,
        settings: MappingSettings,
        reader: ShardReader,
        filters: Filters,
        partition_key: str,
        lanes: Sequence[Lane],
        ledger: Ledger,
        saver: Saver,
        stats: Stats,
        clock: Clock,
        stop: asyncio.Event,
    ) -> None:
        self.ended = False
        self.more_at_hand = True
        self._stream_arn = stream_arn
        self._batch_size = settings.batch_size
        self._page = min(MAX_PAGE, max(SHORT_PAGE, settings.batch_size * settings.parallelization_factor))
        self._reader = reader
        self._filters = filters if settings.filters else None
        self._partition_key = partition_key
        self._lanes = lanes
        self._ledger = ledger
        self._saver = saver
        self._stats = stats
        self._clock = clock
        self._stop = stop
        self._wanted = asyncio.Event()
        # How far each lane was when an earlier run ended, until the reader is past all of that.
        self._resume = {
            lane.number: int(after) for lane in lanes if (after := ledger.done_up_to(lane.number)) is not None
        }

    @property
    def full(self) -> bool:
        """As much waits as may."""
        return (
            sum(map(len, self._lanes)) >= MAX_WAITING_RECORDS
            or sum(lane.waiting_bytes for lane in self._lanes) >= MAX_WAITING_BYTES
        )

    @property
    def wants_more(self) -> bool:
        """Whether to read on: somebody waits for records, or the next batches are at hand and not read yet."""
        if self.full:
            return False
        if any(lane.free and (lane.pending or not lane.full(self._batch_size)) for lane in self._lanes):
            return True
        ahead = sum(map(len, self._lanes))
        return self.more_at_hand and ahead < self._batch_size * len(self._lanes)

    def want(self) -> None:
        """Look again whether to read on: a lane has become free, or has taken some of what waited."""
        self._wanted.set()

    def look(self) -> None:
        """Have what was written since the last read counted as at hand."""
        if not self.ended and self._reader.stale:
            self.more_at_hand = True
            self._wanted.set()

    def has_read_past(self, number: int) -> bool:
        """Whether the record with this sequence number can not come any more."""
        after = self._reader.after
        return self.ended or (after is not None and int(after) >= number)

    async def run(self) -> None:
        """Read until the shard ends, or until cancelled.

        Raises:
            Exception: a bug; the client's errors are retried.
        """
        while not self._reader.ended:
            if not self.wants_more:
                self._wanted.clear()
                await self._wanted.wait()
                continue
            page = await until_done(lambda: self._reader.read(self._page), "reading a stream", self._clock, self._stop)
            if page is None:
                return
            size = self._take(page)
            self.more_at_hand = len(page) == self._page or size >= _LARGE_PAGE_BYTES
            self.ended = self._reader.ended
            self._tell()
            if self.more_at_hand:
                await asyncio.sleep(0)  # a client of this process need not give way by itself
            elif not self.ended:
                await until_done(self._reader.changed, "waiting for a stream", self._clock, self._stop)
        self.ended = True
        self.more_at_hand = False
        self._tell()

    def _take(self, page: list[StreamRecord]) -> int:
        """Put a page into the lanes; its size in bytes."""
        ledger, lanes, filters = self._ledger, self._lanes, self._filters
        size = passed_over = 0
        for record in page:
            number = record.number
            if filters is not None and not filters.match(record):
                self._stats.filtered_out += 1
                ledger.passed_over(number)
                passed_over += 1
                continue
            lane = lanes[lane_of(record.whole, self._partition_key, len(lanes))] if len(lanes) > 1 else lanes[0]
            if self._resume and self._was_done(int(number), lane.number):
                ledger.passed_over(number)
                continue
            size += len(record.json)
            ledger.read(lane.number, number, record.created_s)
            lane.add(record)
        if passed_over:
            self._saver.passed_over(passed_over)
        return size

    def _was_done(self, number: int, lane: int) -> bool:
        if number > max(self._resume.values()):
            self._resume = {}
        return number <= self._resume.get(lane, -1)

    def _tell(self) -> None:
        for lane in self._lanes:
            lane.changed.set()
