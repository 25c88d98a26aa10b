"""`AttributeUpdates`, the updates from before expressions, made into the actions that expressions have.

They differ from those in three ways: ADD appends to a list too, DELETE without a value removes the attribute, and an
attribute of another type than the value's is refused in words of its own.

Source: "AttributeUpdates" in the DynamoDB developer guide's legacy conditional parameters.
"""

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.expressions.update import Action, Add, Delete, Given, Remove, Set, Update
from everwarm.dynamodb.values.check import check_names, normal_value
from everwarm.dynamodb.values.types import SET_TAGS, AttributeValue, Item, type_of
from everwarm.errors import ValidationException, invalid_parameters


@dataclass(frozen=True, slots=True)
class OfSameType:
    """An action for an attribute of the type of `operand`, or for one that is missing."""

    action: Action
    operand: AttributeValue

    @property
    def path(self) -> Path:
        return self.action.path

    def result(self, item: Item) -> AttributeValue | None:
        old = item.get(str(self.path[0]))
        if old is not None and type_of(old) != type_of(self.operand):
            raise ValidationException("Type mismatch for attribute to update")
        return self.action.result(item)


def attribute_updates(given: dict[str, dict[str, Any]]) -> Update:
    """The update of `AttributeUpdates`.

    Args:
        given: as it stands in the request, of the right shape.

    Raises:
        ValidationException: an action without the value that it needs, or with one of a type that it does not take.
    """
    check_names(given)
    actions = [_action(name, update.get("Action") or "PUT", update.get("Value")) for name, update in given.items()]
    return Update(tuple(sorted(actions, key=attrgetter("path"))))


def _action(name: str, action: str, given: Any) -> Action:
    path: Path = (name,)
    if given is None:
        if action != "DELETE":
            raise invalid_parameters("Only DELETE action is allowed when no attribute value is specified")
        return Remove(path)
    value = normal_value(given)
    tag = type_of(value)
    if action == "PUT":
        return Set(path, Given(value))
    if action == "ADD":
        if tag not in ("N", "L", *SET_TAGS):
            raise invalid_parameters(f"ADD action is not supported for the type {tag}")
        return OfSameType(Add(path, value), value)
    if tag not in SET_TAGS:
        raise invalid_parameters(f"DELETE action with value is not supported for the type {tag}")
    return OfSameType(Delete(path, value), value)
