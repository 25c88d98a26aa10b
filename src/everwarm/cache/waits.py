"""Which loads of this process wait for which, so that none do so for ever.

A loader may ask for other keys, and so waits for their loads. Where two would come to wait for each other, the one that
would close the ring is refused. And a load may wait for a place among those that its limits admit: where all places are
held by loads that wait for this very one, there will never be one free, and it goes without.

Not here: the loads (`flights.py`), the places (`policies/limits.py`), what is waited for in other processes: a lease
ends by itself (`table.py`).
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from everwarm.errors import CacheError


class Places(Protocol):
    """What a load may wait for before it runs: `Limits`."""

    def holders(self, waiting: object) -> tuple[Any, ...]:
        """Who holds the places that somebody waits for; none if he does not, or not any more."""
        ...

    def waive(self, waiting: object) -> None:
        """Let somebody who waits go without a place."""
        ...


class Course:
    """A load, as others see it who wait for it.

    Attributes:
        key: what is loaded.
        over: it has ended.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.over = False
        self._awaited: list[Course] = []
        self._places: Places | None = None

    @contextmanager
    def aboard(self) -> Iterator[None]:
        """What is done in this block is done in the course of this load."""
        token = _aboard.set((*_aboard.get(), self))
        try:
            yield
        finally:
            _aboard.reset(token)


_aboard: ContextVar[tuple[Course, ...]] = ContextVar("aboard", default=())
"""The loads in whose course this code runs, the innermost last."""

_lock = threading.Lock()
"""For all that is known of who waits. It is taken before that of limits."""


def here() -> Course | None:
    """The load in whose course this code runs; None if there is none, or it is over, and what it began goes on."""
    aboard = _aboard.get()
    return aboard[-1] if aboard and not aboard[-1].over else None


class Wait:
    """That this code waits for a load, until `end`."""

    def __init__(self, awaited: Course) -> None:
        """
        Raises:
            CacheError: it waits for us, and both would wait for ever.
        """
        self._waiting = waiting = here()
        self._awaited = awaited
        if waiting is None:
            return
        with _lock:
            if _needs(awaited, waiting, {}, places=False):
                self._waiting = None
                raise CacheError(_ring(waiting, awaited))
            waiting._awaited.append(awaited)
            for one in _below(awaited):
                _let_go_if_stuck(one)

    def end(self) -> None:
        """Wait no longer. Idempotent."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            with _lock:
                waiting._awaited.remove(self._awaited)


def queues(waiting: Course, places: Places) -> None:
    """A load has come to wait for a place."""
    with _lock:
        waiting._places = places
        _let_go_if_stuck(waiting)


def _let_go_if_stuck(one: Course) -> None:
    if one._places is None:
        return
    holders = one._places.holders(one)
    if holders and all(_needs(holder, one, {}) for holder in holders):
        one._places.waive(one)


def _needs(one: Course | None, other: Course, known: dict[Course, bool], *, places: bool = True) -> bool:
    """Whether a load cannot end before another one does.

    Args:
        known: of which loads that is known, or being found out.
        places: look also at what waits for a place.
    """
    if one is other:
        return True
    if one is None or one.over:
        return False
    if one not in known:
        known[one] = False
        holders = one._places.holders(one) if places and one._places is not None else ()
        known[one] = any(_needs(next_, other, known, places=places) for next_ in one._awaited) or (
            bool(holders) and all(_needs(holder, other, known) for holder in holders)
        )
    return known[one]


def _below(one: Course) -> set[Course]:
    """A load, and all that it waits for in some way."""
    found: set[Course] = set()
    rest: list[Course | None] = [one]
    while rest:
        next_ = rest.pop()
        if next_ is None or next_.over or next_ in found:
            continue
        found.add(next_)
        rest += next_._awaited
        if next_._places is not None:
            rest += next_._places.holders(next_)
    return found


def _ring(waiting: Course, awaited: Course) -> str:
    if awaited in _aboard.get():
        return f"the loader of {awaited.key!r} asks for {awaited.key!r} itself, and would wait for ever"
    return (
        f"the loader of {waiting.key!r} asks for {awaited.key!r}, whose loader waits for {waiting.key!r}: they would "
        "wait for each other for ever"
    )


def _forked() -> None:
    global _lock
    _lock = threading.Lock()  # the old one may be held by a thread that is not here


os.register_at_fork(after_in_child=_forked)
