"""`everwarm demo`: the project in examples/rates on the local stack, to look at. How it runs: `demo_run.py`."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    for_s: Annotated[
        float | None, typer.Option("--for", min=1, metavar="SECONDS", help="End by itself after so long.")
    ] = None,
    ttl_s: Annotated[int, typer.Option("--ttl", min=2, max=3600, metavar="SECONDS", help="An entry's life.")] = 10,
    delay_ms: Annotated[
        int,
        # The example's own code gives up on its source after 10 s.
        typer.Option("--delay-ms", min=0, max=5000, metavar="MS", help="The slow source's delay, which is simulated."),
    ] = 400,
    count: Annotated[
        int, typer.Option("--entries", min=1, max=20, metavar="COUNT", help="How many exchange rates to keep.")
    ] = 12,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Save the last picture as an SVG file.")] = None,
) -> None:
    """Watch a cache keep itself warm: entries expire, their function is called, and they are back.

    Runs examples/rates, a cache of exchange rates in front of a slow source, on a stack of its own with data that is
    gone afterwards. Ends with Ctrl-C, or after --for seconds. The exit status is 0 only if at least one entry expired
    and was refreshed, and nothing failed.
    """
    from everwarm.cli.demo_run import run

    succeeded = run(for_s=for_s, ttl_s=ttl_s, delay_s=delay_ms / 1000, count=count, svg=svg)
    raise typer.Exit(0 if succeeded else 1)
