"""The entries of the cache: loaded from the slow source, put into the table.

An entry is an item: `content`, the pair and the key, as `EUR/KRW`; `rates`, a list of `date` and `rate`, newest first;
`ttl`, the epoch second when it expires.

Not here: when that is done (`main.py` after an expiry, `seed.py` the first time), and the source itself (`source.py`).
"""

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import quote
from urllib.request import urlopen

# A batch of 100 takes 10 rounds: about 4 s at the source's 400 ms, and even at the timeout below less than the
# function's 180 s.
LOADERS = 10
SOURCE_TIMEOUT_S = 10.0


class Table(Protocol):
    """The one thing wanted of a boto3 Table. (Also the type: boto3 comes without any.)"""

    def put_item(self, *, Item: Mapping[str, Any]) -> Any: ...  # noqa: N803 - boto3's spelling


class NotLoaded(Exception):
    """The source had no answer for some entries; the others are in the table."""


def load(source_url: str, content: str) -> list[dict[str, Any]]:
    """Ask the source for the rates of one pair, which takes it its time.

    Raises:
        OSError: no answer, or an answer other than 200; `urllib.error.URLError` and `HTTPError` are such.
    """
    url = f"{source_url}/rates/{quote(content)}"
    with urlopen(url, timeout=SOURCE_TIMEOUT_S) as answer:  # noqa: S310 - the address is the deployer's own
        # boto3 takes numbers as Decimal only: a float would not come back as it went in.
        rates: list[dict[str, Any]] = json.load(answer, parse_float=Decimal)["rates"]
    return rates


def fill(table: Table, source_url: str, lifetimes_s: Mapping[str, int]) -> None:
    """Load entries, several at a time, and put each as soon as it is there.

    A put replaces the entry if it is there already. Streams deliver at least once, so that can happen; the rates
    were loaded a moment ago, so it does no harm.

    Args:
        table: a boto3 Table, or what has its `put_item`.
        lifetimes_s: for each content the whole seconds from its put to its expiry.

    Raises:
        NotLoaded: after all the others have been put.
    """
    failures = []
    with ThreadPoolExecutor(LOADERS) as pool:
        loads = {pool.submit(load, source_url, content): content for content in lifetimes_s}
        for done in as_completed(loads):
            content = loads[done]
            if error := done.exception():
                failures.append(f"{content} ({error})")
                continue
            # Only this thread puts: a boto3 Table is not to be shared by threads.
            ttl = int(time.time()) + lifetimes_s[content]
            table.put_item(Item={"content": content, "rates": done.result(), "ttl": ttl})
    if failures:
        raise NotLoaded(f"{len(failures)} of {len(loads)} not loaded: {', '.join(sorted(failures))}")
