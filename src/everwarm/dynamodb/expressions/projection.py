"""Projections: the part of an item that paths name."""

from collections.abc import Iterable

from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.values.types import AttributeValue, Item


def project(paths: Iterable[Path], item: Item) -> Item:
    """The attributes that the paths name, maps and lists around them rebuilt with nothing else in them.

    List elements close ranks, in the order of their indexes. A path that leads nowhere leaves nothing behind.

    Args:
        paths: as bound: none lies within another.
        item: not changed; the result shares its values.
    """
    return _members(_tails(paths), item)


def _tails(paths: Iterable[Path]) -> dict[str | int, list[Path]]:
    """What follows on each first element."""
    tails: dict[str | int, list[Path]] = {}
    for path in paths:
        tails.setdefault(path[0], []).append(path[1:])
    return tails


def _members(tails: dict[str | int, list[Path]], members: Item) -> Item:
    found: Item = {}
    for name, rest in tails.items():
        if isinstance(name, str) and name in members:
            part = _part(rest, members[name])
            if part is not None:
                found[name] = part
    return found


def _part(paths: list[Path], value: AttributeValue) -> AttributeValue | None:
    if not paths[0]:
        return value
    tails = _tails(paths)
    if "M" in value:
        members = _members(tails, value["M"])
        return {"M": members} if members else None
    if "L" in value:
        elements = value["L"]
        indexes = sorted(index for index in tails if isinstance(index, int) and index < len(elements))
        parts = [part for index in indexes if (part := _part(tails[index], elements[index])) is not None]
        return {"L": parts} if parts else None
    return None
