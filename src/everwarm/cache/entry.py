"""An entry as its readers see it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


class NotFound(Exception):
    """Raised by a loader: there is no such thing. It is kept for a time of its own, and raised to readers."""


class State(StrEnum):
    """How a value stands to its time."""

    FRESH = "fresh"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Entry(Generic[T_co]):
    """A value with its times, all in epoch seconds.

    Attributes:
        key: its key in the table.
        value: what the loader returned.
        generation: rises with every load; the newer value has the higher one.
        loaded_at: when it was loaded.
        fresh_until: when it is to be refreshed.
        expires_at: from when on it is not served any more; None for never.
        state: fresh or stale, when it was read.
        age_s: how old it was then.
        load_s: how long loading it took.
        tags: what it can be invalidated by, beside its key.
        failures: tries to refresh it that have failed, one after the other; the last one's text is in `error`.
    """

    key: str
    value: T_co
    generation: int
    loaded_at: float
    fresh_until: float
    expires_at: float | None
    state: State
    age_s: float
    load_s: float = 0.0
    tags: frozenset[str] = frozenset()
    failures: int = 0
    error: str | None = None
