"""The upkeep of streams: records and shards that are too old go, and shards that are old enough get a child.

A step looks after some streams in one short transaction; `run` goes over all of them again and again. Nobody has to
wait for it: readers pass over what is too old by themselves (reader.py).
"""

import asyncio
from dataclasses import dataclass, replace
from functools import partial

from everwarm.clock import Clock
from everwarm.dynamodb.storage.store import File, Store
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.streams.catalog import Stream, StreamCatalog, newest
from everwarm.dynamodb.streams.sequence import first_at, moment_ms
from everwarm.dynamodb.streams.shards import Shard, record_place
from everwarm.dynamodb.streams.space import dead_files
from everwarm.errors import StorageFailed
from everwarm.log import get_logger

STREAMS_IN_A_STEP = 20

# A day's records are trimmed a minute's worth at a time, and shorter retentions as finely.
_LONGEST_PAUSE_S = 60.0
_ROUNDS_IN_A_RETENTION = 60
_ROUNDS_BETWEEN_LOOKS_AT_FILES = 10

# For an hour of 24 a shard that is gone stays known, so that who is paging through DescribeStream keeps the place.
_KEPT_FOR_LONGER = 25 / 24

_log = get_logger(__name__)


@dataclass(slots=True)
class Done:
    """What was done since the start: counters."""

    trimmed_ranges: int = 0
    rotated: int = 0
    forgotten_shards: int = 0
    reclaimed_bytes: int = 0


class Upkeep:
    """Looks after the streams of a store.

    Attributes:
        done: counters.
    """

    def __init__(self, store: Store, clock: Clock, catalog: StreamCatalog) -> None:
        self.done = Done()
        self._store = store
        self._clock = clock
        self._catalog = catalog
        settings = catalog.settings
        pauses = [_LONGEST_PAUSE_S, settings.retention_s / _ROUNDS_IN_A_RETENTION]
        if settings.shard_age_s is not None:
            pauses.append(settings.shard_age_s / _ROUNDS_IN_A_RETENTION)
        self._pause_s = max(0.1, min(pauses))
        self._dead: set[File] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Look after all streams, again and again, until `stop` is set."""
        rounds = 0
        while not stop.is_set():
            began = self._clock.elapsed()
            try:
                for numbers in self._portions():
                    await self._store.submit_from_loop(partial(self.step, numbers=numbers), alone=True, frees=True)
                rounds += 1
                if rounds % _ROUNDS_BETWEEN_LOOKS_AT_FILES == 0:
                    await self._reclaim_until(stop)
            except Exception as err:
                if not isinstance(err, StorageFailed):  # of that the store tells, once
                    _log.exception("upkeep of streams failed", retry_s=self._pause_s)
            await self._clock.pause(began + self._pause_s - self._clock.elapsed(), stop)

    def look(self) -> None:
        """Look after all streams once, and wait for it."""
        for numbers in self._portions():
            self._store.update(partial(self.step, numbers=numbers), alone=True)

    def reclaim(self) -> int:
        """Give back the space of files that were dead the last time, too; how many bytes they had."""
        return sum(map(self._reclaim, self._still_dead()))

    async def _reclaim_until(self, stop: asyncio.Event) -> None:
        for file in await asyncio.to_thread(self._still_dead):
            if stop.is_set():
                return
            await asyncio.to_thread(self._reclaim, file)

    def _still_dead(self) -> list[File]:
        dead = set(dead_files(self._store.files(), self._catalog.stored()))
        still_dead = dead & self._dead
        self._dead = dead - still_dead
        return sorted(still_dead)

    def _reclaim(self, file: File) -> int:
        self._store.reclaim(file.first, file.last)
        self.done.reclaimed_bytes += file.size_bytes
        return file.size_bytes

    def _portions(self) -> list[frozenset[int]]:
        numbers = sorted(stream.number for stream in self._catalog.stored())
        return [frozenset(numbers[at : at + STREAMS_IN_A_STEP]) for at in range(0, len(numbers), STREAMS_IN_A_STEP)]

    def step(self, tx: Tx, numbers: frozenset[int]) -> None:
        """Look after some streams, in a transaction that commits alone."""
        for stream in self._catalog.stored():
            if stream.number in numbers:
                self._look_after(tx, stream)

    def _look_after(self, tx: Tx, stream: Stream) -> None:
        now = self._clock.now()
        horizon = self._catalog.horizon()
        forgettable = first_at(now - self._catalog.settings.retention_s * _KEPT_FOR_LONGER)
        trimmed = [one for shard in stream.shards if (one := _trimmed(tx, stream, shard, horizon)) is not None]
        gone = [shard for shard in stream.shards if not shard.kept(forgettable)]
        for shard in gone:
            tx.delete_range(*_records(stream, shard, 0, shard.last or 0))
        if trimmed or gone:
            self._catalog.remember_sequence(tx)
            stream = self._catalog.replace(tx, stream, [one for one in trimmed if one.kept(forgettable)], gone)
        if not stream.enabled and not stream.shards:
            self._catalog.forget(tx, stream)
            return
        old = [shard for shard in stream.shards if stream.enabled and self._is_old(shard, now)]
        if old:
            self._catalog.continue_shards(tx, stream, old)
        self.done.trimmed_ranges += len(trimmed)
        self.done.forgotten_shards += len(gone)
        self.done.rotated += len(old)

    def _is_old(self, shard: Shard, now: float) -> bool:
        age_s = self._catalog.settings.shard_age_s
        return age_s is not None and shard.open and now - moment_ms(shard.first) / 1000 >= age_s


def _trimmed(tx: Tx, stream: Stream, shard: Shard, horizon: int) -> Shard | None:
    """Trim the records below the horizon; the shard as it is then, None if there were none."""
    start, end = _records(stream, shard, max(shard.first, shard.trimmed + 1), horizon - 1)
    # Looked for forwards first: backwards, the way to nothing would lead over everything that was trimmed before.
    if start >= end or next(tx.scan(start, end), None) is None:
        return None
    last = newest(tx, stream, shard, horizon)
    # Ranges side by side, each with what came since the last one: overlapping ones would cost more and more to read.
    tx.delete_range(start, record_place(stream.number, shard.number, last + 1))
    return replace(shard, trimmed=last)


def _records(stream: Stream, shard: Shard, first: int, last: int) -> tuple[bytes, bytes]:
    """The range on disk of the records from one number to another."""
    return record_place(stream.number, shard.number, first), record_place(stream.number, shard.number, last + 1)
