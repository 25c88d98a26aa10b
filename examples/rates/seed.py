"""The first entries: what is in the table before anything has expired.

`python seed.py` on a table that exists, here or on AWS; or `seed(...)` from Python.
"""

import argparse
import os
from collections.abc import Sequence

import boto3
from entries import Table, fill

PAIRS = (
    "EUR/USD",
    "EUR/JPY",
    "EUR/GBP",
    "EUR/CHF",
    "EUR/KRW",
    "EUR/CNY",
    "EUR/INR",
    "EUR/BRL",
    "EUR/SEK",
    "EUR/PLN",
    "USD/JPY",
    "USD/CAD",
    "USD/MXN",
    "USD/KRW",
    "USD/SGD",
    "GBP/USD",
    "GBP/JPY",
    "AUD/USD",
    "NZD/USD",
    "CHF/JPY",
)


def seed(table: Table, pairs: Sequence[str], source_url: str, ttl_s: int) -> None:
    """Load the pairs and put them, with expiries spread evenly over the next `ttl_s` seconds.

    Put with the same lifetime they would expire in the same second, and again so after every refresh.

    Args:
        table: a boto3 Table.
        pairs: such as `EUR/KRW`.
        source_url: where `source.py` answers.
        ttl_s: the lifetime that the function gives to what it refreshes; the first one is shorter for most.

    Raises:
        entries.NotLoaded: the source did not know some of the pairs; the others have been put.
    """
    fill(table, source_url, {pair: 1 + ttl_s * n // len(pairs) for n, pair in enumerate(pairs)})


def main() -> None:
    env = os.environ.get
    parser = argparse.ArgumentParser(description="Put the first entries into the table of rates.")
    parser.add_argument("pairs", nargs="*", default=PAIRS, help="such as EUR/KRW; a list of 20 unless given")
    parser.add_argument("--table", default=env("TABLE_NAME", "everwarm-rates-dev"), help="%(default)s")
    parser.add_argument("--endpoint", default=env("AWS_ENDPOINT_URL"), help="AWS itself unless given: %(default)s")
    parser.add_argument("--source-url", default=env("SOURCE_URL", "http://127.0.0.1:8090"), help="%(default)s")
    parser.add_argument("--ttl-s", type=int, default=int(env("TTL_SECONDS", "20")), help="%(default)s")
    args = parser.parse_args()
    table = boto3.resource("dynamodb", endpoint_url=args.endpoint).Table(args.table)
    seed(table, args.pairs, args.source_url, args.ttl_s)
    print(f"{len(args.pairs)} entries are in {args.table}; they expire one after the other within {args.ttl_s} s")


if __name__ == "__main__":
    main()
