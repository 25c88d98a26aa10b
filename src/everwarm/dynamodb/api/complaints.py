"""What is wrong with a request's shape, in one message: "2 validation errors detected: Value ... at ...; Value ...".

Not here: what finds it (constraints.py).
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from everwarm.errors import PlainValidationException, ValidationException

T = TypeVar("T")

NOT_NULL = "Member must not be null"

MAX_SHOWN = 10
"""AWS stops after so many errors, and counts no further."""

# AWS's order comes from its own model and is not published. What is known of it: these stand before the rest, as here.
_FIRST = (
    "attributeDefinitions",
    "attributeType",
    "attributeName",
    "returnConsumedCapacity",
    "queryFilter",
    "indexName",
    "totalSegments",
    "exclusiveStartKey",
    "attributesToGet",
    "exclusiveStartTableName",
    "tableName",
    "item",
    "key",
    "select",
    "limit",
    "billingMode",
    "provisionedThroughput",
    "writeCapacityUnits",
    "readCapacityUnits",
    "projection",
    "keySchema",
)
_PLACES = {name: place for place, name in enumerate(_FIRST)}


class Complaint(NamedTuple):
    """One constraint that does not hold."""

    path: str
    text: str


def complaint(shown: str | None, path: str, constraint: str) -> Complaint:
    """
    Args:
        shown: the value as AWS shows it; None where there is none.
        path: as AWS writes it, `keySchema.1.member.keyType` say.
        constraint: in AWS's words.
    """
    value = "null" if shown is None else f"'{shown}'"
    return Complaint(path, f"Value {value} at '{path}' failed to satisfy constraint: {constraint}")


def refused(complaints: list[Complaint]) -> ValidationException:
    """One error of them all, as far as AWS counts."""
    texts = [found.text for found in sorted(complaints, key=_Places())[:MAX_SHOWN]]
    noun = "error" if len(texts) == 1 else "errors"
    return ValidationException(f"{len(texts)} validation {noun} detected: {'; '.join(texts)}")


def told(operation: str, complaints: list[Complaint]) -> list[Complaint]:
    """What an operation tells of all complaints: since 2026 PutItem and UpdateItem tell of a bad `TableName` alone, and
    UpdateItem of one only of all that should be one of several values: of `ReturnValues`, if it is among them.
    """
    if operation not in ("PutItem", "UpdateItem"):
        return complaints
    of_name = [found for found in complaints if found.path == "tableName" and NOT_NULL not in found.text]
    if of_name or operation == "PutItem":
        return of_name or complaints
    choices = [found for found in complaints if "enum value set" in found.text]
    places = _Places()
    choices.sort(key=lambda found: (found.path != "returnValues", places(found)))
    return [found for found in complaints if found not in choices[1:]]


def refusal(value: Any, path: str, constraint: str) -> ValidationException:
    """The error for one plain value that does not satisfy a constraint, for those that the models do not have."""
    return refused([complaint(None if value is None else str(value), path, constraint)])


class _Places:
    """Where complaints stand among each other. Names that nothing is known of come in the order in which they are met,
    one member's complaints all before the next one's.
    """

    def __init__(self) -> None:
        self._places = dict(_PLACES)

    def __call__(self, found: Complaint) -> tuple[int, ...]:
        return tuple(
            int(part)
            if part.isdecimal() and part.isascii() and len(part) < 5
            else self._places.setdefault(part, len(self._places))
            for part in found.path.split(".")
        )


def counted(check: Callable[[dict[str, Any]], T], request: dict[str, Any]) -> T:
    """Check a request, and let a complaint begin as those about its shape do.

    So the writes of single items have told since 2026 what is wrong with sets, expressions and parameters, and Query
    and Scan what is wrong with `Select`; not what is wrong with single values and sizes, and nothing that takes a table
    to find out.

    Sources: MiniStack's issue 1038; the changelog of dynoxide 0.12; tests of moto 5.2.5 that are verified on AWS.

    Raises:
        ValidationException: as `check` does.
    """
    try:
        return check(request)
    except PlainValidationException:
        raise
    except ValidationException as err:
        raise ValidationException(f"1 validation error detected: {err.message}") from None
