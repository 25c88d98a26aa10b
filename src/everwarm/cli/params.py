"""`--param NAME=VALUE`, as commands that read a project take it."""

import typer


def read_params(given: list[str]) -> dict[str, str]:
    """The parameters by their names.

    Raises:
        BadParameter: one that is not of the form NAME=VALUE.
    """
    params: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{one!r} is not of the form NAME=VALUE", param_hint="--param")
        params[name] = value
    return params
