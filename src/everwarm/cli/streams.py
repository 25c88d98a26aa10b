"""`everwarm streams`: streams and their shards, split and replaced by hand. How they look: `streams_view.py`.

Not here: what is done (`everwarm.control.streams`), which stack is meant (`finding.py`).
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from everwarm.cli.finding import CredentialsOption, DataOption, EndpointOption, ProjectOption, found
from everwarm.cli.options import JsonOption

streams = typer.Typer(
    help=(
        "See the streams of tables, and have their shards split or replaced."
        "\n\nA stream's records lie in shards, by their keys. On AWS a shard ends after some hours, or when there is "
        "too much in it, and its children go on; whoever reads the stream has to follow. Here a shard ends after four "
        "hours (see 'everwarm up --shard-age'), or when you say so: a rehearsal for readers."
        "\n\nAll of it works whether or not 'everwarm up' is running."
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
    options_metavar="",
    subcommand_metavar="COMMAND",
)

StreamArgument = Annotated[
    str, typer.Argument(metavar="STREAM", help="A table, for the stream that it has or had last; or a stream's ARN.")
]
ShardOption = Annotated[
    str | None, typer.Option("--shard", metavar="ID", help="Which shard; unless given, all that are open.")
]


@streams.command("list", options_metavar="[OPTIONS]", short_help="List all streams.")
def list_streams(
    project: ProjectOption = Path(),
    data: DataOption = None,
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List all streams: those of tables, and for a day those that were switched off or lost their table."""
    from everwarm.cli.streams_view import show_list

    with found(project, data, endpoint, credentials) as stack:
        listed = stack.call("streams/list")["streams"]
    _json(listed) if as_json else show_list(listed)


@streams.command(options_metavar="[OPTIONS]", short_help="Show one stream, with its shards.")
def describe(
    stream: StreamArgument,
    project: ProjectOption = Path(),
    data: DataOption = None,
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one stream and its shards, parents before their children."""
    _call("streams/describe", (project, data, endpoint, credentials), as_json, stream=stream)


@streams.command(options_metavar="[OPTIONS]", short_help="Split shards in two.")
def split(
    stream: StreamArgument,
    shard: ShardOption = None,
    project: ProjectOption = Path(),
    data: DataOption = None,
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close shards and let two children go on for each, with half of its keys, as AWS does under load."""
    _call("streams/split", (project, data, endpoint, credentials), as_json, stream=stream, shard=shard)


@streams.command(options_metavar="[OPTIONS]", short_help="Replace shards by others.")
def rotate(
    stream: StreamArgument,
    shard: ShardOption = None,
    project: ProjectOption = Path(),
    data: DataOption = None,
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close shards and let one child go on for each, as AWS does after about four hours."""
    _call("streams/rotate", (project, data, endpoint, credentials), as_json, stream=stream, shard=shard)


def _call(
    operation: str,
    where: tuple[Path, Path | None, str | None, Path | None],
    as_json: bool,
    **parameters: str | None,
) -> None:
    from everwarm.cli.streams_view import show_one

    with found(*where) as stack:
        answer = stack.call(operation, **parameters)
    _json(answer) if as_json else show_one(answer["stream"], answer["shards"])


def _json(answer: Any) -> None:
    typer.echo(json.dumps(answer, indent=2))
