"""A table's entries as somebody sees them who has no loader: what is there, and when what will happen to it.

And what can be done to them without one: making them due. A timer that is deleted is as good as one that has run out,
for the handler asks for its generation and not for who deleted it. And forgetting them.
"""

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from everwarm.cache.items import Stored, Timer, number, stored_of
from everwarm.cache.table import CacheTable
from everwarm.dynamodb.values.sizes import item_size
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ConditionalCheckFailedException


class Standing(StrEnum):
    """How an entry stands, now."""

    FRESH = "fresh"
    STALE = "stale"
    ABSENT = "absent"  # it says that there is no such thing
    EXPIRED = "expired"  # not served any more, and not deleted yet


T = TypeVar("T")
R = TypeVar("R")

THREADS = 8
"""Calls at a time where there are many entries: most of it is waiting for the table."""

KEYS_A_STEP = 24
"""Keys that are forgotten in one step: three calls that write."""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry.

    Attributes:
        stored: its value item.
        timer: its timer, if it has one.
        size_bytes: of the value item, as DynamoDB counts.
    """

    stored: Stored
    timer: Timer | None
    size_bytes: int

    def standing(self, now: float) -> Standing:
        """How it stands."""
        if not self.stored.usable(now):
            return Standing.EXPIRED
        if self.stored.absent:
            return Standing.ABSENT
        return Standing.FRESH if now < self.stored.fresh_until else Standing.STALE

    @property
    def next_refresh_at(self) -> float | None:
        """When it will be refreshed by itself, or tried again; None if only a reader has it refreshed."""
        return None if self.timer is None else self.timer.due


def survey(
    table: CacheTable, *, prefix: str = "", tag: str | None = None, seen: Callable[[int], object] = lambda items: None
) -> list[Row]:
    """All entries of a table, by key.

    Args:
        prefix: only those whose keys begin like this.
        tag: only those that have it.
        seen: told of items as they are read, timers and leases among them.
    """
    names = table.names
    values: list[tuple[Stored, int]] = []
    timers: dict[str, Timer] = {}
    for page, items in _pages(table, prefix):
        for item in page:
            place = item[names.key]["S"]
            key = names.of_timer(place)
            if key is not None:
                if (timer := _timer_of(table, key, item)) is not None:
                    timers[key] = timer
            elif not place.startswith(names.lease_prefix):
                stored = stored_of(names, item)
                if tag is None or tag in stored.tags:
                    values.append((stored, item_size(item)))
        seen(items)
    rows = [Row(stored, timers.get(stored.key), size_bytes) for stored, size_bytes in values]
    return sorted(rows, key=lambda row: row.stored.key)


def look(table: CacheTable, key: str) -> Row | None:
    """One entry; None if there is none."""
    item = table.item(key, consistent=True)
    if item is None:
        return None
    timer = table.item(table.names.timer(key), consistent=True)
    stored = stored_of(table.names, item)
    return Row(stored, None if timer is None else _timer_of(table, key, timer), item_size(item))


def make_due(table: CacheTable, keys: Sequence[str], now: float) -> Iterator[tuple[str, Stored | None]]:
    """Have entries refreshed by whoever is called for the table's expirations; several at a time, told in order.

    An entry that is not kept warm nobody refreshes but its readers: it is stale from now on.

    Yields:
        Each key, and its value as it is, to be refreshed; None if there is none.
    """
    yield from zip(keys, _several(lambda key: _make_due(table, key, now), keys), strict=True)


def forget(table: CacheTable, keys: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Delete entries with their timers, several at a time, told in order.

    Yields:
        Each key, and whether there was a value.
    """
    steps = [keys[start : start + KEYS_A_STEP] for start in range(0, len(keys), KEYS_A_STEP)]

    def step(some: Sequence[str]) -> dict[str, Stored]:
        there = table.read_many(some)
        table.delete(some)
        return there

    for some, there in zip(steps, _several(step, steps), strict=True):
        yield from ((key, key in there) for key in some)


def _several(work: Callable[[T], R], of: Sequence[T]) -> Iterator[R]:
    with ThreadPoolExecutor(THREADS) as pool:
        done = pool.map(work, of)
        try:
            yield from done
        finally:
            # Who has seen enough does not wait for the rest.
            pool.shutdown(wait=False, cancel_futures=True)


def _make_due(table: CacheTable, key: str, now: float) -> Stored | None:
    stored = table.read(key)
    if stored is None or stored.generation is None:
        return None
    warm = table.item(table.names.timer(key), consistent=True) is not None
    if not warm and not stored.absent and stored.ttl is not None and stored.ttl == stored.fresh_until:
        # The form with a gap: one item, which goes when it is to be refreshed.
        _set(table, stored, table.names.ttl, int(now))
        return stored
    if not warm:
        _set(table, stored, table.names.fresh_until, now)
        if stored.call is None:
            # It may have been set by hand, and then there is nobody who could load it.
            return stored
    # Also where there is none, for an entry that was let go. Somebody wants it now, so it counts as read.
    timer = Timer(key=key, generation=stored.generation, due=now, read_at=now)
    if table.set_timer(timer):
        _if_still(table, "DeleteItem", table.names.timer(key), timer.generation)
    # Else it was just refreshed, and has the timer of a later generation: what was wanted.
    return stored


def refreshed(
    table: CacheTable, before: Mapping[str, Stored], go_on: Callable[[], bool]
) -> Iterator[tuple[str, str | None]]:
    """Look whether entries have been refreshed, again and again.

    Args:
        before: the values as they were.
        go_on: called between two looks, for a pause; ends it if it says so.

    Yields:
        Each key as soon as it has a newer value, or a refresh of it has failed; and the text of that failure.
    """
    waiting = dict(before)
    while waiting:
        for key, now in table.read_many(waiting).items():
            if now.generation != waiting[key].generation:
                del waiting[key]
                yield key, None
            elif now.failures > waiting[key].failures:
                del waiting[key]
                yield key, now.error or ""
        if waiting and not go_on():
            return


def _set(table: CacheTable, stored: Stored, attribute: str, moment: float) -> None:
    change = {"UpdateExpression": "SET #moment = :moment"}
    _if_still(table, "UpdateItem", stored.key, stored.generation, change, {"#moment": attribute}, {":moment": moment})


def _if_still(
    table: CacheTable,
    action: str,
    key: str,
    generation: int | None,
    change: Mapping[str, str] = MappingProxyType({}),
    names: Mapping[str, str] = MappingProxyType({}),
    values: Mapping[str, float] = MappingProxyType({}),
) -> None:
    """Change an item if it is of this generation: Time to Live may have been quicker, and a refresh after it."""
    numbers = {name: number(value) for name, value in (*values.items(), (":generation", generation or 0))}
    with contextlib.suppress(ConditionalCheckFailedException):
        table.backend.call(
            action,
            {
                "TableName": table.name,
                "Key": {table.names.key: {"S": key}},
                "ConditionExpression": "#generation = :generation",
                "ExpressionAttributeNames": {"#generation": table.names.generation, **names},
                "ExpressionAttributeValues": numbers,
                **change,
            },
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """What a table's entries come to.

    Attributes:
        entries: all of them; by how they stand in `standing`.
        failing: those whose last refresh has failed.
        size_bytes: value items together.
        oldest_at, newest_at: when the oldest value, and the newest, was loaded; None of none.
        warm: those that will be refreshed by themselves.
        overdue: those of them whose time has come, and who were not refreshed yet.
        next_refreshes: how many are due within so many seconds, in order.
        loaders: entries by the function that loads them.
    """

    entries: int
    standing: dict[Standing, int]
    failing: int
    size_bytes: int
    oldest_at: float | None
    newest_at: float | None
    warm: int
    overdue: int
    next_refreshes: dict[float, int]
    loaders: dict[str, int]


WITHIN_S = (60.0, 600.0, 3600.0, 86400.0)


def tally(rows: Iterable[Row], now: float) -> Tally:
    """Count. Entries that say that there is no such thing have an age, too, but no value that could be old."""
    rows = list(rows)
    standing = dict.fromkeys(Standing, 0)
    loaders: dict[str, int] = {}
    for row in rows:
        standing[row.standing(now)] += 1
        loaders[loader_of(row.stored)] = loaders.get(loader_of(row.stored), 0) + 1
    loaded_at = [row.stored.loaded_at for row in rows if not row.stored.absent and row.stored.loaded_at]
    due_in_s = [row.timer.due - now for row in rows if row.timer is not None]
    return Tally(
        entries=len(rows),
        standing=standing,
        failing=sum(row.stored.failures > 0 for row in rows),
        size_bytes=sum(row.size_bytes for row in rows),
        oldest_at=min(loaded_at, default=None),
        newest_at=max(loaded_at, default=None),
        warm=len(due_in_s),
        overdue=sum(due_s < 0 for due_s in due_in_s),
        next_refreshes={within_s: sum(0 <= due_s <= within_s for due_s in due_in_s) for within_s in WITHIN_S},
        loaders=dict(sorted(loaders.items())),
    )


def loader_of(stored: Stored) -> str:
    """The function that an entry was made by; empty for plain keys, which any loader of their cache loads."""
    call: dict[str, Any] = (stored.call or {}).get("M", {})
    name: str = call.get("loader", {}).get("S", "")
    return name


def _pages(table: CacheTable, prefix: str) -> Iterator[tuple[list[Item], int]]:
    """The items of a scan, page by page, and how many were looked at for each."""
    request: dict[str, Any] = {"TableName": table.name}
    if prefix:
        names = table.names
        request["FilterExpression"] = "begins_with(#key, :key) OR begins_with(#key, :timer)"
        request["ExpressionAttributeNames"] = {"#key": names.key}
        request["ExpressionAttributeValues"] = {":key": {"S": prefix}, ":timer": {"S": names.timer(prefix)}}
    while True:
        page = table.backend.call("Scan", request)
        yield page["Items"], page["ScannedCount"]
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _timer_of(table: CacheTable, key: str, item: Item) -> Timer | None:
    """The timer that an item is; None if it lacks what makes one."""
    try:
        due, generation = float(item[table.names.ttl]["N"]), int(float(item[table.names.generation]["N"]))
    except (KeyError, ValueError):
        return None
    return Timer(key=key, generation=generation, due=due) if math.isfinite(due) else None
