"""`everwarm cache`: the entries of a cache's table, looked at and changed. How they look: `cache_view.py`.

Not here: which table is meant, and where it is (`cache_finding.py`); what is done (`everwarm.cache`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from everwarm.cli.cache_finding import found
from everwarm.cli.options import JsonOption, understood
from everwarm.durations import seconds

if TYPE_CHECKING:
    from everwarm.cache.items import Stored
    from everwarm.cache.survey import Row
    from everwarm.cache.table import CacheTable
    from everwarm.cli.cache_finding import Place

cache = typer.Typer(
    help=(
        "See the entries of a cache, and have them refreshed or forgotten."
        "\n\nFor tables that everwarm's cache library keeps: Cache(...) in Python. Nothing of your program is loaded "
        "or run here."
        "\n\nThe table is looked for in '.everwarm' of the directory you are in, whether or not 'everwarm up' is "
        "running; with --data elsewhere, with --endpoint at a URL, or on AWS."
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
    options_metavar="",
    subcommand_metavar="COMMAND",
)

KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="The entry's key, as 'list' shows it.")]
KeysArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY]...", help="Keys of entries, as 'list' shows them.")
]
PrefixOption = Annotated[
    str | None, typer.Option("--prefix", metavar="TEXT", help="Entries whose keys begin like this.")
]
TagOption = Annotated[str | None, typer.Option("--tag", metavar="TAG", help="Entries that have this tag.")]
TableOption = Annotated[
    str | None,
    typer.Option("--table", "--cache", metavar="NAME", help="The cache's table; needed where there are several."),
]
DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Where data is kept, if not in '.everwarm'.")
]
EndpointOption = Annotated[
    str | None,
    typer.Option(
        "--endpoint",
        metavar="URL|aws",
        help="Where the table is, if not on this machine's disk. Unless given, $EVERWARM_ENDPOINT.",
    ),
]
RegionOption = Annotated[str | None, typer.Option("--region", metavar="NAME", help="With --endpoint: the region.")]
NameOption = Annotated[
    list[str] | None,
    typer.Option(
        "--name",
        metavar="ATTRIBUTE=NAME",
        help="An attribute that has another name in this table, as in Names(...): ttl=expires. May be given often.",
    ),
]


@cache.command("list", options_metavar="[OPTIONS]", short_help="List entries.")
def list_entries(
    prefix: PrefixOption = None,
    tag: TagOption = None,
    table: TableOption = None,
    data: DataOption = None,
    endpoint: EndpointOption = None,
    region: RegionOption = None,
    name: NameOption = None,
    as_json: JsonOption = False,
) -> None:
    """List entries by their keys: how old they are, fresh or stale, when they are refreshed next."""
    from everwarm.cli.cache_view import entry_json, show_list

    with found(table, data, endpoint, region, name) as place:
        rows, now = _surveyed(place.table, place.items(), prefix, tag), place.now()
    if as_json:
        _json([entry_json(row, now) for row in rows])
    else:
        show_list(rows, now, place.table.name)


@cache.command(options_metavar="[OPTIONS]", short_help="Show one entry, with its value.")
def get(
    key: KeyArgument,
    table: TableOption = None,
    data: DataOption = None,
    endpoint: EndpointOption = None,
    region: RegionOption = None,
    name: NameOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one entry: its times, and its value as JSON.

    Looking at it refreshes nothing. Ends with status 1 if there is no such entry.
    """
    from everwarm.cache.survey import look
    from everwarm.cache.values.codec import Codec
    from everwarm.cli.cache_view import entry_json, show_one, value_json
    from everwarm.errors import CacheError

    with found(table, data, endpoint, region, name) as place:
        row, now = look(place.table, key), place.now()
    if row is None:
        raise CacheError(
            f"there is no entry {key!r} in {place.table.name}; 'everwarm cache list' shows which there are"
        )
    stored = row.stored
    value = None if stored.value is None else Codec().decode(stored.value, stored.encoding)
    if as_json:
        whole = entry_json(row, now)
        typer.echo(value_json({**whole, "value": value}, indent=2))
    else:
        show_one(row, value_json(value, indent=2), now)


@cache.command(options_metavar="[OPTIONS]", short_help="Have entries refreshed now.")
def refresh(
    keys: KeysArgument = None,
    prefix: PrefixOption = None,
    tag: TagOption = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="All entries.")] = False,
    wait: Annotated[
        str | None,
        typer.Option("--wait", metavar="TIME", help="Wait until they are refreshed, for so long at the most: 30s."),
    ] = None,
    table: TableOption = None,
    data: DataOption = None,
    endpoint: EndpointOption = None,
    region: RegionOption = None,
    name: NameOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have entries refreshed now, as if their time had come.

    What refreshes them is what always does: the process that has the cache, or the deployed function. Until it has,
    they are served as they are. Where none of these runs, they are refreshed when one does.

    With --wait, ends with status 1 if some of them failed, or were not refreshed in time.
    """
    which = _say_which(keys, prefix, tag, all_of_them)
    from everwarm.cache.survey import make_due, refreshed
    from everwarm.cli.cache_view import progress, show_refreshed
    from everwarm.errors import CacheError

    wait_s = None if wait is None else understood(seconds, wait, "--wait")
    due: dict[str, Stored] = {}

    def make(table: "CacheTable", keys: list[str], now: float, done: Callable[[str, bool], None]) -> None:
        for key, stored in make_due(table, keys, now):
            if stored is not None:
                due[key] = stored
            done(key, stored is not None)

    with found(table, data, endpoint, region, name) as place:
        if wait_s is not None and place.at_rest:
            raise CacheError("nothing runs on this directory, so there is nothing to wait for: leave --wait out")
        made = _each(place, which, "Making due", make)
        outcomes: dict[str, str | None] = {}
        if wait_s is not None:
            with progress("Refreshing", len(due)) as advance:
                for key, error in refreshed(place.table, due, _until(place, wait_s)):
                    outcomes[key] = error
                    advance(1)
    failed = {key: error for key, error in outcomes.items() if error is not None}
    waiting = [] if wait_s is None else [key for key in due if key not in outcomes]
    if as_json:
        told = {"refreshed": len(outcomes) - len(failed), "failed": failed, "waiting": waiting}
        _json({"due": made.count, "missing": made.missing, **({} if wait_s is None else told)})
    elif wait_s is None:
        made.show("due: refreshed when the cache is opened next" if place.at_rest else "due: refreshed now")
    else:
        made.show_missing()
        show_refreshed(len(outcomes) - len(failed), failed, waiting)
    if made.named_missing or failed or waiting:
        raise typer.Exit(1)


@cache.command(options_metavar="[OPTIONS]", short_help="Forget entries.")
def invalidate(
    keys: KeysArgument = None,
    prefix: PrefixOption = None,
    tag: TagOption = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="All entries.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    table: TableOption = None,
    data: DataOption = None,
    endpoint: EndpointOption = None,
    region: RegionOption = None,
    name: NameOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget entries, with their timers: the next reader waits until they are loaded again. Asks before all of them go.

    A load that is under way is given to who waits for it, and not kept.
    """

    which = _say_which(keys, prefix, tag, all_of_them)

    from everwarm.cache.survey import forget

    def work(table: "CacheTable", keys: list[str], now: float, done: Callable[[str, bool], None]) -> None:
        for key, there in forget(table, keys):
            done(key, there)

    def ask(table: "CacheTable", number: int) -> None:
        if all_of_them and number and not yes:
            typer.confirm(f"Forget all {number:,} entries of {table.name}?", abort=True)

    with found(table, data, endpoint, region, name) as place:
        made = _each(place, which, "Forgetting", work, ask)
    if as_json:
        _json({"invalidated": made.count, "missing": made.missing})
    else:
        made.show("forgotten")
    if made.named_missing:
        raise typer.Exit(1)


@cache.command(options_metavar="[OPTIONS]", short_help="Say what the entries come to.")
def stats(
    prefix: PrefixOption = None,
    tag: TagOption = None,
    table: TableOption = None,
    data: DataOption = None,
    endpoint: EndpointOption = None,
    region: RegionOption = None,
    name: NameOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what the entries come to: how many are fresh, stale or failing, how large, how old, and due when.

    From a scan of the table, which on AWS is paid for by its size. What readers were given, hits and misses, each
    process counts for itself: see 'stats' of a Cache in Python.
    """
    from everwarm.cache.survey import tally
    from everwarm.cli.cache_view import show_stats, tally_json

    with found(table, data, endpoint, region, name) as place:
        rows, now = _surveyed(place.table, place.items(), prefix, tag), place.now()
    counted = tally(rows, now)
    if as_json:
        _json({"table": place.table.name, **tally_json(counted)})
    else:
        show_stats(counted, now, place.table.name)


LOOK_AGAIN_S = 0.2
"""How soon to look again whether entries have been refreshed."""

_Which = tuple[list[str] | None, str | None, str | None, bool]
_Work = Callable[["CacheTable", list[str], float, Callable[[str, bool], None]], None]


@dataclass(frozen=True, slots=True)
class _Made:
    """What was done.

    Attributes:
        count: entries to which it was done.
        missing: keys that had none.
        named_missing: a person has named one of these.
    """

    table_name: str
    count: int
    missing: list[str]
    named_missing: bool

    def show(self, what: str) -> None:
        """Say it."""
        if self.count or not self.missing:
            typer.echo(f"{self.count:,} {'entry' if self.count == 1 else 'entries'} {what}.")
        self.show_missing()

    def show_missing(self) -> None:
        """Say what was not there."""
        if self.missing:
            more = f" and {len(self.missing) - 5:,} more" if len(self.missing) > 5 else ""
            typer.echo(f"Not in {self.table_name}: {', '.join(self.missing[:5])}{more}", err=True)


def _each(
    place: "Place",
    which: _Which,
    words: str,
    work: _Work,
    ask: "Callable[[CacheTable, int], None]" = lambda table, number: None,
) -> _Made:
    """Do something to each entry that was named, with a bar."""
    from everwarm.cli.cache_view import progress

    keys, prefix, tag, _ = which
    wanted = list(dict.fromkeys(keys or ()))
    if not wanted:
        wanted = [row.stored.key for row in _surveyed(place.table, place.items(), prefix, tag)]
    ask(place.table, len(wanted))
    missing: list[str] = []
    with progress(words, len(wanted)) as advance:

        def done(key: str, there: bool) -> None:
            if not there:
                missing.append(key)
            advance(1)

        work(place.table, wanted, place.now(), done)
    return _Made(place.table.name, len(wanted) - len(missing), missing, bool(keys and missing))


def _say_which(keys: list[str] | None, prefix: str | None, tag: str | None, all_of_them: bool) -> _Which:
    if bool(keys) + bool(prefix or tag) + all_of_them != 1:
        raise typer.BadParameter("say which: KEYs of entries, --prefix and --tag, or --all")
    return keys, prefix, tag, all_of_them


def _until(place: "Place", wait_s: float) -> Callable[[], bool]:
    """A pause, unless so much time has passed."""
    end = place.clock.elapsed() + wait_s

    def go_on() -> bool:
        place.table.backend.pause(LOOK_AGAIN_S)
        return place.clock.elapsed() < end

    return go_on


def _surveyed(table: "CacheTable", items: int | None, prefix: str | None, tag: str | None) -> "list[Row]":
    from everwarm.cache.survey import survey
    from everwarm.cli.cache_view import progress

    with progress("Reading", items) as advance:
        return survey(table, prefix=prefix or "", tag=tag, seen=advance)


def _json(answer: Any) -> None:
    import json

    typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
