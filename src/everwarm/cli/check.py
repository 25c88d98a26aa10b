"""`everwarm check`: says what AWS would do with a project that people regret. How it is shown: `check_view.py`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from everwarm.cli.options import DirectoryArgument, ParamOption, RegionOption, StageOption, read_params


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    SHORT = "short"
    JSON = "json"
    GITHUB = "github"


def check(
    directory: DirectoryArgument = Path(),
    strict: Annotated[bool, typer.Option("--strict", help="Fail for notices, too.")] = False,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Pass over findings of this code. May be repeated.")
    ] = None,
    form: Annotated[
        Format,
        typer.Option("--format", help="Sentences, one line for each finding, JSON, or annotations for GitHub Actions."),
    ] = Format.TEXT,
    stage: StageOption = None,
    region: RegionOption = None,
    param: ParamOption = None,
) -> None:
    """Say what AWS would do with a project that people regret, before anything runs.

    Retries without end, functions that are called by their own writes, filters that never match, items that never
    expire, rights that are missing. Each finding has its line, the reason, and what to write instead. A comment
    silences one: # everwarm: ignore[CODE] on its line, or alone above it.

    Exit status 0: nothing worse than a notice. 1: errors or warnings. 2: it was asked for in the wrong way.
    """
    params = read_params(param)

    from everwarm.cli import check_view
    from everwarm.errors import ProjectError
    from everwarm.serverless import find_project_file, load
    from everwarm.serverless.check import RULES, Finding, Weight, check, framework
    from everwarm.serverless.nodes import Place

    for code in ignore or []:
        if code not in RULES:
            raise typer.BadParameter(f"there is no rule {code}; docs/check.md lists them", param_hint="--ignore")
    file = find_project_file(directory)
    if file is None:
        raise typer.BadParameter(f"there is no serverless.yml in {directory}", param_hint="DIR")
    try:
        project = load(file, stage=stage, options={} if region is None else {"region": region}, params=params)
        found = [finding for finding in check(project) if finding.code not in (ignore or [])]
    except ProjectError as error:
        place = Place(error.path, error.line or 1, error.column or 1)
        found = [Finding(framework.INVALID, place, error.problem)]
    check_view.show(found, str(file), form)
    failing = list(Weight) if strict else [Weight.ERROR, Weight.WARNING]
    if any(finding.weight in failing for finding in found):
        raise typer.Exit(1)
