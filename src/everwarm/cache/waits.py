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
        self._waiting = waiting = None if awaited.over else here()
        self._awaited = awaited
        if waiting is None:
            return
        with _lock:
            if _leads_to(awaited, waiting):
                self._waiting = None
                raise CacheError(_ring(waiting, awaited))
            waiting._awaited.append(awaited)
            _let_go_if_stuck(awaited)

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
    """If a load can never end, because of the places that loads wait for, have the first of these go without."""
    below = _below(one)
    while one in (stuck := _stuck(below)):
        queued = next((each for each in stuck if _holders(each)), None)
        if queued is None or queued._places is None:
            return
        queued._places.waive(queued)


def _stuck(loads: list[Course]) -> list[Course]:
    """Those of some loads that can never end. One can if all can that it waits for, and one of those that have a place
    where it waits for one.

    Args:
        loads: and all that these wait for.
    """
    stuck, last = loads, -1
    while len(stuck) != last:
        last = len(stuck)
        unable = set(stuck)
        stuck = [
            each
            for each in stuck
            if not unable.isdisjoint(each._awaited) or ((holders := _holders(each)) and unable.issuperset(holders))
        ]
    return stuck


def _holders(one: Course) -> tuple[Any, ...]:
    """Who has the places for one of which a load waits."""
    return () if one._places is None else one._places.holders(one)


def _leads_to(one: Course, other: Course) -> bool:
    """Whether a load waits for another one, or is it; for its end, not for a place."""
    seen, rest = {one}, [one]
    while rest:
        each = rest.pop()
        if each is other:
            return True
        new = {awaited for awaited in each._awaited if not awaited.over} - seen
        seen |= new
        rest += new
    return False


def _below(one: Course) -> list[Course]:
    """A load, and all that it waits for in some way, that are not over."""
    found: dict[Course, None] = {}
    rest: list[Course | None] = [one]
    while rest:
        each = rest.pop()
        if each is not None and not each.over and each not in found:
            found[each] = None
            rest += each._awaited
            rest += _holders(each)
    return list(found)


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
