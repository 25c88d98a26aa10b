"""Which paths a condition looks at."""

from collections.abc import Iterator

from everwarm.dynamodb.expressions.condition import Attribute, AttributeExists, AttributeNotExists, Condition, Operand
from everwarm.dynamodb.expressions.paths import Path


def condition_paths(condition: Condition) -> Iterator[Path]:
    """Every path that a bound condition names, in the order of its text; repeated ones repeatedly."""
    # With a stack of its own, for a condition may be deeper than Python's.
    waiting: list[Condition | Operand] = [condition]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Attribute | AttributeExists | AttributeNotExists):
            yield node.path
            continue
        for slot in reversed(type(node).__slots__):  # type: ignore[attr-defined]
            inner = getattr(node, slot)
            if isinstance(inner, tuple):
                waiting += reversed(inner)
            elif hasattr(type(inner), "__slots__"):
                waiting.append(inner)
