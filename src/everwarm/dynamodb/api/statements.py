"""What the three operations of PartiQL have in common: a statement with its parameters, what a write shows."""

from dataclasses import dataclass
from typing import Any

import orjson

from everwarm.dynamodb.api.operation import Request
from everwarm.dynamodb.expressions.paths import Path, find
from everwarm.dynamodb.expressions.projection import project
from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.grammar import parse, shown_name
from everwarm.dynamodb.partiql.tree import Delete, Returning, Statement, Update
from everwarm.dynamodb.partiql.writes import Writing
from everwarm.dynamodb.tables.change import ItemChange
from everwarm.dynamodb.tables.write import PlannedWrite
from everwarm.dynamodb.values.check import normal_value
from everwarm.dynamodb.values.types import AttributeValue, Item
from everwarm.errors import ValidationException

Parameters = tuple[AttributeValue, ...]
"""The parameters of a statement, checked."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement that is right in itself.

    Attributes:
        text: as the request has it.
        parameters: checked; as many as the statement has.
        failed_item: whether a condition that does not hold shows the item.
    """

    text: str
    statement: Statement
    parameters: Parameters
    failed_item: bool


def parameters_of(request: Request) -> Parameters:
    """The parameters of a request, or of one member of a batch or transaction; wrong ones refuse all of it.

    Raises:
        ValidationException: one is no value.
    """
    return tuple([normal_value(one) for one in request.get("Parameters") or ()])


def prepare(request: Request, parameters: Parameters) -> Prepared:
    """The statement of a request, or of one member of a batch or transaction.

    Raises:
        ValidationException: it is none, or has another number of parameters.
    """
    parsed = parse(request["Statement"])
    if len(parameters) != parsed.parameters:
        raise ValidationException(messages.PARAMETERS)
    failed_item = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    return Prepared(request["Statement"], parsed.statement, parameters, failed_item)


def selected(paths: tuple[Path, ...] | None, item_json: bytes, item: Item) -> Any:
    """What a SELECT shows of an item: all of it, or each path's value under the path's last name."""
    if paths is None:
        return orjson.Fragment(item_json)
    return {shown_name(path): value for path in paths if (value := find(item, path)) is not None}


def returned(statement: Writing, planned: PlannedWrite, change: ItemChange) -> Any:
    """What a write's RETURNING clause shows; None where there is nothing."""
    returning = statement.returning if isinstance(statement, (Update, Delete)) else None
    match returning:
        case Returning.ALL_OLD if change.old_json is not None:
            return orjson.Fragment(change.old_json)
        case Returning.ALL_NEW if change.new_json is not None:
            return orjson.Fragment(change.new_json)
        case Returning.UPDATED_OLD if change.old is not None:
            return project(planned.touched, change.old) or None
        case Returning.UPDATED_NEW if change.new is not None:
            return project(planned.touched, change.new) or None
        case _:
            return None
