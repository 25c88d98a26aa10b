"""Makes a failing case smaller: takes things out of it as long as it still fails in the same way."""

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.differential.case import Case

MAX_TRIES = 400

_BETWEEN_PARTS = re.compile(r"(, | AND | OR | (?:SET|REMOVE|ADD|DELETE) )")


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
        for request in (*without_one(step.request), *with_shorter_texts(step.request)):
            yield Case(case.schema, (*steps[:number], step._replace(request=request), *steps[number + 1 :]))


def without_one(value: Any) -> Iterator[Any]:
    """The value without one of its members, at any depth, the outer ones first."""
    if isinstance(value, dict | list):
        places: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
        for place in places:
            less = copy.copy(value)
            del less[place]
            yield less
        for place in places:
            for member in without_one(value[place]):
                less = copy.copy(value)
                less[place] = member
                yield less


def with_shorter_texts(request: Any) -> Iterator[Any]:
    """The request without one part of one of its expressions."""
    for member, text in list(request.items()) if isinstance(request, dict) else []:
        if isinstance(text, str) and member.endswith("Expression"):
            parts = _BETWEEN_PARTS.split(text)
            for number in range(0, len(parts) if len(parts) > 1 else 0, 2):
                less = parts[: number - 1] + parts[number + 1 :] if number else parts[2:]
                yield {**request, member: "".join(less).strip()}
        elif isinstance(text, dict | list):
            yield from ({**request, member: less} for less in _shorter_inside(text))


def _shorter_inside(value: Any) -> Iterator[Any]:
    """The same for the requests inside a batch or a transaction."""
    if isinstance(value, dict):
        yield from with_shorter_texts(value)
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from ([*value[:number], less, *value[number + 1 :]] for less in _shorter_inside(member))
