"""What is cached, the same for everybody. Only the standard library, for it runs in the peers' environment, too."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Any

KEYS = 1000
"""Of each kind; they are asked for in an order that does not follow that of their putting."""

_NEWEST = date(2025, 1, 31)
_STEP = 389  # has no divisor in common with KEYS, so that every key has its turn


class Kind(StrEnum):
    """A kind of value."""

    RATES = "rates"
    TEXT = "text"


def value(kind: Kind, number: int) -> Any:
    """A list of 30 maps of date and rate, as examples/rates has them; or a small string."""
    if kind is Kind.TEXT:
        return f"the rate of pair {number} is {1 + number / 10_000:.4f}"
    return [
        {"date": str(_NEWEST - timedelta(days=day)), "rate": round(1.0842 + number + day / 1000, 4)}
        for day in range(30)
    ]


def key(kind: Kind, number: int) -> str:
    """The key of a value."""
    return f"{kind}/{number:04d}"


def entries(kind: Kind) -> dict[str, Any]:
    """All values of a kind, by key."""
    return {key(kind, number): value(kind, number) for number in range(KEYS)}


def keys_to_ask(kind: Kind) -> list[str]:
    """All keys of a kind, in the order in which they are asked for."""
    return [key(kind, number * _STEP % KEYS) for number in range(KEYS)]


def load(asked: str) -> Any:
    """The value of a key, as a loader would bring it."""
    kind, _, number = asked.partition("/")
    return value(Kind(kind), int(number))
