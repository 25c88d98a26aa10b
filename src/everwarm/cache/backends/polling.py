"""Follows tables by polling their streams, in one thread for all of them.

Not here: following a table of this process's engine, which needs no stream (`local.py`).
"""

import threading
from collections.abc import Callable
from typing import Any

from everwarm.cache.backends.backend import Changed
from everwarm.errors import (
    EverwarmError,
    ExpiredIteratorException,
    NotFollowable,
    ResourceNotFoundException,
    TrimmedDataAccessException,
)
from everwarm.log import get_logger

Call = Callable[[str, dict[str, Any]], dict[str, Any]]

MOST_PAGES = 10
"""Pages of a shard that are read in a row, before others have their turn."""

ENDS_IN_S = 1.0
"""For how long the end of the thread is waited for."""

_log = get_logger(__name__)


class Followed:
    """One table that is followed by its stream.

    Attributes:
        over: nobody wants to know any more.
    """

    def __init__(self, call: Call, table_name: str, changed: Changed) -> None:
        """Go to the end of the stream: what is written from now on is told.

        Raises:
            NotFollowable: the table has no stream.
            ApiError, BackendError: as the backend's `call`.
        """
        self.over = False
        self._call = call
        self._table_name = table_name
        self._changed = changed
        self._stream_arn = ""
        self._key_name = ""
        self._iterators: dict[str, str] = {}
        self._known: set[str] = set()
        self._lost = self._unread = False
        self._begin()

    def poll(self) -> None:
        """Tell what has changed since the last time."""
        try:
            if self._lost:
                self._begin()
                self._lost = False
                self._tell(None)  # of what was written in between nobody knows
            for shard_id in list(self._iterators):
                self._read(shard_id)
            self._unread = False
        except (ExpiredIteratorException, TrimmedDataAccessException, ResourceNotFoundException, NotFollowable) as err:
            self._lose(err)
        except EverwarmError as err:
            # The place is kept. Meanwhile nobody knows what has changed.
            if not self._unread and not self.over:
                _log.warning("a followed stream cannot be read now", table=self._table_name, error=str(err))
            self._unread = True
            self._tell(None)

    def lose(self) -> None:
        """Begin anew at the next poll: too much may have happened."""
        self._lost = True

    def _lose(self, err: EverwarmError) -> None:
        if not self._lost:
            _log.warning(
                "the place in a stream is lost; it is looked for again", table=self._table_name, error=str(err)
            )
        self._lost = True
        self._tell(None)

    def _begin(self) -> None:
        table = self._call("DescribeTable", {"TableName": self._table_name})["Table"]
        if "StreamSpecification" not in table:
            raise NotFollowable(f"the table {self._table_name!r} has no stream, so its changes cannot be followed")
        self._stream_arn = table["LatestStreamArn"]
        self._key_name = next(part["AttributeName"] for part in table["KeySchema"] if part["KeyType"] == "HASH")
        shards = self._shards()
        self._known = {shard["ShardId"] for shard in shards}
        opened = [shard for shard in shards if "EndingSequenceNumber" not in shard.get("SequenceNumberRange", {})]
        self._iterators = {shard["ShardId"]: self._iterator(shard["ShardId"], "LATEST") for shard in opened}

    def _read(self, shard_id: str) -> None:
        for _ in range(MOST_PAGES):
            page = self._call("GetRecords", {"ShardIterator": self._iterators[shard_id]})
            for record in page["Records"]:
                value = record["dynamodb"]["Keys"][self._key_name]
                self._tell(next(iter(value.values())))
            following = page.get("NextShardIterator")
            if following is None:
                del self._iterators[shard_id]
                self._take_up_children()
                return
            self._iterators[shard_id] = following
            if not page["Records"]:
                return

    def _take_up_children(self) -> None:
        for shard in self._shards():
            shard_id = shard["ShardId"]
            if shard_id not in self._known:
                self._iterators[shard_id] = self._iterator(shard_id, "TRIM_HORIZON")
                self._known.add(shard_id)
        if not self._iterators:
            raise NotFollowable(f"the stream of the table {self._table_name!r} has ended")

    def _shards(self) -> list[dict[str, Any]]:
        shards: list[dict[str, Any]] = []
        request = {"StreamArn": self._stream_arn}
        while True:
            described = self._call("DescribeStream", request)["StreamDescription"]
            shards += described["Shards"]
            last_id = described.get("LastEvaluatedShardId")
            if last_id is None:
                return shards
            request = {"StreamArn": self._stream_arn, "ExclusiveStartShardId": last_id}

    def _iterator(self, shard_id: str, kind: str) -> str:
        request = {"StreamArn": self._stream_arn, "ShardId": shard_id, "ShardIteratorType": kind}
        iterator: str = self._call("GetShardIterator", request)["ShardIterator"]
        return iterator

    def _tell(self, key: str | None) -> None:
        if self.over:
            return
        try:
            self._changed(key)
        except Exception:
            _log.exception("one who follows a table failed", table=self._table_name)


class Poller:
    """The tables that are followed, and the thread that looks after them while there are any."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._followed: list[Followed] = []
        self._renew()

    def follow(self, table_name: str, changed: Changed, every_s: float) -> Callable[[], None]:
        """As `Backend.follow`.

        Args:
            every_s: how often to look, in real seconds; the first one who follows says it.
        """
        followed = Followed(self._call, table_name, changed)
        with self._lock:
            self._followed.append(followed)
            if self._thread is None:
                self._start(every_s)

        def unfollow() -> None:
            followed.over = True
            with self._lock:
                if followed in self._followed:
                    self._followed.remove(followed)

        return unfollow

    def forked(self) -> None:
        """In a process that a fork has made: the thread is not here, and what it knew is not to be relied on."""
        every_s = self._every_s
        was_running = self._thread is not None
        self._renew()
        for followed in self._followed:
            followed.lose()
        if was_running:
            self._start(every_s)

    def close(self) -> None:
        """End it. Idempotent."""
        self._over.set()
        for followed in self._followed:
            followed.over = True
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(ENDS_IN_S)  # it may be waiting for a server that does not answer

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._every_s = 0.0

    def _start(self, every_s: float) -> None:
        self._every_s = every_s
        self._thread = threading.Thread(target=self._run, name="everwarm-follow", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(self._every_s):
            for followed in list(self._followed):
                if self._over.is_set():
                    return
                try:
                    followed.poll()
                except Exception:
                    followed.lose()
                    _log.exception("following a table failed by a fault of everwarm's")
