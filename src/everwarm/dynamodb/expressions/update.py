"""Updates that are ready to be applied: what becomes of each path, worked out from the item as it was.

Not here: making these nodes from text and checking their operands (`bind.py`); what a table forbids, such as a change
of its key (`everwarm.dynamodb.tables`, with the help of `top_level_names`).

Nodes are named tuples: an update makes some for every request, and they take a third of a frozen dataclass's time.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.paths import Path, find
from everwarm.dynamodb.values import numbers
from everwarm.dynamodb.values.check import MAX_DEPTH
from everwarm.dynamodb.values.types import AttributeValue, Item, type_of
from everwarm.errors import ValidationException


class SetValue(Protocol):
    """The right side of a SET action."""

    def value(self, item: Item) -> AttributeValue: ...


class Given(NamedTuple):
    """A value of the request."""

    given: AttributeValue

    def value(self, item: Item) -> AttributeValue:
        return self.given


class Existing(NamedTuple):
    """The value at a path, which has to be there."""

    path: Path

    def value(self, item: Item) -> AttributeValue:
        value = find(item, self.path)
        if value is None:
            raise ValidationException(messages.NO_SUCH_ATTRIBUTE)
        return value


class IfNotExists(NamedTuple):
    """The value at a path, or else another. That one has to be there even where it is not needed."""

    path: Path
    default: SetValue

    def value(self, item: Item) -> AttributeValue:
        default = self.default.value(item)
        value = find(item, self.path)
        return default if value is None else value


class ListAppend(NamedTuple):
    head: SetValue
    tail: SetValue

    def value(self, item: Item) -> AttributeValue:
        return {"L": _inner(self.head.value(item), "L") + _inner(self.tail.value(item), "L")}


class Arithmetic(NamedTuple):
    calculate: Callable[[str, str], str]
    left: SetValue
    right: SetValue

    def value(self, item: Item) -> AttributeValue:
        return {"N": self.calculate(_inner(self.left.value(item), "N"), _inner(self.right.value(item), "N"))}


def _inner(value: AttributeValue, tag: str) -> Any:
    if tag not in value:
        raise ValidationException(messages.INCORRECT_DATA_TYPE)
    return value[tag]


class Action(Protocol):
    """What becomes of one path."""

    @property
    def path(self) -> Path: ...

    def result(self, item: Item) -> AttributeValue | None:
        """The new value, None for none. `item` is as it was before every action."""
        ...


class Set(NamedTuple):
    path: Path
    new: SetValue

    def result(self, item: Item) -> AttributeValue | None:
        return self.new.value(item)


class Remove(NamedTuple):
    path: Path

    def result(self, item: Item) -> AttributeValue | None:
        return None


class Add(NamedTuple):
    """A number added to a number, members to a set, elements to a list; each is created where there is none."""

    path: Path
    operand: AttributeValue

    def result(self, item: Item) -> AttributeValue | None:
        old = find(item, self.path)
        if old is None:
            return self.operand
        tag = type_of(self.operand)
        inner, more = _inner(old, tag), self.operand[tag]
        if tag == "N":
            return {tag: numbers.add(inner, more)}
        return {tag: inner + more if tag == "L" else list(dict.fromkeys([*inner, *more]))}


class Delete(NamedTuple):
    """Members taken out of a set; a set that is left with none goes."""

    path: Path
    operand: AttributeValue

    def result(self, item: Item) -> AttributeValue | None:
        old = find(item, self.path)
        if old is None:
            return None
        tag = type_of(self.operand)
        gone = set(self.operand[tag])
        left = [member for member in _inner(old, tag) if member not in gone]
        return {tag: left} if left else None


class Update(NamedTuple):
    """A bound update expression.

    Attributes:
        actions: sorted by path, so that elements set beyond a list's end are appended in the order of their indexes.
            Paths that cannot be compared (a map's member with a list's element) do not pass the binding.
    """

    actions: tuple[Action, ...]


def touched(update: Update) -> tuple[Path, ...]:
    """The paths that the update names, sorted. With `projection.project` they give `UPDATED_OLD` and `UPDATED_NEW`."""
    return tuple([action.path for action in update.actions])


def top_level_names(update: Update) -> frozenset[str]:
    """The attributes that the update changes, or changes something in."""
    return frozenset([str(action.path[0]) for action in update.actions])


def given_value(action: Action) -> AttributeValue | None:
    """The value of the request that an action sets or adds as it is; None for any other."""
    match action:
        case Set(new=Given(given)) | Add(operand=given) | Delete(operand=given):
            return given
    return None


def known_type(action: Action) -> str | None:
    """The type of what an action makes of its path, as far as it can be known without an item."""
    given = given_value(action)
    if given is not None:
        return type_of(given)
    match action:
        case Set(new=Arithmetic()):
            return "N"
        case Set(new=ListAppend()):
            return "L"
    return None


def apply(update: Update, item: Item) -> Item:
    """The item as the update leaves it.

    Args:
        update: as bound.
        item: as it is, or its key alone where there is none yet. It is not changed; the new item shares its values.

    Raises:
        ValidationException: an operand that is missing or of a wrong type, a path whose parent is missing, a number out
            of range, a value nested too deep.
    """
    results = [_result(action, item) for action in update.actions]
    new = dict(item)
    for path, value in results:
        if value is not None:
            _put(new, path, value)
    # Last, and backwards: an index means the element that had it before.
    for path, value in reversed(results):
        if value is None:
            _remove(new, path, item)
    return new


def _result(action: Action, item: Item) -> tuple[Path, AttributeValue | None]:
    path = action.path
    if len(path) > 1:
        # A path that leads nowhere is refused before anything is worked out.
        parent = find(item, path[:-1])
        if parent is None or ("M" if isinstance(path[-1], str) else "L") not in parent:
            raise ValidationException(messages.INVALID_UPDATE_PATH)
    return path, action.result(item)


def _put(new: Item, path: Path, value: AttributeValue) -> None:
    holder, last = _own_parent(new, path), path[-1]
    if len(path) - 1 + _depth(value) > MAX_DEPTH:
        raise ValidationException(messages.UPDATED_TOO_DEEP)
    if isinstance(holder, list) and last >= len(holder):  # type: ignore[operator]
        holder.append(value)
    else:
        holder[last] = value


def _remove(new: Item, path: Path, old: Item) -> None:
    holder, last = _own_parent(new, path), path[-1]
    # Looked up in the old item: an index beyond its end must not hit what was appended a moment ago.
    if find(old, path) is not None:
        del holder[last]


def _own_parent(new: Item, path: Path) -> Any:
    """The map or list that holds the path's last element, copied on the way so that the old item keeps its own.

    It is there: `_result` has looked, and no two paths of an update lie within one another.
    """
    holder: Any = new
    for element, following in pairwise(path):
        tag = "M" if isinstance(following, str) else "L"
        inner = holder[element][tag].copy()
        holder[element] = {tag: inner}
        holder = inner
    return holder


def _depth(value: AttributeValue) -> int:
    """How many maps and lists lie in one another."""
    if "M" in value:
        return 1 + max(map(_depth, value["M"].values()), default=0)
    if "L" in value:
        return 1 + max(map(_depth, value["L"]), default=0)
    return 0
