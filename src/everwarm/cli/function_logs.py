"""`everwarm logs`: what a function has printed, from the files in the data directory, whether or not a stack runs.

Not here: how everwarm's own log lines look (`logs.py`), the files (`everwarm.lambdas.logs`).
"""

import contextlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from everwarm.cli.options import DataOption, DirectoryArgument
from everwarm.durations import seconds
from everwarm.errors import EverwarmError, SettingError

if TYPE_CHECKING:
    from everwarm.lambdas.logs.entry import Entry

POLL_S = 0.2
"""Between two looks at the files, with `--follow`."""

# What Python's and Node's runtimes, and Lambda itself, write about a call that went wrong.
_ERROR = re.compile(
    r"^NOT STARTED: |\[ERROR\]|\[CRITICAL\]|\tERROR\t|\tFATAL\t|\tStatus: (?:error|timeout)"
    r"|Task timed out after |Error: Runtime exited|Function\.ResponseSizeTooLarge"
)

# A call whose end is not seen must not be kept for ever.
MOST_LINES_OF_A_CALL = 20_000


def function_logs(
    function: Annotated[
        str, typer.Argument(metavar="FUNCTION", help="Its name, or the last part: 'refresh' for 'rates-dev-refresh'.")
    ],
    directory: DirectoryArgument = Path(),
    data: DataOption = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only what is younger: 30s, 10m, 2h, 1d, or 2026-08-24T12:00.")
    ] = None,
    request: Annotated[
        str | None, typer.Option(metavar="ID", help="Only the call of this request id; its first characters will do.")
    ] = None,
    errors: Annotated[bool, typer.Option("--errors", help="Only calls in which something went wrong.")] = False,
) -> None:
    """Show what a function has printed, with Lambda's START, END and REPORT of each call.

    Reads the files in the data directory, so it works while 'everwarm up' runs and when it does not.
    """
    from everwarm.clock import SystemClock
    from everwarm.lambdas.logs.entry import LOG_DIRECTORY, functions_in
    from everwarm.whereabouts import DATA_DIRECTORY

    since_s = None if since is None else _moment(since, SystemClock().now())
    log_directory = (data or directory / DATA_DIRECTORY) / LOG_DIRECTORY
    name = _resolve(function, functions_in(log_directory), log_directory)
    for entry in _wanted(_entries(log_directory, name, follow), since_s, request, errors):
        _show(entry)


def _entries(directory: Path, name: str, follow: bool) -> "Iterator[Entry]":
    from everwarm.lambdas.logs.reader import LogReader

    reader = LogReader(directory, name)
    stopping = None
    if follow:
        from everwarm.cli.stopping import Stopping

        stopping = Stopping()
    try:
        yield from reader.read()
        while stopping is not None and not stopping.wait(POLL_S):
            yield from reader.read()
    finally:
        reader.close()


def _wanted(entries: "Iterable[Entry]", since_s: float | None, request: str | None, errors: bool) -> "Iterator[Entry]":
    found = (
        entry
        for entry in entries
        if (since_s is None or entry.time >= since_s)
        and (request is None or (entry.request_id or "").startswith(request))
    )
    return _failed_calls(found) if errors else found


def _failed_calls(entries: "Iterable[Entry]") -> "Iterator[Entry]":
    """The lines of each call that went wrong, together; of what was printed outside calls, the errors alone."""
    calls: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.request_id is None:
            if _ERROR.search(entry.text):
                yield entry
            continue
        lines = calls.setdefault(entry.request_id, [])
        lines.append(entry)
        if entry.text.startswith("REPORT RequestId:") or len(lines) >= MOST_LINES_OF_A_CALL:
            if any(_ERROR.search(line.text) for line in lines):
                yield from lines
            del calls[entry.request_id]
    for lines in calls.values():  # under way
        if any(_ERROR.search(line.text) for line in lines):
            yield from lines


def _show(entry: "Entry") -> None:
    time = datetime.fromtimestamp(entry.time).astimezone()
    typer.echo(f"{typer.style(f'{time:%Y-%m-%d %H:%M:%S}.{time.microsecond // 1000:03}', dim=True)} {entry.text}")


def _moment(text: str, now: float) -> float:
    """Epoch seconds: so long ago, or that point in time."""
    with contextlib.suppress(SettingError):
        return now - seconds(text)
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither an age like 10m nor a time like 2026-08-24T12:00", param_hint="--since"
        ) from None


def _resolve(given: str, known: list[str], directory: Path) -> str:
    """The function that a person means.

    Raises:
        EverwarmError: there is no log of it, or it could be one of several.
    """
    if given in known:
        return given
    if not known:
        raise EverwarmError(
            f"there are no logs in {directory}. Functions that are called write them, unless 'everwarm up' runs with "
            "--memory, which keeps nothing; then they are in its own output only."
        )
    found = [name for name in known if name.endswith(f"-{given}")]
    if len(found) == 1:
        return found[0]
    if found:
        raise EverwarmError(f"{given} could be any of these functions: {', '.join(found)}")
    raise EverwarmError(f"there is no log of a function {given}. There are logs of: {', '.join(known)}")
