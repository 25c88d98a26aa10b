"""What expirations call: an event of stream records in, refreshes, and the records that failed out.

The rule: the REMOVE of a timer whose generation is that of the value, whoever deleted it. All else is passed over: the
cache's own writes, timers that come twice or late, values that were invalidated. So nothing calls itself, and what is
delivered again does nothing again.

All records of an event are worked on, several at a time, whatever becomes of one. Source of the answer's form:
"Configuring partial batch response with DynamoDB and Lambda" in the Lambda developer guide.

Not here: how a key is loaded (`refresh.py`), who delivers the records (`lambdas/mappings`, or Lambda).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from everwarm.cache.backends.backend import CLOSED
from everwarm.cache.core import Core
from everwarm.cache.entry import NotFound
from everwarm.cache.events import Events
from everwarm.cache.items import Stored, Timer, number_of, stored_of
from everwarm.cache.loads import Source
from everwarm.cache.names import Names
from everwarm.cache.refresh import Held, LoadFailed, Passed
from everwarm.clock import Clock
from everwarm.errors import BackendError, NoLoader
from everwarm.log import get_logger

_log = get_logger(__name__)

SERVICE = "dynamodb.amazonaws.com"
"""Who deletes what has expired."""

PRECISION_S = 1.0
"""The moment of a deletion is told in whole seconds."""

SourceOf = Callable[[Stored], Source]
"""What an entry is loaded with.

Raises:
    NoLoader: nobody knows.
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that has run out.

    Attributes:
        number: the record's sequence number.
        key: that of the value.
        generation: the timer's; None where the stream does not show what was deleted.
        read_at: when the value was last read, as far as that was noted.
        deleted: in the form with a gap, the entry itself.
        expired: it was deleted because its time had come, or may have been.
    """

    number: str
    key: str
    generation: int | None
    read_at: float | None = None
    deleted: Stored | None = None
    expired: bool = True


class Expirations:
    """Refreshes what has expired."""

    def __init__(self, core: Core, source_of: SourceOf, clock: Clock, events: Events, *, gap: bool) -> None:
        self._core = core
        self._source_of = source_of
        self._clock = clock
        self._events = events
        self._gap = gap
        self._names = core.table.names

    def handle(self, event: dict[str, Any]) -> dict[str, Any]:
        """Refresh what an event's records say.

        Returns:
            `batchItemFailures`: the sequence numbers of the records that could not be worked on, for good.

        Raises:
            BackendError: the cache is being closed, and something is left for the next start.
        """
        due: list[Due] = []
        failed: list[str] = []
        for record in event["Records"]:
            try:
                one = due_of(record, self._names, gap=self._gap)
            except Exception as error:
                _log.exception("a record cannot be understood", error=str(error))
                failed.append(record["dynamodb"]["SequenceNumber"])
            else:
                if one is not None:
                    due.append(one)
        outcomes = self._core.several(self._try, due)
        if self._core.is_closing() and not all(outcomes):
            raise BackendError(CLOSED)
        failed += [one.number for one, done in zip(due, outcomes, strict=True) if not done]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}

    def _try(self, due: Due) -> bool:
        try:
            while not self._refreshed(due):
                pass
        except Exception as error:
            if self._core.is_closing():  # it is delivered again after the next start
                _log.debug("an entry is left for the next start", key=due.key)
                return False
            _log.exception("an entry cannot be refreshed", key=due.key, error=str(error))
            return False
        return True

    def _refreshed(self, due: Due) -> bool:
        """Refresh an entry, if it is to be; False if another load of it was under way: then look at it anew."""
        if self._core.is_closing():
            raise BackendError(CLOSED)
        now, table = self._clock.now(), self._core.table
        stored = table.read(due.key)
        known = due.deleted if self._gap else stored
        fits = _fits_gap(due, stored) if self._gap else _fits(due, stored, now)
        if not fits or known is None:
            if stored is not None and due.generation is None and not self._gap:
                self._keep_timed(stored)
            self._events.skipped(due.key, reason="there is no value of this timer's generation")
            return True
        if stored is not None and _is_put_off(stored, now) and table.has_timer(due.key, stored.generation or 0):
            self._events.skipped(due.key, reason="the next try is planned already")
            return True
        try:
            source = self._source_of(known)
        except NoLoader:
            if not self._gap or known.call is not None:
                raise
            self._events.skipped(due.key, reason="it was set by hand, and there is nothing to load it with")
            return True
        if source.loader.policy.lets_go(due.read_at, known.loaded_at, known.fresh_until, now):
            self._events.let_go(due.key)
            return True
        try:
            return self._core.loads.refresh_now(due.key, source, stored, due.read_at)
        except NotFound:
            pass  # it is noted, or deleted
        except Passed:
            self._events.skipped(due.key, reason="another was quicker")
        except Held as held:
            # Somebody loads it just now, and writes the next timer; unless he dies of it. Look again then.
            if known.generation is not None:
                timer = Timer(key=due.key, generation=known.generation, due=held.until, read_at=due.read_at)
                table.set_timer(timer)
        except LoadFailed as failed:
            if not failed.put_off:
                raise failed.error from failed.error.__cause__
        return True

    def _keep_timed(self, stored: Stored) -> None:
        """A stream that shows keys only has told of a timer before its time: if it was this value's, set it again."""
        if stored.absent or stored.generation is None or self._core.table.has_timer(stored.key, stored.generation):
            return
        with suppress(NoLoader):
            if self._source_of(stored).loader.policy.sets_timers:
                timer = Timer(key=stored.key, generation=stored.generation, due=stored.fresh_until)
                self._core.table.set_timer(timer)


def _fits(due: Due, stored: Stored | None, now: float) -> bool:
    """Whether this timer's time is that of the value."""
    if stored is None:
        return False
    if due.generation is None:  # a stream that shows keys only
        return stored.fresh_until <= now
    return stored.generation == due.generation


def _is_put_off(stored: Stored, now: float) -> bool:
    """Whether a try has failed, and the next one is later. This one's timer has come twice, then, or late."""
    return stored.retry_at is not None and now < stored.retry_at


def _fits_gap(due: Due, stored: Stored | None) -> bool:
    """Whether an entry has expired, rather than been deleted by somebody, and is not back yet."""
    return stored is None and due.deleted is not None and due.expired


def due_of(record: dict[str, Any], names: Names, *, gap: bool) -> Due | None:
    """The timer whose deletion a stream record tells of; None if it tells of something else.

    Raises:
        Exception: it is not of the form of a record.
    """
    if record["eventName"] != "REMOVE":
        return None
    body = record["dynamodb"]
    place = body["Keys"].get(names.key, {}).get("S")
    if place is None:
        return None
    if not gap:
        key = names.of_timer(place)
        if not key:
            return None
        image = body.get("OldImage", {})
        generation, read_at = number_of(image, names.generation), number_of(image, names.read_at)
        return Due(body["SequenceNumber"], key, None if generation is None else int(generation), read_at)
    if not place or place.startswith((names.timer_prefix, names.lease_prefix)):
        return None
    deleted = stored_of(names, {**body["Keys"], **body.get("OldImage", {})})
    return Due(body["SequenceNumber"], place, None, None, deleted, _has_expired(record, deleted.ttl))


def _has_expired(record: dict[str, Any], ttl: float | None) -> bool:
    """Whether an item was deleted by Time to Live, or could have been; a record may come long after its deletion."""
    if record.get("userIdentity", {}).get("principalId") == SERVICE:
        return True
    deleted_at = record["dynamodb"].get("ApproximateCreationDateTime")
    return ttl is None or deleted_at is None or ttl < float(deleted_at) + PRECISION_S
