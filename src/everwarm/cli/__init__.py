"""The command line: one file a command. Errors that a person can mend are printed as a sentence, with no traceback.

A command imports what is heavy (the engine, boto3) when it runs, so that `--help` and a mistyped flag answer at once.
"""

import sys
from typing import Annotated

import typer

from everwarm.cli.cache import cache
from everwarm.cli.check import check
from everwarm.cli.demo import demo
from everwarm.cli.failures import failures
from everwarm.cli.function_logs import function_logs
from everwarm.cli.streams import streams
from everwarm.cli.up import up
from everwarm.errors import EverwarmError
from everwarm.version import __version__

app = typer.Typer(
    name="everwarm",
    help=(
        "A cache that keeps itself warm: the moment an entry expires, your function is called and writes it again."
        "\n\nRuns a serverless.yml project (DynamoDB tables with TTL and streams, Lambda functions that they "
        "trigger) on this machine, on a durable engine that speaks DynamoDB's protocol to any AWS client."
    ),
    epilog=(
        "'everwarm COMMAND --help' tells more. To begin with: 'everwarm demo'; in a program of yours, 'from everwarm "
        "import Cache' (docs/cache.md)."
    ),
    options_metavar="",
    subcommand_metavar="COMMAND",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain text fits every width, and stays text in a pipe.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(options_metavar="[OPTIONS]", short_help="Run a project on this machine.")(up)
app.command(options_metavar="[OPTIONS]", short_help="Say what AWS would do with it that people regret.")(check)
app.command("logs", options_metavar="[OPTIONS]", short_help="Show what a function has printed.")(function_logs)
app.add_typer(cache, name="cache", short_help="See a cache's entries, refresh or forget them.")
app.add_typer(failures, name="failures", short_help="See, repeat or throw away batches that were given up.")
app.add_typer(streams, name="streams", short_help="See streams, split and replace their shards.")
app.command(options_metavar="[OPTIONS]", short_help="Watch a cache keep itself warm.")(demo)


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
    """The entry point of `everwarm`. Exit status 1: it could not be done; 2: it was asked for in the wrong way."""
    try:
        app()
    except EverwarmError as err:
        _fail(str(err))
    except OSError as err:
        # One that names a file is about the person's files: a read-only directory, a full disk. Another is a bug.
        if err.filename is None:
            raise
        _fail(f"{err.filename}: {err.strerror}")


def _fail(sentence: str) -> None:
    typer.echo(f"everwarm: {sentence}", err=True)
    sys.exit(1)
