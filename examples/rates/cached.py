"""The same with everwarm's cache library: a function whose results are cached, and the handler that refreshes them.

`history("EUR/KRW")` is a read from the second call on. An entry's timer expires every `TTL_SECONDS`; that calls
`handler`, which asks the source again. The entry itself stays readable all the while, and for a day if the source is
down.

`python cached.py EUR/KRW` reads entries from a shell, and loads those that are missing.
"""

import argparse
import os
from typing import Any
from urllib.error import HTTPError

from entries import load

from everwarm import Cache, NotFound

SOURCE_URL = os.environ.get("SOURCE_URL", "http://127.0.0.1:8090")

# Within Lambda, and in a worker of `everwarm up`, it uses the table that boto3 finds there; elsewhere EVERWARM_ENDPOINT
# says where it is, or the table is in a directory of its own.
rates = Cache(
    "rates",
    table=os.environ.get("CACHE_TABLE_NAME", "everwarm-rates-cache-dev"),
    refresh=f"{os.environ.get('TTL_SECONDS', '20')}s",
    keep="1d",
    negative="1h",
)


@rates.cached
def history(pair: str) -> list[dict[str, Any]]:
    """The rates of a pair on the last 30 days, newest first.

    Raises:
        NotFound: the source has no such pair; it is not asked again for an hour.
    """
    try:
        return load(SOURCE_URL, pair)
    except HTTPError as error:
        with error:
            if error.code == 404:
                raise NotFound(pair) from error
            raise


handler = rates.handler


def main() -> None:
    parser = argparse.ArgumentParser(description="Rates from the cache, loaded where they are missing.")
    parser.add_argument("pairs", nargs="+", metavar="PAIR", help="such as EUR/KRW")
    for pair in parser.parse_args().pairs:
        entry = history.entry(pair)
        newest = entry.value[0]
        print(f"{pair}  {newest['rate']} on {newest['date']}, loaded {entry.age_s:.1f} s ago, {entry.state}")
    rates.close()


if __name__ == "__main__":
    main()
