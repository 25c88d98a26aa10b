"""`everwarm up`: runs a project, or the engine alone, until it is told to stop. What it shows: `up_view.py`."""

from pathlib import Path
from typing import Annotated

import typer

from everwarm.cli import process
from everwarm.cli.options import (
    DataOption,
    DirectoryArgument,
    ParamOption,
    RegionOption,
    StageOption,
    read_params,
    understood,
)
from everwarm.durations import seconds
from everwarm.dynamodb.streams.settings import MAX_SHARDS, SHARD_AGE, StreamSettings
from everwarm.dynamodb.ttl.options import Delay
from everwarm.errors import EverwarmError


def up(
    directory: DirectoryArgument = Path(),
    data: DataOption = None,
    memory: Annotated[bool, typer.Option("--memory", help="Keep no data.")] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="PORT", help="Where to listen; 0 takes any free port.")
    ] = 8000,
    host: Annotated[str, typer.Option(metavar="HOST", help="The interface to listen on.")] = "127.0.0.1",
    stage: StageOption = None,
    region: RegionOption = None,
    param: ParamOption = None,
    credentials: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Let in only the keys of this file, which is like ~/.aws/credentials. Else any credentials will do.",
        ),
    ] = None,
    destinations_endpoint: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help=(
                "Where the queues, topics and buckets are that are told of failures: an emulator's URL, or 'aws' for "
                "AWS itself. Without it failures are kept; see 'everwarm failures'."
            ),
        ),
    ] = None,
    ttl_delay: Annotated[
        str,
        typer.Option(
            metavar="RANGE",
            help="Delete expired items late, by chance, as AWS does: 8m..28m, ..48h, or 8m for exactly that.",
        ),
    ] = "0",
    ttl_cool_down: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="Refuse a change of a table's TTL that comes sooner than this after the last, as AWS does: 1h.",
        ),
    ] = "0",
    stream_shards: Annotated[
        int,
        typer.Option(min=1, max=MAX_SHARDS, metavar="N", help="With how many shards new streams begin."),
    ] = 1,
    shard_age: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="Close a stream's shards at this age and continue them in others, as AWS does; off for never.",
        ),
    ] = SHARD_AGE,
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
    if not host:
        # An empty name would mean every interface; that is for a person to say plainly, with 0.0.0.0.
        raise typer.BadParameter("the name of an interface is missing", param_hint="--host")
    params = read_params(param)
    understood(Delay.parse, ttl_delay, "--ttl-delay")
    understood(seconds, ttl_cool_down, "--ttl-cool-down")
    understood(lambda age: StreamSettings.parse(stream_shards, age), shard_age, "--shard-age")

    from rich.console import Console

    from everwarm.cli import logs
    from everwarm.cli.stopping import Stopping
    from everwarm.cli.up_view import show
    from everwarm.stack import Stack

    logs.set_up(verbose=verbose)
    stopping = Stopping()
    stack = Stack(
        directory,
        data=data,
        memory=memory,
        host=host,
        port=port,
        stage=stage,
        region=region,
        params=params,
        watch=True,
        credentials=credentials,
        destinations_endpoint=destinations_endpoint,
        ttl_delay=ttl_delay,
        ttl_cool_down=ttl_cool_down,
        stream_shards=stream_shards,
        shard_age=shard_age,
    )
    console = Console(highlight=False)
    with stack:
        process.settle()
        show(console, stack, host)
        while not stopping.wait(0.5):
            if not stack.running:
                raise EverwarmError("the stack ended by itself; the log above says why")
        console.print("Stopping: calls in flight get a few seconds. Ctrl-C again ends it at once.", soft_wrap=True)
