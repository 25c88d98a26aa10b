"""What parsing gives: a statement's tree, the same for every request; its parameters are still in it."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.values.types import AttributeValue


class Spot(NamedTuple):
    """Where in the statement something stands, for messages: `1:8:4` is line, column and length."""

    line: int
    column: int
    length: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}:{self.length}"


# Expressions. Which of them make sense where is not the grammar's business.


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, a number as written, a boolean or NULL."""

    value: AttributeValue
    spot: Spot


@dataclass(frozen=True, slots=True)
class Missing:
    spot: Spot


@dataclass(frozen=True, slots=True)
class Parameter:
    """A question mark; `number` counts from 0."""

    number: int
    spot: Spot


@dataclass(frozen=True, slots=True)
class Reference:
    """A document path."""

    path: Path
    spot: Spot


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list, or with `bag` a set."""

    items: tuple["Expression", ...]
    bag: bool
    spot: Spot


@dataclass(frozen=True, slots=True)
class Struct:
    """A map, its members in the statement's order."""

    members: tuple[tuple["Expression", "Expression"], ...]
    spot: Spot


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function with its operands; key words and functions in small letters.

    AND and OR have two operands and more. `is` has one, and the type in its name: `is missing`, `is null`.
    """

    operator: str
    operands: tuple["Expression", ...]
    spot: Spot
    is_function: bool = False


@dataclass(frozen=True, slots=True)
class Subquery:
    select: "Select"
    spot: Spot


@dataclass(frozen=True, slots=True)
class Refused:
    """What PartiQL knows, and DynamoDB refuses, with the words of the refusal."""

    problem: str
    spot: Spot


Expression = Literal | Missing | Parameter | Reference | Sequence | Struct | Call | Subquery | Refused


# Statements


@dataclass(frozen=True, slots=True)
class Select:
    """
    Attributes:
        paths: what is to be shown; None for everything.
        order_by: keys, each with whether it is descending.
    """

    paths: tuple[Path, ...] | None
    table: str
    index: str | None
    where: Expression | None
    order_by: tuple[tuple[Path, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Insert:
    table: str
    item: Struct


@dataclass(frozen=True, slots=True)
class Assignment:
    """One action of an UPDATE; None as value removes."""

    path: Path
    value: Expression | None


class Returning(Enum):
    """What a write shows, by the name that `ReturnValues` has for it."""

    ALL_OLD = "ALL OLD"
    ALL_NEW = "ALL NEW"
    UPDATED_OLD = "MODIFIED OLD"
    UPDATED_NEW = "MODIFIED NEW"


@dataclass(frozen=True, slots=True)
class Update:
    table: str
    assignments: tuple[Assignment, ...]
    where: Expression | None
    returning: Returning | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    table: str
    where: Expression | None
    returning: Returning | None = None


@dataclass(frozen=True, slots=True)
class Exists:
    """A condition on an item that a transaction does not write."""

    select: Select


Statement = Select | Insert | Update | Delete | Exists


@dataclass(frozen=True, slots=True)
class Parsed:
    """A statement.

    Attributes:
        parameters: how many it has.
        fault: what is said about something in it that PartiQL has and DynamoDB has not; the tree is of no use then,
            except that it shows what kind of statement it is.
    """

    statement: Statement
    parameters: int
    fault: str | None = None
