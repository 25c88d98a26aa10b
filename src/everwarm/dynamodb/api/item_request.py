"""What the writes of single items have in common: condition, returned values, consumed capacity.

Each action that writes has a `plan(request)`, which transactions use as well: it works out what needs no table, and
gives a function that does the rest once the table is found.
"""

from collections.abc import Callable, Iterable

import orjson

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.expressions.condition import Condition, holds
from everwarm.dynamodb.expressions.projection import project
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables import collections
from everwarm.dynamodb.tables.capacity import consumed, of_write, wanted
from everwarm.dynamodb.tables.change import ItemChange
from everwarm.dynamodb.tables.write import Plan, PlannedWrite, condition_failed
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ValidationException

Require = Callable[[Item | None], None]
"""Raises if a write's condition does not hold for the item as it is."""


def check_return_values(request: Request) -> None:
    """
    Raises:
        ValidationException: a put or a delete is asked for more than the old item.
    """
    if request.get("ReturnValues") not in (None, "NONE", "ALL_OLD"):
        raise ValidationException("ReturnValues can only be ALL_OLD or NONE")


def requirement(request: Request, condition: Condition | None) -> Require:
    """A write's condition as a function; without one nothing is required."""
    if condition is None:
        return lambda old: None
    with_item = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"

    def require(old: Item | None) -> None:
        if not holds(condition, old or {}):
            raise condition_failed(old if with_item else None)

    return require


def write_one(engine: Engine, request: Request, plan: Plan) -> Transaction:
    """A request that writes one item: its plan carried out, and answered."""
    planned = plan(engine.tables.find(request["TableName"]))

    def body(tx: Tx) -> Response:
        change = engine.carry_out(tx, planned)
        response = _written(request, planned, change)
        if collection_metrics_wanted(request) and (metrics := collections.metrics(tx, [change])):
            response["ItemCollectionMetrics"] = metrics[0]
        return response

    return Transaction(body)


def collection_metrics_wanted(request: Request) -> bool:
    """Whether a request asks for the sizes of the item collections that it writes to."""
    return request.get("ReturnItemCollectionMetrics") == "SIZE"


def metrics_by_table(tx: Tx, changes: Iterable[tuple[str, ItemChange]]) -> Response:
    """The response's `ItemCollectionMetrics` for several tables.

    Args:
        changes: each with its table's name as the request has it.
    """
    of_tables: dict[str, list[ItemChange]] = {}
    for name, change in changes:
        of_tables.setdefault(name, []).append(change)
    by_table = {name: collections.metrics(tx, of_table) for name, of_table in of_tables.items()}
    return {name: metrics for name, metrics in by_table.items() if metrics}


def _written(request: Request, planned: PlannedWrite, change: ItemChange) -> Response:
    response: Response = {}
    match request.get("ReturnValues"):
        # A whole item is passed on as the bytes that lie on disk.
        case "ALL_OLD" if change.old_json is not None:
            response["Attributes"] = orjson.Fragment(change.old_json)
        case "ALL_NEW" if change.new_json is not None:
            response["Attributes"] = orjson.Fragment(change.new_json)
        case "UPDATED_OLD" if change.old is not None and (shown := project(planned.touched, change.old)):
            response["Attributes"] = shown
        case "UPDATED_NEW" if change.new is not None and (shown := project(planned.touched, change.new)):
            response["Attributes"] = shown
    if wanted(request):
        response |= consumed(of_write(change), request)
    return response
