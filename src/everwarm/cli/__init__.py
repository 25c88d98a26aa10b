"""The command line: one file a command. Errors that a person can mend are printed as a sentence, with no traceback."""

import sys
from typing import Annotated

import typer

from everwarm.cli.demo import demo
from everwarm.cli.up import up
from everwarm.errors import EverwarmError
from everwarm.version import __version__

app = typer.Typer(
    name="everwarm",
    help=(
        "A cache that keeps itself warm: what expires is worked out again by your function, before the next reader "
        "asks.\n\nRuns a serverless.yml project (DynamoDB tables with TTL and streams, Lambda functions that they "
        "trigger) on this machine, on a durable engine that speaks DynamoDB's protocol to any AWS client."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(up)
app.command()(demo)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"everwarm {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = (
        False
    ),
) -> None:
    """What stands before the command."""


def main() -> None:
    """The entry point of `everwarm`."""
    try:
        app()
    except EverwarmError as err:
        typer.echo(f"everwarm: {err}", err=True)
        sys.exit(1)
