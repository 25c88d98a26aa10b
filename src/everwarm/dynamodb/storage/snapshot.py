"""The store as it was at one moment."""

from collections.abc import Iterator

from rocksdict import Rdict

from everwarm.dynamodb.storage.changes import Pair


class Snapshot:
    """The store as it was at one moment, however much is written since. For one thread."""

    # One cursor serves all scans, so each reads ahead this far and finds its place again.
    PAGE = 128

    def __init__(self, db: Rdict) -> None:
        # An iterator keeps the view of the moment it was made. rocksdict's own snapshots do so for single keys only;
        # their iterators see later writes (0.3.29).
        self._cursor = db.iter()

    def get(self, key: bytes) -> bytes | None:
        for _, value in self._page(key, key + b"\x00", reverse=False):
            return value
        return None

    def scan(self, start: bytes, end: bytes, *, reverse: bool = False) -> Iterator[Pair]:
        while page := self._page(start, end, reverse):
            yield from page
            if len(page) < self.PAGE:
                return
            if reverse:
                end = page[-1][0]
            else:
                start = page[-1][0] + b"\x00"

    def _page(self, start: bytes, end: bytes, reverse: bool) -> list[Pair]:
        cursor = self._cursor
        if reverse:
            cursor.seek_for_prev(end)
            if cursor.valid() and cursor.key() >= end:
                cursor.prev()
        else:
            cursor.seek(start)
        page: list[Pair] = []
        while len(page) < self.PAGE and cursor.valid():
            key: bytes = cursor.key()
            if key < start if reverse else key >= end:
                break
            page.append((key, cursor.value()))
            (cursor.prev if reverse else cursor.next)()
        return page
