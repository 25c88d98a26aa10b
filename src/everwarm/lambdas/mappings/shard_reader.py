"""Reads one shard, page after page, and finds its place again when an iterator is lost.

Not here: what becomes of the records (`gatherer.py`), and other errors of the client (`patience.py`).
"""

import asyncio

from everwarm.client import Client
from everwarm.errors import (
    ExpiredIteratorException,
    ResourceNotFoundException,
    TrimmedDataAccessException,
    ValidationException,
)
from everwarm.log import get_logger
from everwarm.stream_record import StreamRecord

# GetRecords gives at most 1,000 records or 1 MB.
MAX_PAGE = 1000

_log = get_logger(__name__)


class ShardReader:
    """A place in a shard that moves forward.

    Attributes:
        after: the sequence number of the last record read; None stands before the oldest record.
        gone: the shard, or its stream, does not exist any more.
        ended: there is nothing more to read, for ever: the shard is closed and read to its end, or gone.
    """

    def __init__(self, client: Client, stream_arn: str, shard_id: str, after: str | None) -> None:
        """Read what comes after a sequence number; None reads from the oldest record on."""
        self.after = after
        self.gone = False
        self.ended = False
        self._client = client
        self._stream_arn = stream_arn
        self._shard_id = shard_id
        self._iterator: str | None = None
        self._mark = 0

    @property
    def stale(self) -> bool:
        """Whether something may have been written since the last `read`."""
        return not self.ended and self._client.stream_mark(self._stream_arn, self._shard_id) != self._mark

    async def read(self, limit: int) -> list[StreamRecord]:
        """The next records, none if there are none now.

        Args:
            limit: how many at the most, from 1 to 1,000.

        Raises:
            ApiError: the client's; the place is kept, so that the next call goes on from there.
        """
        if self.ended:
            return []
        try:
            try:
                return await self._page(limit)
            except ExpiredIteratorException:
                pass  # an iterator lives for 15 minutes; a quiet stream is not read for longer
            except (TrimmedDataAccessException, ValidationException) as error:
                # Trimmed, or a number that is none of this shard's, which no waiting would change.
                _log.warning(
                    "the place in the stream is no more; reading on with the oldest record",
                    error=str(error),
                    stream_arn=self._stream_arn,
                    shard_id=self._shard_id,
                    after=self.after,
                )
                self.after = None
            return await self._page(limit)
        except ResourceNotFoundException:
            self.gone = self.ended = True
            return []

    async def changed(self) -> None:
        """Return once there may be more than the last `read` found."""
        try:
            await self._client.stream_changed(self._stream_arn, self._shard_id, self._mark)
        except ResourceNotFoundException:
            self.gone = self.ended = True

    async def skip_to_latest(self, now: float) -> None:
        """Go behind the newest record, and know its sequence number: `after` is then a place to remember.

        The iterator that LATEST gives would do to read on, but it dies with this process or after 15 quiet minutes,
        and has no number to be found again by. Where the client cannot tell one, the shard is read through once, up to
        what was written later than `now`, in epoch seconds.
        """
        self._iterator = last = None
        self.after = self._client.stream_end(self._stream_arn)
        if self.after is not None:
            return
        try:
            latest = await self._seek("LATEST")
        except ResourceNotFoundException:
            self.gone = self.ended = True
            return
        while page := await self.read(MAX_PAGE):
            before = [record for record in page if record.created_s <= now]
            last = before[-1].number if before else last
            if len(before) < len(page):
                break
            await asyncio.sleep(0)  # a client of this process need not give way by itself
        self.after = last
        self._iterator = latest
        self.ended = self.gone

    async def _page(self, limit: int) -> list[StreamRecord]:
        if self._iterator is None:
            self._iterator = await self._seek()
        # Taken first: what is written between this line and the answer must not be slept through.
        self._mark = self._client.stream_mark(self._stream_arn, self._shard_id)
        iterator, self._iterator = self._iterator, None
        # While it is unanswered we have no iterator: after an error the place is found by its number.
        page = await self._client.stream_records(self._stream_arn, iterator, limit)
        if page.records:
            self.after = page.records[-1].number
        self._iterator = page.next_iterator
        self.ended = self._iterator is None
        return page.records

    async def _seek(self, kind: str | None = None) -> str:
        request = {"StreamArn": self._stream_arn, "ShardId": self._shard_id}
        if kind is not None:
            request["ShardIteratorType"] = kind
        elif self.after is None:
            request["ShardIteratorType"] = "TRIM_HORIZON"
        else:
            request |= {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self.after}
        iterator: str = (await self._client.call("GetShardIterator", request))["ShardIterator"]
        return iterator
