"""Before and after: how long the app's callers wait without the cache, and with it.

    python compare.py

Starts the slow source of examples/rates and the app, and calls it over one connection, one call after the other. **The
source's slowness is simulated**: it holds each answer back for 400 ms, unless `--delay-ms` says otherwise. So how much
faster the calls with the cache are is no more than this delay makes it. What there is to be seen: nobody waits for a
refresh, and nobody notices when the source is down.
"""

import argparse
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "rates"))

from source import Source  # noqa: E402 - beside, not installed

PAIR = "EUR/KRW"
OTHER_PAIRS = ("EUR/USD", "EUR/JPY", "EUR/GBP", "EUR/CHF", "EUR/CNY", "EUR/INR", "EUR/BRL", "EUR/SEK", "EUR/PLN")
START_S = 30.0
EVERY_S = 0.002
"""Between two calls: a caller like others, not a load test."""


class WatchedSource(Source):
    """The slow source, which knows whether it is being asked for the pair just now."""

    def __init__(self, port: int, delay_s: float) -> None:
        super().__init__(port, delay_s)
        self._asking: set[Any] = set()

    @property
    def asked(self) -> bool:
        return bool(self._asking)

    def finish_request(self, request: Any, client_address: Any) -> None:
        # What is asked for is read further in, where we are not; so look without taking.
        if PAIR.encode() in request.recv(100, socket.MSG_PEEK):
            self._asking.add(client_address)
        try:
            super().finish_request(request, client_address)
        finally:
            self._asking.discard(client_address)


class App:
    """A connection to the running app."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def call(self, path: str) -> tuple[float, int, str | None]:
        """How long it took in milliseconds, the status, and how the cache calls what it gave."""
        began = time.perf_counter()
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        answer.read()
        return (time.perf_counter() - began) * 1000, answer.status, answer.headers["X-Cache"]


@dataclass
class Figures:
    """Of the calls of one kind: what each took, in milliseconds, and how many were not answered with rates."""

    took_ms: list[float] = field(default_factory=list)
    failed: int = 0

    def add(self, took_ms: float, status: int) -> None:
        self.took_ms.append(took_ms)
        self.failed += status != 200

    def at(self, share: float) -> float:
        """A percentile."""
        ordered = sorted(self.took_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@contextmanager
def running_app(source_url: str, refresh: str) -> Iterator[App]:
    """The app in a process of its own, with its data in a directory that is gone afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="everwarm-fastapi-") as directory:
        data = str(Path(directory) / "data")
        environ = {**os.environ, "SOURCE_URL": source_url, "REFRESH": refresh, "DATA": data, "no_proxy": "127.0.0.1"}
        command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "warning"]
        # It has much to say of a source that is down.
        log = Path(directory) / "log"
        with log.open("w", encoding="utf-8") as file:
            process = subprocess.Popen(command, cwd=HERE, env=environ, stdout=file, stderr=subprocess.STDOUT)
        try:
            await_port(process, port, log)
            yield App(port)
        finally:
            process.terminate()
            process.wait(30)


def await_port(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Return when somebody listens there.

    Raises:
        RuntimeError: the process has ended, or takes too long; with what it said.
    """
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the app did not start:\n{log.read_text(encoding='utf-8')}")


def compare(source: WatchedSource, refresh: str, seconds: float, direct_calls: int) -> dict[str, Figures]:
    """Call the app in every way; what the calls of each kind took."""
    found: dict[str, Figures] = defaultdict(Figures)
    with running_app(source.url, refresh) as app:
        for _ in range(direct_calls):
            found["without the cache"].add(*app.call(f"/direct/{PAIR}")[:2])
        for pair in (PAIR, *OTHER_PAIRS):
            found["first call of a pair"].add(*app.call(f"/rates/{pair}")[:2])
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            before = source.asked
            took_ms, status, _ = app.call(f"/rates/{PAIR}")
            kind = "during a refresh" if before and source.asked else "later calls"
            found[kind].add(took_ms, status)
            time.sleep(EVERY_S)
        source.stop()
        found["source down, without the cache"].add(*app.call(f"/direct/{PAIR}")[:2])
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            took_ms, status, state = app.call(f"/rates/{PAIR}")
            found[f"source down, {state} value"].add(took_ms, status)
            time.sleep(EVERY_S)
    return dict(found)


def table(found: dict[str, Figures]) -> Table:
    """A row for each kind of call."""
    made = Table("", box=None, pad_edge=False)
    for title in ("calls", "failed", "p50 ms", "p99 ms", "max ms"):
        made.add_column(title, justify="right")
    for kind, figures in found.items():
        cells = (f"{figures.at(share):,.1f}" for share in (0.5, 0.99, 1.0))
        made.add_row(kind, f"{len(figures.took_ms):,}", f"{figures.failed:,}", *cells)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description="What the app's callers wait for, without the cache and with it.")
    parser.add_argument("--delay-ms", type=int, default=400, help="how slow the source is made (%(default)s)")
    parser.add_argument("--refresh", default="2s", help="how long an answer is fresh (%(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, help="of calls, source up and down (%(default)s each)")
    parser.add_argument("--direct", type=int, default=20, help="calls without the cache (%(default)s)")
    given = parser.parse_args()
    console = Console()
    source = WatchedSource(0, given.delay_ms / 1000)
    threading.Thread(target=source.serve_forever, args=(0.05,), daemon=True).start()
    found = compare(source, given.refresh, given.seconds, given.direct)
    console.print(
        f"One source, slowed down by {given.delay_ms} ms (simulated); an answer is fresh for {given.refresh}."
    )
    console.print(table(found))


if __name__ == "__main__":
    main()
