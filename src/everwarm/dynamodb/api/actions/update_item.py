"""UpdateItem: changes some attributes of an item, and creates it if it is not there."""

from everwarm.dynamodb.api.item_request import binder, check_return_values, refuse_legacy, requirement, written
from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.expressions.projection import project
from everwarm.dynamodb.expressions.update import apply, top_level_names, touched
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.change import ItemChange
from everwarm.dynamodb.tables.keys import key_of_request
from everwarm.dynamodb.values.check import normal_item
from everwarm.dynamodb.values.types import Item
from everwarm.errors import invalid_parameters

_TOO_LARGE = "Item size to update has exceeded the maximum allowed size"


def run(engine: Engine, request: Request) -> Transaction:
    refuse_legacy(request)
    returned = check_return_values(request, "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW")
    given = normal_item(request["Key"])
    bound = binder(request)
    text = request.get("UpdateExpression")
    update = None if text is None else bound.update(text)
    require = requirement(request, bound)
    bound.finish("UpdateExpression", "ConditionExpression")
    table = engine.tables.find(request["TableName"])
    key = key_of_request(table, given)
    if update is not None:
        for name in table.key_schema.names:
            if name in top_level_names(update):
                raise invalid_parameters(f"Cannot update attribute {name}. This attribute is part of the key")

    def decide(old: Item | None) -> Item:
        require(old)
        base = key.attributes if old is None else old
        return base if update is None else apply(update, base)

    def updated(change: ItemChange) -> Item | None:
        shown = {"UPDATED_OLD": change.old, "UPDATED_NEW": change.new}.get(returned)
        return None if update is None or shown is None else project(touched(update), shown)

    def body(tx: Tx) -> Response:
        change = engine.write(tx, table, key, decide, too_large=_TOO_LARGE)
        return written(request, change, updated(change))

    return Transaction(body)
