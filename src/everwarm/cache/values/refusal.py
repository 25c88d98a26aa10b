"""Why a value cannot be stored, and where in it: `value[3].rate: ...`.

A refusal is raised at the place, and every container that it passes on its way out adds its own step.
"""

from typing import Any

from everwarm.dynamodb.values.check import MAX_DEPTH
from everwarm.errors import UnstorableValue


class Refused(Exception):
    """A part of a value that cannot be stored.

    Attributes:
        problem: what is wrong with it and what to do, to be read behind its place.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self._steps: list[str] = []  # innermost first, as are the holders
        self._holders: list[Any] = []

    def at_index(self, index: int, holder: Any) -> None:
        """It lies in a list, a tuple or a set."""
        self._steps.append(f"[{index}]")
        self._holders.append(holder)

    def at_name(self, name: object, holder: Any) -> None:
        """It lies below a key of a dict, or in a field."""
        self._steps.append(f".{name}" if isinstance(name, str) and name.isidentifier() else f"[{name!r}]")
        self._holders.append(holder)

    def error(self) -> UnstorableValue:
        """The error for the caller."""
        steps, holders = self._steps[::-1], self._holders[::-1]
        known: set[int] = set()
        for number, holder in enumerate(holders):
            if id(holder) in known:
                return UnstorableValue(f"value{''.join(steps[:number])}: a value that holds itself cannot be stored")
            known.add(id(holder))
        return UnstorableValue(f"value{''.join(steps)}: {self.problem}")

    @property
    def depth(self) -> int:
        """How far below the place where it was caught the fault lies."""
        return len(self._steps)


def refuse_deep(depth: int) -> None:
    """
    Raises:
        Refused: a list or map may not lie in so many others.
    """
    if depth >= MAX_DEPTH:
        raise Refused(f"it is nested deeper than the {MAX_DEPTH + 1} levels that DynamoDB has")


def kind(value: object) -> str:
    """A value's type as a person calls it."""
    return "None" if value is None else type(value).__qualname__


def a(name: str) -> str:
    """A name with its article."""
    return name if name == "None" else f"{'an' if name[0] in 'aeiouAEIO' else 'a'} {name}"
