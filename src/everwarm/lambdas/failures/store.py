"""The failure store: batches that were given up, with their records, on the disk until somebody deals with them.

A record is in it once, however often its batch comes; failures are numbered in the order of their coming. It has a
limit (`Limits`): what is too old, or too much, is dropped, the oldest first, and the log says so.

    key, below the space               value
    --------------------------------   ------------------------------------------
    COUNTS                             how much there is, and the last number
    ENTRY   number                     the failure without its records, JSON
    RECORDS number                     the records, a JSON list
    PLACE   mapping, shard, sequence   the number of the failure that has this record

Not here: what a failure is (`kept.py`). The storage engine is asked through the Protocols below.
"""

import asyncio
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

import orjson

from everwarm.clock import Clock
from everwarm.errors import FailureNotFound
from everwarm.lambdas.failures.kept import Kept
from everwarm.lambdas.mappings.batch import Batch
from everwarm.lambdas.mappings.failed import FailedBatch
from everwarm.log import get_logger
from everwarm.stream_record import Record, sequence_number

T = TypeVar("T")

COUNTS, ENTRY, RECORDS, PLACE = b"\x00", b"\x01", b"\x02", b"\x03"

# What an entry takes on the disk beside its records, about.
ENTRY_BYTES = 2048

# What is thrown away in one transaction: writers wait for it, 25 ms or so.
PURGED_AT_ONCE = 200
RECORDS_AT_ONCE = 1000

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept.

    Attributes:
        size_bytes: of all records as JSON, and 2 KiB more for each failure.
        age_s: how long; 14 days is the most that a queue of SQS keeps a message.
    """

    size_bytes: int = 1024 * 1024 * 1024
    age_s: float = 14 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is.

    Attributes:
        failures, records, size_bytes: what is kept.
        dropped: failures that were too old, or too much, since the data directory was made.
        last: the last number given to a failure.
    """

    failures: int = 0
    records: int = 0
    size_bytes: int = 0
    dropped: int = 0
    last: int = 0

    def plus(self, kept: Kept, sign: int = 1) -> "Counts":
        """With one more failure; with one fewer for a sign of -1."""
        return dataclasses.replace(
            self,
            failures=self.failures + sign,
            records=self.records + sign * kept.records,
            size_bytes=self.size_bytes + sign * (kept.size_bytes + ENTRY_BYTES),
        )


class Reader(Protocol):
    """What is asked of whoever can read the storage engine."""

    def get(self, key: bytes) -> bytes | None: ...

    def scan(self, start: bytes, end: bytes, *, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]: ...


class Tx(Reader, Protocol):
    """What is asked of a storage transaction."""

    def put(self, key: bytes, value: bytes) -> None: ...

    def delete(self, key: bytes) -> None: ...

    def delete_range(self, start: bytes, end: bytes) -> None: ...

    def on_commit(self, callback: Callable[[], object]) -> None: ...


class Store(Reader, Protocol):
    """What is asked of the storage engine."""

    def submit(self, body: Callable[[Tx], T], *, frees: bool = False) -> Future[T]: ...


class FailureStore:
    """The failures of one storage engine."""

    def __init__(self, store: Store, space: bytes, clock: Clock, limits: Limits | None = None) -> None:
        """
        Args:
            space: the keys that begin with it are for failures.
            clock: says what is too old.
        """
        self._store = store
        self._space = space
        self._clock = clock
        self._limits = limits or Limits()
        self._counts = self._read_counts(store)

    @property
    def counts(self) -> Counts:
        """How much there is."""
        return self._counts

    async def keep(self, failed: FailedBatch, not_sent_because: str | None = None) -> Kept | None:
        """Keep a batch. It is durable on return.

        Args:
            not_sent_because: why the mapping's destination does not have it, for a person to read.

        Returns:
            The failure; None if all of its records are kept already, the batch having come before.
        """
        return await self._run(lambda tx: self._keep(tx, failed, not_sent_because))

    def page(self, after: int = 0, limit: int = 1000) -> list[Kept]:
        """Failures in order of their numbers, the oldest first.

        Args:
            after: a number; only later ones are wanted.
            limit: how many at the most.
        """
        found: list[Kept] = []
        for _, value in self._store.scan(self._key(ENTRY, after + 1), self._end(ENTRY)):
            found.append(Kept.from_json(value))
            if len(found) == limit:
                break
        return found

    def get(self, failure_id: int) -> Kept:
        """One failure.

        Raises:
            FailureNotFound: there is none of that number.
        """
        kept = self._get(self._store, failure_id)
        if kept is None:
            raise FailureNotFound(f"there is no failure {failure_id}; 'everwarm failures list' shows which there are")
        return kept

    def records(self, failure_id: int) -> tuple[Record, ...]:
        """The records of a failure, in order.

        Raises:
            FailureNotFound: there is none of that number.
        """
        self.get(failure_id)
        return self._records(self._store, failure_id)

    async def settle(self, failure_id: int, done: int, error: str | None, *, called: bool = True) -> Kept | None:
        """The records were redriven.

        Args:
            done: how many of them, from the first, need not be kept any longer.
            error: why the others have to be.
            called: whether the function ran, so that it counts as an attempt.

        Returns:
            The failure as it is now; None if nothing of it is left.
        """
        return await self._run(lambda tx: self._settle(tx, failure_id, done, error, called))

    async def remove(self, failure_id: int) -> None:
        """Throw one away.

        Raises:
            FailureNotFound: there is none of that number.
        """
        self.get(failure_id)
        await self._run(lambda tx: self._remove(tx, [failure_id]), frees=True)

    async def clear(self, before: float | None = None) -> int:
        """Throw all of them away, or the older ones.

        Args:
            before: epoch seconds; those given up since then stay.

        Returns:
            How many that were.
        """
        removed = after = 0
        while page := self.page(after, PURGED_AT_ONCE):
            after = page[-1].id
            for ids in _portions(kept for kept in page if before is None or kept.at < before):
                removed += await self._run(partial(self._remove, ids=ids), frees=True)
        return removed

    async def _run(self, body: Callable[[Tx], T], *, frees: bool = False) -> T:
        # A cancelled caller must not cancel a write that the store's thread is about to answer.
        return await asyncio.shield(asyncio.wrap_future(self._store.submit(body, frees=frees)))

    def _keep(self, tx: Tx, failed: FailedBatch, not_sent_because: str | None) -> Kept | None:
        prefix = self._place(failed.mapping.id, failed.shard_id)
        # After a crash some of the records may come again, with others: those that are here stay where they are.
        records = tuple(
            record for record in failed.batch.records if tx.get(prefix + sequence_number(record).encode()) is None
        )
        if not records:
            return None
        counts = self._read_counts(tx)
        counts = dataclasses.replace(counts, last=counts.last + 1)
        batch = Batch(records, failed.batch.attempts, failed.batch.not_started)
        text = orjson.dumps(records)
        kept = Kept.of(counts.last, dataclasses.replace(failed, batch=batch), len(text), not_sent_because)
        self._put(tx, kept, text)
        number = _number(kept.id)
        for record in records:
            tx.put(prefix + sequence_number(record).encode(), number)
        self._write_counts(tx, self._make_room(tx, counts.plus(kept), max(RECORDS_AT_ONCE, 2 * len(records))))
        return kept

    def _make_room(self, tx: Tx, counts: Counts, at_once: int) -> Counts:
        """Drop the oldest failures until the limits are kept; the last one stays in any case.

        Args:
            at_once: records; if more are too old, the rest go when the next failure comes.
        """
        oldest_at = self._clock.now() - self._limits.age_s
        dropped: list[Kept] = []
        records = 0
        for _, value in tx.scan(self._space + ENTRY, self._key(ENTRY, counts.last)):
            kept = Kept.from_json(value)
            if (kept.at >= oldest_at or records >= at_once) and counts.size_bytes <= self._limits.size_bytes:
                break
            dropped.append(kept)
            records += kept.records
            counts = counts.plus(kept, -1)
        for kept in dropped:
            self._delete(tx, kept)
        if dropped:
            _log.error(
                "the oldest failures are dropped: they are too old, or there are too many",
                first=dropped[0].id,
                last=dropped[-1].id,
                failures=len(dropped),
                records=records,
            )
        return dataclasses.replace(counts, dropped=counts.dropped + len(dropped))

    def _settle(self, tx: Tx, failure_id: int, done: int, error: str | None, called: bool) -> Kept | None:
        kept = self._get(tx, failure_id)
        if kept is None:
            return None  # purged meanwhile
        records = self._records(tx, failure_id)
        rest = records[done:]
        counts = self._read_counts(tx).plus(kept, -1)
        if not rest:
            self._delete(tx, kept)
            self._write_counts(tx, counts)
            return None
        for record in records[:done]:
            tx.delete(self._place(kept.mapping_id, kept.shard_id) + sequence_number(record).encode())
        text = orjson.dumps(rest)
        changed = dataclasses.replace(
            kept,
            records=len(rest),
            size_bytes=len(text),
            first=sequence_number(rest[0]),
            attempts=kept.attempts + called,
            error=error,
            redriven=kept.redriven + 1,
            redriven_at=self._clock.now(),
        )
        self._put(tx, changed, text)
        self._write_counts(tx, counts.plus(changed))
        return changed

    def _remove(self, tx: Tx, ids: Sequence[int]) -> int:
        counts = self._read_counts(tx)
        found = [kept for failure_id in ids if (kept := self._get(tx, failure_id)) is not None]
        for kept in found:
            self._delete(tx, kept)
            counts = counts.plus(kept, -1)
        self._write_counts(tx, counts)
        return len(found)

    def _get(self, reader: Reader, failure_id: int) -> Kept | None:
        value = reader.get(self._key(ENTRY, failure_id))
        return None if value is None else Kept.from_json(value)

    def _records(self, reader: Reader, failure_id: int) -> tuple[Record, ...]:
        return tuple(orjson.loads(reader.get(self._key(RECORDS, failure_id)) or b"[]"))

    def _put(self, tx: Tx, kept: Kept, records: bytes) -> None:
        tx.put(self._key(ENTRY, kept.id), kept.to_json())
        tx.put(self._key(RECORDS, kept.id), records)

    def _delete(self, tx: Tx, kept: Kept) -> None:
        prefix = self._place(kept.mapping_id, kept.shard_id)
        for record in self._records(tx, kept.id):
            tx.delete(prefix + sequence_number(record).encode())
        tx.delete(self._key(ENTRY, kept.id))
        tx.delete(self._key(RECORDS, kept.id))

    def _read_counts(self, reader: Reader) -> Counts:
        value = reader.get(self._space + COUNTS)
        return Counts() if value is None else Counts(**orjson.loads(value))

    def _write_counts(self, tx: Tx, counts: Counts) -> None:
        def committed() -> None:
            self._counts = counts

        tx.put(self._space + COUNTS, orjson.dumps(counts))
        tx.on_commit(committed)

    def _key(self, kind: bytes, failure_id: int) -> bytes:
        return self._space + kind + _number(failure_id)

    def _end(self, kind: bytes) -> bytes:
        return self._space + bytes([kind[0] + 1])

    def _place(self, mapping_id: str, shard_id: str) -> bytes:
        return self._space + PLACE + f"{mapping_id}/{shard_id}/".encode()


def _portions(failures: Iterable[Kept]) -> Iterator[list[int]]:
    """The numbers of failures, as many at a time as are thrown away together."""
    ids: list[int] = []
    records = 0
    for kept in failures:
        if ids and records + kept.records > RECORDS_AT_ONCE:
            yield ids
            ids, records = [], 0
        ids.append(kept.id)
        records += kept.records
    if ids:
        yield ids


def _number(failure_id: int) -> bytes:
    return failure_id.to_bytes(8, "big")
