"""A page of a Query or a Scan: items one after the other, up to a number or 1 MB.

Items that are wanted whole leave as the bytes that lie on disk, and are neither parsed nor measured: JSON is always
longer than what AWS counts, so a page is only measured once its JSON has passed 1 MB.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from everwarm.dynamodb.storage.changes import Pair
from everwarm.dynamodb.tables.read import decode
from everwarm.dynamodb.values.sizes import item_size

MAX_PAGE_BYTES = 1024 * 1024
"""The item that reaches it is the page's last. Source: "Paginating table query results" in the developer guide."""

Show = Callable[[bytes], Any]
"""What the response shows of an item; None for one that a filter leaves out."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        shown: what the response shows.
        count: how many items passed the filter.
        scanned: how many were looked at.
        last: the last one of them, as JSON, where there may be more behind it.
        sizes: what was looked at, as bytes of JSON.
    """

    shown: list[Any]
    count: int
    scanned: int
    last: bytes | None
    looked_at: list[bytes]

    @property
    def size_bytes(self) -> int:
        """All that was looked at."""
        return sum([item_size(decode(item_json)) for item_json in self.looked_at])


def read_page(pairs: Iterator[Pair], limit: int | None, show: Show, *, count_only: bool = False) -> Page:
    """Read a page.

    Args:
        pairs: keys and items from disk, in order.
        limit: items to look at, at the most.
        show: gets the item's JSON.
        count_only: keep nothing of what is shown.
    """
    shown: list[Any] = []
    looked_at: list[bytes] = []
    count = 0
    # An upper bound until it reaches the limit, exact from then on.
    size_bytes, exact = 0, False
    for _, item_json in pairs:
        looked_at.append(item_json)
        part = show(item_json)
        if part is not None:
            count += 1
            if not count_only:
                shown.append(part)
        size_bytes += item_size(decode(item_json)) if exact else len(item_json)
        if size_bytes >= MAX_PAGE_BYTES and not exact:
            size_bytes, exact = sum([item_size(decode(one)) for one in looked_at]), True
        if len(looked_at) == limit or size_bytes >= MAX_PAGE_BYTES:
            return Page(shown, count, len(looked_at), item_json, looked_at)
    return Page(shown, count, len(looked_at), None, looked_at)
