"""`everwarm up`: runs a project, or the engine alone, until it is told to stop."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from everwarm.cli import logs
from everwarm.errors import EverwarmError
from everwarm.lambdas.mappings.settings import MappingSettings
from everwarm.stack import Stack

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def up(
    directory: Annotated[Path, typer.Argument(help="The project's directory, where its serverless.yml is.")] = Path(),
    data: Annotated[
        Path | None, typer.Option(help="Where data is kept; unless given, in .everwarm beside the serverless.yml.")
    ] = None,
    memory: Annotated[bool, typer.Option("--memory", help="Keep no data.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes any free port.")] = 8000,
    host: Annotated[str, typer.Option(help="The interface to listen on.")] = "127.0.0.1",
    stage: Annotated[str | None, typer.Option(help="The stage, for ${sls:stage}.")] = None,
    region: Annotated[str | None, typer.Option(help="The region in ARNs, in place of the file's.")] = None,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter, for ${param:NAME}. May be repeated.")
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log more, every call's START and END, say.")
    ] = False,
) -> None:
    """Run a project: its tables, streams, functions and triggers, on this machine.

    Data and positions are kept, so that a project started again goes on where it was. In a directory without a
    serverless.yml the engine runs alone. Changed handler code is picked up. Ctrl-C ends it.
    """
    if memory and data is not None:
        raise typer.BadParameter("--memory keeps no data, --data says where to keep it: give one of them")
    logs.set_up(verbose=verbose)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    stack = Stack(
        directory,
        data=data,
        memory=memory,
        host=host,
        port=port,
        stage=stage,
        region=region,
        params=_params(param or []),
        watch=True,
    )
    console = Console(soft_wrap=not Console().is_terminal)
    with stack:
        _show(console, stack, host)
        while not stopping.wait(0.5):
            if not stack.running:
                raise EverwarmError("the stack ended by itself; the log above says why")
        console.print("Stopping: calls in flight get a few seconds")


def _params(given: list[str]) -> dict[str, str]:
    params: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{one!r} is not of the form NAME=VALUE", param_hint="--param")
        params[name] = value
    return params


def _show(console: Console, stack: Stack, host: str) -> None:
    """What runs where."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    if stack.project is None:
        grid.add_row("Project", "none: there is no serverless.yml, so this is the engine alone")
    else:
        grid.add_row("Project", f"{stack.project.service}, stage {stack.project.stage}")
    grid.add_row("Endpoint", f"[green]{stack.endpoint}[/] (region {stack.region}, any credentials)")
    grid.add_row("Data", "in memory, gone when this ends" if stack.data is None else str(stack.data))
    for table in stack.tables:
        ttl = f"TTL on {table.time_to_live}" if table.time_to_live else "no TTL"
        grid.add_row("Table", f"{table.name} ({ttl})\n[dim]{table.arn}[/]")
        if table.stream_arn:
            grid.add_row("Stream", f"[dim]{table.stream_arn}[/]")
    for function in stack.functions:
        limits = f"{function.memory_mb} MB, {function.timeout_s:g} s"
        grid.add_row("Function", f"{function.name}: {function.handler} ({limits})")
    for mapping in stack.mappings:
        source = mapping.stream_arn.partition(":table/")[2].partition("/")[0]
        grid.add_row("Trigger", f"{source} -> {mapping.function_name} ({_settings(mapping.settings)})")
    warnings = [f"{notice.text} (line {notice.line})" for notice in stack.notices]
    warnings += [
        f"{mapping.function_name}: a record that fails is retried until it expires, 24 hours, and holds up those "
        "behind it; set maximumRetryAttempts"
        for mapping in stack.mappings
        if mapping.settings.maximum_retry_attempts == -1
    ]
    if host not in _LOOPBACK:
        warnings.append(f"{host} can be reached by others, and no credentials are checked")
    for warning in warnings:
        grid.add_row(Text("Warning", style="yellow"), Text(warning))
    console.print(grid)
    console.print("\nReady. Ctrl-C ends it.")


def _settings(settings: MappingSettings) -> str:
    retries = settings.maximum_retry_attempts
    parts = [f"batches of {settings.batch_size}", str(settings.starting_position)]
    if settings.batching_window_s:
        parts.append(f"window {settings.batching_window_s} s")
    parts.append("retries without end" if retries == -1 else f"{retries} retries")
    if settings.maximum_record_age_s != -1:
        parts.append(f"records up to {settings.maximum_record_age_s} s old")
    return ", ".join(parts) + ("" if settings.enabled else ", disabled")
