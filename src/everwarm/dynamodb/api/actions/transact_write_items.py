"""TransactWriteItems: up to 100 puts, updates, deletions and checks of conditions, all or none.

Here the writer does one transaction after the other, so two never conflict.
"""

from collections.abc import Callable
from functools import partial

import orjson

from everwarm.dynamodb.api.actions import delete_item, put_item, update_item
from everwarm.dynamodb.api.item_request import collection_metrics_wanted, metrics_by_table, requirement
from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.api.request_expressions import PUT, Expressions
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.capacity import Kind, consumed_in_transaction, of_repetition, of_write, wanted
from everwarm.dynamodb.tables.keys import key_of_request
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.tables.transact import MAX_BYTES, SAME_ITEM, all_or_none
from everwarm.dynamodb.tables.write import Plan, PlannedWrite
from everwarm.dynamodb.values.check import normal_item
from everwarm.dynamodb.values.sizes import item_size
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ValidationException


def run(engine: Engine, request: Request) -> Transaction:
    actions = [_action(element) for element in request["TransactItems"]]
    plans = [_PLANS[kind](action) for kind, action in actions]
    payload = orjson.dumps(request["TransactItems"], option=orjson.OPT_SORT_KEYS)
    if len(payload) > MAX_BYTES:  # as JSON it has more than it counts
        _check_payload([action for _, action in actions])
    names = [action["TableName"] for _, action in actions]
    tables = [engine.tables.find(name) for name in names]
    planned = all_or_none(partial(plan, table) for plan, table in zip(plans, tables, strict=True))
    if len({(one.table.number, one.key.encoded) for one in planned}) != len(planned):
        raise ValidationException(SAME_ITEM)
    token = request.get("ClientRequestToken")

    def body(tx: Tx) -> Response:
        done = None if token is None else engine.tokens.done(tx, "TransactWriteItems", token, payload)
        if done is not None:
            return consumed_in_transaction(request, of_repetition(names, done), Kind.READ)
        changes = all_or_none(partial(engine.carry_out, tx, one) for one in planned)
        if token is not None:
            sizes_bytes = [max(change.old_bytes, change.new_bytes) for change in changes]
            engine.tokens.keep(tx, "TransactWriteItems", token, payload, sizes_bytes)
        response: Response = {}
        if collection_metrics_wanted(request):
            # A check affects no collection.
            writes = [
                (action["TableName"], change)
                for (kind, action), change in zip(actions, changes, strict=True)
                if kind != "ConditionCheck"
            ]
            if metrics := metrics_by_table(tx, writes):
                response["ItemCollectionMetrics"] = metrics
        if wanted(request):
            capacities = [of_write(change).named(name) for name, change in zip(names, changes, strict=True)]
            response |= consumed_in_transaction(request, capacities, Kind.WRITE)
        return response

    return Transaction(body)


def _check(request: Request) -> Plan:
    expressions = Expressions(request, PUT)
    given = normal_item(request["Key"])
    require = requirement(request, expressions.condition())
    expressions.finish()

    def decide(old: Item | None) -> Item | None:
        require(old)
        return old

    def planned(table: Table) -> PlannedWrite:
        key = key_of_request(table, given)
        expressions.check_paths(table)
        return PlannedWrite(table, key, decide)

    return planned


_PLANS: dict[str, Callable[[Request], Plan]] = {
    "ConditionCheck": _check,
    "Put": put_item.plan,
    "Update": update_item.plan,
    "Delete": delete_item.plan,
}

_MEMBERS = (
    "TableName",
    "Item",
    "Key",
    "UpdateExpression",
    "ConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ReturnValuesOnConditionCheckFailure",
)


def _action(element: Request) -> tuple[str, Request]:
    """The one action of an element, with what belongs to it: the single operations know more parameters."""
    kinds = [kind for kind in _PLANS if element.get(kind) is not None]
    if not kinds:
        raise ValidationException(
            "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
        )
    if len(kinds) > 1:
        raise ValidationException("TransactItems can only contain one of Check, Put, Update or Delete")
    action = element[kinds[0]]
    return kinds[0], {member: action[member] for member in _MEMBERS if action.get(member) is not None}


def _check_payload(actions: list[Request]) -> None:
    payload_bytes = sum(
        item_size(normal_item(action.get(member) or {}))
        for action in actions
        for member in ("Item", "Key", "ExpressionAttributeValues")
    )
    if payload_bytes > MAX_BYTES:
        raise ValidationException(f"Transaction payload size cannot exceed 4MB. Payload Size: {payload_bytes}")
