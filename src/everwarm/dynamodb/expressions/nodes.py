"""What parsing gives: an expression's tree with its placeholders still in it, the same for every request.

Not here: the nodes that are evaluated, with names and values put in (`condition.py`, `update.py`).
"""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class DocumentPath:
    """A path as written; an element `#n` is a placeholder, for no bare name begins so."""

    elements: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value as written, `:v`."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function with its operands.

    Attributes:
        operator: the function's name, the comparator, or the key word in capitals.
        operands: two and more for AND and OR.
        position: of a function, which token its name is.
    """

    operator: str
    operands: tuple["Node", ...]
    position: int = field(default=0, compare=False)


Node = DocumentPath | Placeholder | Call


class Section(StrEnum):
    """The four sections of an update expression."""

    SET = "SET"
    REMOVE = "REMOVE"
    ADD = "ADD"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Action:
    """One action of an update expression; REMOVE has no operand."""

    section: Section
    path: DocumentPath
    operand: Node | None = None


@dataclass(frozen=True, slots=True)
class Uses:
    """What an expression refers to, in the order of the text: placeholders, and paths that lead into an attribute.

    Attributes:
        too_deep: whether one of the paths has more elements than a path may have.
    """

    names: tuple[str, ...]
    values: tuple[str, ...]
    inner_paths: tuple[DocumentPath, ...] = ()
    too_deep: bool = False


@dataclass(frozen=True, slots=True)
class ParsedCondition:
    """A condition, filter or key condition expression."""

    root: Call
    uses: Uses


@dataclass(frozen=True, slots=True)
class ParsedUpdate:
    """An update expression."""

    actions: tuple[Action, ...]
    uses: Uses


@dataclass(frozen=True, slots=True)
class ParsedProjection:
    """A projection expression."""

    paths: tuple[DocumentPath, ...]
    uses: Uses
