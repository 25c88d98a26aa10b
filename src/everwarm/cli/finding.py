"""How a command is told which stack it is for: options that several commands have, and the stack that they name."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from everwarm.control.client import Stack

ProjectOption = Annotated[
    Path,
    typer.Option("--project", metavar="DIR", help="The project's directory; unless given, the one you are in."),
]
DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Where data is kept, if 'everwarm up' was told so with --data."),
]
EndpointOption = Annotated[
    str | None,
    typer.Option("--endpoint", metavar="URL", help="A stack that runs elsewhere, or with --memory: its endpoint."),
]
CredentialsOption = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        metavar="FILE",
        help="With --endpoint: a file like ~/.aws/credentials, with a key that the stack knows.",
    ),
]


@contextlib.contextmanager
def found(project: Path, data: Path | None, endpoint: str | None, credentials: Path | None) -> "Iterator[Stack]":
    """The stack that a person means.

    Raises:
        NotRunning: there is none, and no data either.
    """
    if endpoint is not None and data is not None:
        raise typer.BadParameter("--data and --endpoint both say where: give one of them")
    if credentials is not None and endpoint is None:
        raise typer.BadParameter("--credentials are for --endpoint; for a project of this machine none are needed")

    from everwarm.control.client import at, at_endpoint
    from everwarm.whereabouts import DATA_DIRECTORY

    if endpoint is not None:
        yield at_endpoint(endpoint, credentials)
        return
    with at(data or project / DATA_DIRECTORY) as stack:
        yield stack
