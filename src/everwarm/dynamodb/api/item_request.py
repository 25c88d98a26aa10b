"""What the requests for single items have in common: condition, returned values, consumed capacity."""

from collections.abc import Callable
from typing import Any

import orjson

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.expressions.bind import Binder
from everwarm.dynamodb.expressions.condition import Condition, holds
from everwarm.dynamodb.tables.capacity import consumed, of_write, wanted
from everwarm.dynamodb.tables.change import ItemChange
from everwarm.dynamodb.values.check import normal_item
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ConditionalCheckFailedException, ValidationException

_LEGACY = (
    "AttributesToGet",
    "AttributeUpdates",
    "ConditionalOperator",
    "Expected",
)

Require = Callable[[Item | None], None]
"""Raises if a write's condition does not hold for the item as it is."""


def refuse_legacy(request: Request) -> None:
    """
    Raises:
        ValidationException: the request has a parameter from before expressions.
    """
    for parameter in _LEGACY:
        if request.get(parameter) is not None:
            raise ValidationException(
                f"{parameter}: this version of everwarm does not have the legacy parameters yet; use expressions"
            )


def binder(request: Request) -> Binder:
    """The request's names and values, for its expressions."""
    values = request.get("ExpressionAttributeValues")
    return Binder(request.get("ExpressionAttributeNames"), None if values is None else normal_item(values))


def check_return_values(request: Request, *allowed: str) -> str:
    """The wanted `ReturnValues`.

    Raises:
        ValidationException: the operation cannot give them.
    """
    wanted: str = request.get("ReturnValues") or "NONE"
    if wanted not in ("NONE", *allowed):
        raise ValidationException("Return values set to invalid value")
    return wanted


def requirement(request: Request, bound: Binder) -> Require:
    """The request's `ConditionExpression` as a function; without one nothing is required."""
    text = request.get("ConditionExpression")
    if text is None:
        return lambda old: None
    condition: Condition = bound.condition(text)
    with_item = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"

    def require(old: Item | None) -> None:
        if not holds(condition, old or {}):
            members: dict[str, Any] = {"Item": old} if with_item and old is not None else {}
            raise ConditionalCheckFailedException("The conditional request failed", **members)

    return require


def written(request: Request, change: ItemChange, updated: Item | None = None) -> Response:
    """The response of a write of one item.

    Args:
        updated: what `ReturnValues` wants of an update's own attributes. A whole item is the change's, and passed on
            as it is.
    """
    response: Response = {}
    whole = {"ALL_OLD": change.old_json, "ALL_NEW": change.new_json}.get(request.get("ReturnValues") or "NONE")
    if whole is not None:
        response["Attributes"] = orjson.Fragment(whole)
    elif updated:
        response["Attributes"] = updated
    if wanted(request):
        response |= consumed(of_write(change), request["ReturnConsumedCapacity"])
    return response
