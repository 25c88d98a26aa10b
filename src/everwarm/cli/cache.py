"""`everwarm cache`: the entries of a cache's table, looked at and changed. How they look: `cache_view.py`.

Not here: which table is meant, and where it is (`cache_finding.py`); what is done (`everwarm.cache`).
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from everwarm.cli.cache_finding import found

if TYPE_CHECKING:
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
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
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
    from everwarm.cache.codec import Codec
    from everwarm.cache.survey import look
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
    """
    from everwarm.cache.survey import make_due

    def make(table: "CacheTable", keys: list[str], now: float, done: Callable[[str, bool], None]) -> None:
        for key, there in make_due(table, keys, now):
            done(key, there)

    _each(
        (keys, prefix, tag, all_of_them),
        (table, data, endpoint, region, name),
        as_json,
        make,
        ("Making due", "due"),
        lambda place: "due: refreshed when the cache is opened next" if place.at_rest else "due: refreshed now",
    )


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

    def forget(table: "CacheTable", keys: list[str], now: float, done: Callable[[str, bool], None]) -> None:
        for start in range(0, len(keys), KEYS_A_STEP):
            some = keys[start : start + KEYS_A_STEP]
            there = table.read_many(some)
            table.delete(some)
            for key in some:
                done(key, key in there)

    def ask(table: "CacheTable", number: int) -> None:
        if all_of_them and number and not yes:
            typer.confirm(f"Forget all {number:,} entries of {table.name}?", abort=True)

    _each(
        (keys, prefix, tag, all_of_them),
        (table, data, endpoint, region, name),
        as_json,
        forget,
        ("Forgetting", "invalidated"),
        lambda place: "forgotten",
        ask,
    )


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


KEYS_A_STEP = 24
"""Keys that are forgotten between two steps of the bar."""

_Which = tuple[list[str] | None, str | None, str | None, bool]
_Where = tuple[str | None, Path | None, str | None, str | None, list[str] | None]


def _each(
    which: _Which,
    where: _Where,
    as_json: bool,
    work: "Callable[[CacheTable, list[str], float, Callable[[str, bool], None]], None]",
    words: tuple[str, str],
    told: "Callable[[Place], str]",
    ask: "Callable[[CacheTable, int], None]" = lambda table, number: None,
) -> None:
    """Do something to each entry that was named, with a bar, and say to how many it was done."""
    keys, prefix, tag, all_of_them = which
    if bool(keys) + bool(prefix or tag) + all_of_them != 1:
        raise typer.BadParameter("say which: KEYs of entries, --prefix and --tag, or --all")
    from everwarm.cli.cache_view import progress

    with found(*where) as place:
        wanted = list(dict.fromkeys(keys or ()))
        if not wanted:
            wanted = [row.stored.key for row in _surveyed(place.table, place.items(), prefix, tag)]
        ask(place.table, len(wanted))
        missing: list[str] = []
        with progress(words[0], len(wanted)) as advance:

            def done(key: str, there: bool) -> None:
                if not there:
                    missing.append(key)
                advance(1)

            work(place.table, wanted, place.now(), done)
    count = len(wanted) - len(missing)
    if as_json:
        _json({words[1]: count, "missing": missing})
    elif count or not missing:
        typer.echo(f"{count:,} {'entry' if count == 1 else 'entries'} {told(place)}.")
    if missing:
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5:,} more" if len(missing) > 5 else "")
        if not as_json:
            typer.echo(f"Not in {place.table.name}: {shown}", err=True)
        if keys:
            raise typer.Exit(1)


def _surveyed(table: "CacheTable", items: int | None, prefix: str | None, tag: str | None) -> "list[Row]":
    from everwarm.cache.survey import survey
    from everwarm.cli.cache_view import progress

    with progress("Reading", items) as advance:
        return survey(table, prefix=prefix or "", tag=tag, seen=advance)


def _json(answer: Any) -> None:
    import json

    typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
