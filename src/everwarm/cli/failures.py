"""`everwarm failures`: batches of stream records that were given up, and are kept. How they look: `failures_view.py`.

Not here: what is done (`everwarm.control.failures`), which stack is meant (`finding.py`).
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from everwarm.cli.finding import CredentialsOption, DataOption, EndpointOption, ProjectOption, found
from everwarm.cli.options import JsonOption, understood
from everwarm.durations import seconds
from everwarm.errors import FailureNotFound

if TYPE_CHECKING:
    from everwarm.control.client import Stack

failures = typer.Typer(
    help=(
        "See, repeat or throw away batches that were given up."
        "\n\nWhen a function fails with records of a stream, it is called again with them, as often as its trigger "
        "says. Then they are given up, and the next ones have their turn. Records that were given up are kept here "
        "until you have them redriven (your function is called with them again) or purged (thrown away), unless the "
        "trigger has a destination of its own that could be told."
        "\n\n'list', 'show' and 'purge' work whether or not 'everwarm up' is running; 'redrive' needs it."
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
    options_metavar="",
    subcommand_metavar="COMMAND",
)

Ids = Annotated[
    list[int] | None, typer.Argument(metavar="[ID]...", min=1, help="Numbers of failures, as 'list' shows them.")
]


@failures.command("list", options_metavar="[OPTIONS]", short_help="List what was given up, the oldest first.")
def list_failures(
    project: ProjectOption = Path(),
    data: DataOption = None,
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the batches that were given up, the oldest first, and say why."""
    from everwarm.cli.failures_view import show_list

    with found(project, data, endpoint, credentials) as stack:
        kept = list(_all(stack))
        if as_json:
            typer.echo(json.dumps(kept, indent=2))
        else:
            show_list(kept, stack.call("failures/list", after=_last(kept))["counts"])


@failures.command(options_metavar="[OPTIONS]", short_help="Show one failure, with its records.")
def show(
    failure_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="The failure's number, as 'list' shows it.")],
    project: ProjectOption = Path(),
    data: DataOption = None,
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one failure: what was called, how often, what went wrong, and with which records.

    With --json, "record" is what AWS would send to an on-failure destination.
    """
    from everwarm.cli.failures_view import show_one

    with found(project, data, endpoint, credentials) as stack:
        answer = stack.call("failures/show", id=failure_id)
        if as_json:
            typer.echo(json.dumps(answer, indent=2))
        else:
            show_one(answer["failure"], answer["records"])


@failures.command(options_metavar="[OPTIONS]", short_help="Call the functions again with what was given up.")
def redrive(
    ids: Ids = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Redrive all failures, the oldest first.")] = False,
    project: ProjectOption = Path(),
    data: DataOption = None,
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Call the function once more with the records of a failure.

    What the function has done now is kept no longer; what fails again stays, and counts one more attempt. Ends with
    status 1 if anything failed again. 'everwarm up' has to be running.
    """
    _exactly_one(bool(ids), all_of_them, or_else="say which: the ID of a failure, or --all")
    from everwarm.cli.failures_view import show_redrive

    with found(project, data, endpoint, credentials) as stack:
        wanted = [kept["id"] for kept in _all(stack)] if all_of_them else ids or []
        results = _each(stack, wanted, skip_missing=all_of_them)
        if as_json:
            told = list(results)
            typer.echo(json.dumps(told, indent=2))
            left = any(result["left"] for result in told)
        else:
            left = show_redrive(results, len(wanted))
    if left:
        raise typer.Exit(1)


@failures.command(options_metavar="[OPTIONS]", short_help="Throw away what was given up.")
def purge(
    ids: Ids = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Throw away all failures.")] = False,
    older_than: Annotated[
        str | None, typer.Option(metavar="TIME", help="Throw away those given up longer ago than this: 12h, 7d.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    project: ProjectOption = Path(),
    data: DataOption = None,
    endpoint: EndpointOption = None,
    credentials: CredentialsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Throw failures away, with their records, for good. Asks before all of them go."""
    which = "say which: the ID of a failure, --older-than, or --all"
    _exactly_one(bool(ids), all_of_them, older_than is not None, or_else=which)
    older_than_s = None if older_than is None else understood(seconds, older_than, "--older-than")
    with found(project, data, endpoint, credentials) as stack:
        if ids:
            purged = sum(stack.call("failures/purge", id=failure_id)["purged"] for failure_id in ids)
        elif older_than_s is not None:
            purged = stack.call("failures/purge", older_than_s=older_than_s)["purged"]
        else:
            counts = stack.call("failures/list")["counts"]
            number = f"{counts['failures']:,}"
            if counts["failures"] and not yes:
                typer.confirm(f"Throw away all {number} failures, with {counts['records']:,} records?", abort=True)
            purged = stack.call("failures/purge", all=True)["purged"]
    if as_json:
        typer.echo(json.dumps({"purged": purged}))
    else:
        typer.echo(f"{purged:,} failure{'' if purged == 1 else 's'} thrown away.")


def _all(stack: "Stack") -> Iterator[dict[str, Any]]:
    """All failures, page by page."""
    after = 0
    while page := stack.call("failures/list", after=after)["failures"]:
        yield from page
        after = _last(page)


def _last(page: Sequence[dict[str, Any]]) -> int:
    return page[-1]["id"] if page else 0


def _each(stack: "Stack", ids: Sequence[int], *, skip_missing: bool) -> Iterator[dict[str, Any]]:
    """Redrive one after the other, in order: a key's older records come first."""
    for failure_id in ids:
        try:
            yield stack.call("failures/redrive", id=failure_id)
        except FailureNotFound:
            if not skip_missing:
                raise


def _exactly_one(*ways: bool, or_else: str) -> None:
    if sum(ways) != 1:
        raise typer.BadParameter(or_else)
