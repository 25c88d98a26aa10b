"""Conditions that are ready to be evaluated: small frozen nodes, each one answers for an item.

A missing operand makes a comparison false, with one exception: `<>` is the opposite of `=`, so it holds where an
operand is missing. The developer guide is silent here; the legacy `NE` and everyday use of the service agree ("not yet
done": `status <> :done` lets the first write through).

Not here: making these nodes from text and checking their operands (`bind.py`).
"""

from binascii import a2b_base64
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Protocol

from everwarm.dynamodb.expressions.paths import Path, find
from everwarm.dynamodb.values.compare import equal, is_ordered, less
from everwarm.dynamodb.values.types import SET_TAGS, AttributeValue, Item, type_of


class Operand(Protocol):
    """What has a value in an item, or none."""

    def value(self, item: Item) -> AttributeValue | None: ...


class Condition(Protocol):
    """What holds for an item, or does not."""

    def holds(self, item: Item) -> bool: ...


def holds(condition: Condition, item: Item) -> bool:
    """Whether the condition holds.

    Args:
        condition: as bound.
        item: empty where there is no item.
    """
    return condition.holds(item)


def paths(condition: Condition) -> list[Path]:
    """The paths that a condition asks about, in its order, some perhaps more than once."""
    found: list[Path] = []
    waiting: list[Any] = [condition]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Attribute | AttributeExists | AttributeNotExists):
            found.append(node.path)
        elif isinstance(node, And | Or):
            waiting += reversed(node.conditions)
        elif isinstance(node, In):
            waiting += [*reversed(node.choices), node.operand]
        elif is_dataclass(node) and not isinstance(node, Literal):
            waiting += reversed([getattr(node, member.name) for member in fields(node)])
    return found


@dataclass(frozen=True, slots=True)
class Attribute:
    """The value at a path."""

    path: Path

    def value(self, item: Item) -> AttributeValue | None:
        return find(item, self.path)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value of the request."""

    given: AttributeValue

    def value(self, item: Item) -> AttributeValue | None:
        return self.given


@dataclass(frozen=True, slots=True)
class Size:
    """Characters of a string, bytes of a binary, members of a set, list or map; none for other types.

    Characters are counted as in UTF-16: seen on DynamoDB Local, the guide says "length".
    """

    operand: Operand

    def value(self, item: Item) -> AttributeValue | None:
        value = self.operand.value(item)
        if value is None:
            return None
        tag = type_of(value)
        if tag in ("N", "BOOL", "NULL"):
            return None
        inner = value[tag]
        if tag == "B":
            inner = a2b_base64(inner)
        elif tag == "S" and not inner.isascii():
            return {"N": str(len(inner.encode("utf-16-le", "surrogatepass")) // 2)}
        return {"N": str(len(inner))}


@dataclass(frozen=True, slots=True)
class Equal:
    left: Operand
    right: Operand

    def holds(self, item: Item) -> bool:
        left, right = self.left.value(item), self.right.value(item)
        return left is not None and right is not None and equal(left, right)


@dataclass(frozen=True, slots=True)
class NotEqual:
    left: Operand
    right: Operand

    def holds(self, item: Item) -> bool:
        left, right = self.left.value(item), self.right.value(item)
        return left is None or right is None or not equal(left, right)


@dataclass(frozen=True, slots=True)
class Less:
    left: Operand
    right: Operand

    def holds(self, item: Item) -> bool:
        left, right = self.left.value(item), self.right.value(item)
        return left is not None and right is not None and less(left, right)


@dataclass(frozen=True, slots=True)
class LessOrEqual:
    left: Operand
    right: Operand

    def holds(self, item: Item) -> bool:
        return _at_most(self.left.value(item), self.right.value(item))


@dataclass(frozen=True, slots=True)
class Between:
    operand: Operand
    low: Operand
    high: Operand

    def holds(self, item: Item) -> bool:
        value = self.operand.value(item)
        return _at_most(self.low.value(item), value) and _at_most(value, self.high.value(item))


def _at_most(left: AttributeValue | None, right: AttributeValue | None) -> bool:
    if left is None or right is None or not is_ordered(left):
        return False
    return type_of(left) == type_of(right) and not less(right, left)


@dataclass(frozen=True, slots=True)
class In:
    operand: Operand
    choices: tuple[Operand, ...]

    def holds(self, item: Item) -> bool:
        value = self.operand.value(item)
        if value is None:
            return False
        for choice in self.choices:
            other = choice.value(item)
            if other is not None and equal(value, other):
                return True
        return False


# Loops in these two, not all() and any(): a generator is one more Python frame on each level of a deep condition.
@dataclass(frozen=True, slots=True)
class And:
    conditions: tuple[Condition, ...]

    def holds(self, item: Item) -> bool:
        for condition in self.conditions:  # noqa: SIM110
            if not condition.holds(item):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Or:
    conditions: tuple[Condition, ...]

    def holds(self, item: Item) -> bool:
        for condition in self.conditions:  # noqa: SIM110
            if condition.holds(item):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition

    def holds(self, item: Item) -> bool:
        return not self.condition.holds(item)


@dataclass(frozen=True, slots=True)
class AttributeExists:
    path: Path

    def holds(self, item: Item) -> bool:
        return find(item, self.path) is not None


@dataclass(frozen=True, slots=True)
class AttributeNotExists:
    path: Path

    def holds(self, item: Item) -> bool:
        return find(item, self.path) is None


@dataclass(frozen=True, slots=True)
class AttributeType:
    operand: Operand
    tag: str

    def holds(self, item: Item) -> bool:
        value = self.operand.value(item)
        return value is not None and self.tag in value


@dataclass(frozen=True, slots=True)
class BeginsWith:
    operand: Operand
    prefix: Operand

    def holds(self, item: Item) -> bool:
        value, prefix = self.operand.value(item), self.prefix.value(item)
        if value is None or prefix is None:
            return False
        if "S" in value and "S" in prefix:
            return bool(value["S"].startswith(prefix["S"]))
        return "B" in value and "B" in prefix and a2b_base64(value["B"]).startswith(a2b_base64(prefix["B"]))


@dataclass(frozen=True, slots=True)
class Contains:
    """A part of a string or binary, a member of a set, an element of a list."""

    operand: Operand
    sought: Operand

    def holds(self, item: Item) -> bool:
        value, sought = self.operand.value(item), self.sought.value(item)
        if value is None or sought is None:
            return False
        tag, sought_tag = type_of(value), type_of(sought)
        inner, part = value[tag], sought[sought_tag]
        if tag == "L":
            return any(equal(element, sought) for element in inner)
        if tag in SET_TAGS:
            return sought_tag == tag[0] and part in inner
        if tag == sought_tag == "B":
            return a2b_base64(part) in a2b_base64(inner)
        return tag == sought_tag == "S" and part in inner
