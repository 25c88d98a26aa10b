"""`.env` files: variables for `${env:}`, where the file says `useDotenv: true`, and always for version 4.

`.env.<stage>` is read if there is one, else `.env`. What the environment has already counts first. Functions do not
get these variables by themselves; they are for the project file.

Source: "Environment variables" (dotenv), Serverless Framework documentation; the syntax is that of the packages dotenv
and dotenv-expand, which the framework uses.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from everwarm.serverless.included_files import read_text

_QUOTED = r"""'(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`"""
_LINE = re.compile(
    rf"^[^\S\n]*(?:export\s+)?(?P<name>[\w.-]+)(?:[^\S\n]*=|:[^\S\n])"
    rf"[^\S\n]*(?P<value>{_QUOTED}|[^#\n]*)[^\S\n]*(?:#.*)?$",
    re.MULTILINE,
)
_REFERENCE = re.compile(r"(?P<escaped>\\)?\$(?:\{(?P<braced>\w+)(?::?-(?P<default>[^}]*))?\}|(?P<plain>\w+))")


def load(directory: Path, stage: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, with what a project's `.env` file adds to it.

    Args:
        directory: the project's.
        environ: the environment as it is.

    Raises:
        ProjectError: a file that cannot be read.
    """
    for name in (f".env.{stage}", ".env"):
        if (path := directory / name).is_file():
            return {**parse(read_text(path), environ), **environ}
    return dict(environ)


def parse(text: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of a `.env` file's text.

    Args:
        environ: what `$NAME` stands for, too, and before a variable of the file.
    """
    written = {line["name"]: _unquoted(line["value"].strip()) for line in _LINE.finditer(text.replace("\r\n", "\n"))}
    found: dict[str, str] = {}
    for name, value in written.items():
        found[name] = _expanded(value, {**found, **environ})
    return found


def _unquoted(value: str) -> str:
    quote = value[:1]
    if len(value) < 2 or quote not in ("'", '"', "`") or value[-1] != quote:
        return value
    inner = value[1:-1]
    return inner.replace("\\n", "\n").replace("\\r", "\r") if quote == '"' else inner


def _expanded(value: str, known: Mapping[str, str]) -> str:
    def one(found: re.Match[str]) -> str:
        if found["escaped"]:
            return found[0][1:]
        return known.get(found["braced"] or found["plain"]) or found["default"] or ""

    return _REFERENCE.sub(one, value)
