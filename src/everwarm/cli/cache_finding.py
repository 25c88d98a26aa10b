"""Which cache a person means: where its table is, which table it is, and how its attributes are called.

A table on this machine's disk is reached through the everwarm that runs there; where none does, it is opened here,
and nothing in it expires meanwhile.
"""

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from everwarm.whereabouts import DATA_DIRECTORY

if TYPE_CHECKING:
    from everwarm.cache.backends.backend import Backend, Changed, Handler
    from everwarm.cache.names import Names
    from everwarm.cache.table import CacheTable
    from everwarm.clock import Clock


@dataclass(frozen=True, slots=True)
class Place:
    """A cache's table, found.

    Attributes:
        table: itself.
        at_rest: it was opened here, and nothing runs on it.
    """

    table: "CacheTable"
    at_rest: bool
    clock: "Clock"

    def now(self) -> float:
        """Epoch seconds."""
        return self.clock.now()

    def items(self) -> int | None:
        """How many items there are, for a bar; on AWS as of some hours ago. None if nobody knows."""
        table = self.table.backend.call("DescribeTable", {"TableName": self.table.name})["Table"]
        count: int | None = table.get("ItemCount")
        return count or None


@contextlib.contextmanager
def found(
    table: str | None, data: Path | None, endpoint: str | None, region: str | None, names: list[str] | None
) -> Iterator[Place]:
    """The table that a person means.

    Raises:
        CacheError: there is none of that name; or several, and none was named.
        BackendError, NotRunning, StorageLocked: there is no way to it.
    """
    if endpoint is not None and data is not None:
        raise typer.BadParameter("--data and --endpoint both say where: give one of them")
    from everwarm.cache.backends.opening import ENDPOINT
    from everwarm.cache.table import CacheTable, new_owner
    from everwarm.clock import SystemClock

    called = _names(names or [])
    clock = SystemClock()
    endpoint = endpoint or (os.environ.get(ENDPOINT) if data is None else None)
    with _backend(endpoint, data or Path(DATA_DIRECTORY), region, clock) as (backend, where):
        name = table or _only_table(backend, where)
        _look_over(backend, name, where, called)
        yield Place(CacheTable(backend, name, called, new_owner()), isinstance(backend, AtRest), clock)


@contextlib.contextmanager
def _backend(endpoint: str | None, data: Path, region: str | None, clock: "Clock") -> "Iterator[tuple[Backend, str]]":
    if endpoint is not None:
        with _opened(endpoint, data, region, clock) as backend:
            yield backend, "AWS" if endpoint == "aws" else endpoint
        return
    from everwarm.control.client import running
    from everwarm.errors import NotRunning
    from everwarm.whereabouts import Whereabouts

    if (stack := running(data)) is not None:
        keys = Whereabouts.read(data)
        with _signing(keys), _opened(stack.url, data, region, clock) as backend:
            yield backend, stack.url
    elif (data / "FORMAT").exists():
        with _at_rest(data, clock) as backend:
            yield backend, str(data)
    else:
        raise NotRunning(
            f"there is no data in {data.absolute()}, and no everwarm runs there. Name the directory with --data, or "
            "where the table is with --endpoint: a URL, or aws"
        )


@contextlib.contextmanager
def _opened(endpoint: str, data: Path, region: str | None, clock: "Clock") -> "Iterator[Backend]":
    from everwarm.cache.backends.opening import open_backend

    backend = open_backend(endpoint, directory=data, clock=clock, region=region)
    with contextlib.closing(backend):
        yield backend


@contextlib.contextmanager
def _signing(keys: Any) -> Iterator[None]:
    """Where a stack of this machine checks credentials, sign with the key that its data directory has."""
    if keys is None or keys.access_key is None or keys.secret is None:
        yield
        return
    given = {"AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret}
    if keys.token is not None:
        given["AWS_SESSION_TOKEN"] = keys.token
    before = {name: os.environ.get(name) for name in (*given, "AWS_SESSION_TOKEN")}
    os.environ.pop("AWS_SESSION_TOKEN", None)
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


class AtRest:
    """A data directory that nobody has open, as a `Backend`. Nothing runs beside it, so nothing expires."""

    instant = True
    makes_tables = False
    exclusive = False  # who has it next may find leases that are his

    def __init__(self, call: Callable[[str, dict[str, Any]], dict[str, Any]], clock: "Clock") -> None:
        self._call = call
        self._clock = clock

    def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """As `Backend.call`."""
        return self._call(action, request)

    def pause(self, seconds: float) -> None:
        """As `Backend.pause`."""
        from everwarm.clock import block

        block(self._clock, seconds)

    def serve(self, table_name: str, handler: "Handler", *, concurrency: int) -> None:
        """Nothing is delivered here."""

    def follow(self, table_name: str, changed: "Changed") -> Callable[[], None]:
        """
        Raises:
            NotFollowable: nobody else writes.
        """
        from everwarm.errors import NotFollowable

        raise NotFollowable(f"{table_name} is at rest")

    def close(self) -> None:
        """Nothing: who has opened the engine closes it."""


@contextlib.contextmanager
def _at_rest(data: Path, clock: "Clock") -> "Iterator[Backend]":
    from everwarm.client import DirectClient
    from everwarm.dynamodb.engine import Engine
    from everwarm.errors import StorageLocked

    try:
        engine = Engine.open(data, clock)
    except StorageLocked as error:
        raise StorageLocked(
            f"{str(error).partition('. ')[0]}: a program that has a Cache there, and no endpoint by which it could be "
            "asked. Stop it first; or run 'everwarm up' there, and give the program its URL: Cache(..., endpoint=...)"
        ) from None
    try:
        yield AtRest(DirectClient(engine).call, clock)
    finally:
        engine.close()


def _names(given: list[str]) -> "Names":
    """
    Raises:
        BadParameter: it is no attribute's.
    """
    from everwarm.cache.names import Names

    known = [field.name for field in dataclasses.fields(Names)]
    read: dict[str, str] = {}
    for one in given:
        attribute, equals, name = one.partition("=")
        if not equals or not name or attribute not in known:
            raise typer.BadParameter(
                f"{one!r} is not of the form ATTRIBUTE=NAME, with one of {', '.join(known)}", param_hint="--name"
            )
        read[attribute] = name
    return Names(**read)


def _only_table(backend: "Backend", where: str) -> str:
    from everwarm.errors import CacheError

    tables = _tables(backend)
    if len(tables) == 1:
        return tables[0]
    if not tables:
        raise CacheError(f"there are no tables in {where}; a cache makes its own when it is first used")
    raise CacheError(f"there are several tables in {where}; say which with --table: {_listed(tables)}")


def _look_over(backend: "Backend", name: str, where: str, names: "Names") -> None:
    """
    Raises:
        CacheError: there is no such table, or it cannot be a cache's.
    """
    from everwarm.errors import CacheError, ResourceNotFoundException

    try:
        described: Mapping[str, Any] = backend.call("DescribeTable", {"TableName": name})["Table"]
    except ResourceNotFoundException:
        tables = _tables(backend)
        told = f"; there are {_listed(tables)}" if tables else "; there are none at all"
        raise CacheError(f"there is no table {name!r} in {where}{told}") from None
    key = [part["AttributeName"] for part in described["KeySchema"]]
    if len(key) > 1:
        raise CacheError(f"the table {name!r} is no cache's: it has a sort key, {key[1]!r}")
    if key[0] != names.key:
        raise CacheError(
            f"the partition key of {name!r} is {key[0]!r}, not {names.key!r}: is it a cache's? If so, say --name "
            f"key={key[0]}, and what else is called otherwise in its Names(...)"
        )


def _tables(backend: "Backend") -> list[str]:
    """The first hundred: no more are listed at a time, or of use to a person."""
    names: list[str] = backend.call("ListTables", {})["TableNames"]
    return names


def _listed(tables: list[str], shown: int = 20) -> str:
    more = len(tables) - shown
    return ", ".join(tables[:shown]) + (f" and {more} more" if more > 0 else "")
