"""PutItem: puts a whole item in the place of what was there."""

from everwarm.dynamodb.api.item_request import binder, check_return_values, refuse_legacy, requirement, written
from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.keys import key_in_item
from everwarm.dynamodb.values.check import normal_item
from everwarm.dynamodb.values.types import Item


def run(engine: Engine, request: Request) -> Transaction:
    refuse_legacy(request)
    check_return_values(request, "ALL_OLD")
    item = normal_item(request["Item"])
    bound = binder(request)
    require = requirement(request, bound)
    bound.finish("ConditionExpression")
    table = engine.tables.find(request["TableName"])
    key = key_in_item(table, item)

    def decide(old: Item | None) -> Item:
        require(old)
        return item

    def body(tx: Tx) -> Response:
        return written(request, engine.write(tx, table, key, decide))

    return Transaction(body)
