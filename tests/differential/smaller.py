"""Makes a failing case smaller: takes things out of it as long as it still fails in the same way."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from tests.differential.case import Case

MAX_TRIES = 400


def smaller(case: Case, still_fails: Callable[[Case], bool]) -> Case:
    """The smallest case that could be found in `MAX_TRIES` tries; steps go first, then members of the requests."""
    tries = 0
    found = True
    while found:
        found = False
        for candidate in _candidates(case):
            tries += 1
            if tries > MAX_TRIES:
                return case
            if still_fails(candidate):
                case, found = candidate, True
                break
    return case


def _candidates(case: Case) -> Iterator[Case]:
    steps = case.steps
    for number in range(len(steps)):
        yield Case(case.schema, steps[:number] + steps[number + 1 :])
    for number, step in enumerate(steps):
        for request in _without_one(step.request):
            yield Case(case.schema, (*steps[:number], step._replace(request=request), *steps[number + 1 :]))


def _without_one(value: Any) -> Iterator[Any]:
    """The value without one of its members, at any depth, the outer ones first."""
    if isinstance(value, dict | list):
        places: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
        for place in places:
            less = copy.copy(value)
            del less[place]
            yield less
        for place in places:
            for member in _without_one(value[place]):
                less = copy.copy(value)
                less[place] = member
                yield less
