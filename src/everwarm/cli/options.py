"""Options that several commands have, and how what is written behind them is understood.

Not here: those that say which stack a command is for (`finding.py`), or which cache's table (`cache.py`).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from everwarm.errors import SettingError

T = TypeVar("T")


def _no_file(directory: Path) -> Path:
    if directory.is_file():
        raise typer.BadParameter(f"{directory} is a file; give the directory that it is in", param_hint="DIR")
    return directory


DirectoryArgument = Annotated[
    Path,
    typer.Argument(metavar="DIR", help="The project's directory, where its serverless.yml is.", callback=_no_file),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="Where data is kept; unless given, in .everwarm beside the serverless.yml."
    ),
]
StageOption = Annotated[str | None, typer.Option("--stage", metavar="NAME", help="The stage, for ${sls:stage}.")]
RegionOption = Annotated[
    str | None, typer.Option("--region", metavar="NAME", help="The region in ARNs, in place of the file's.")
]
ParamOption = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="A parameter, for ${param:NAME}. May be repeated."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def understood(parse: Callable[[str], T], given: str, option: str) -> T:
    """What somebody has written behind an option, parsed.

    Raises:
        BadParameter: `parse` refuses it.
    """
    try:
        return parse(given)
    except SettingError as err:
        raise typer.BadParameter(str(err), param_hint=option) from None


def read_params(given: list[str] | None) -> dict[str, str]:
    """What `--param NAME=VALUE` says, by the names.

    Raises:
        BadParameter: one that is not of that form.
    """
    params: dict[str, str] = {}
    for one in given or ():
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{one!r} is not of the form NAME=VALUE", param_hint="--param")
        params[name] = value
    return params
