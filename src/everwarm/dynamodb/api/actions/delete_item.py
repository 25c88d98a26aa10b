"""DeleteItem: deletes an item; one that is not there is no error."""

from everwarm.dynamodb.api.item_request import binder, check_return_values, refuse_legacy, requirement, write_one
from everwarm.dynamodb.api.operation import Request, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.keys import key_of_request
from everwarm.dynamodb.tables.write import Plan, PlannedWrite
from everwarm.dynamodb.values.check import normal_item
from everwarm.dynamodb.values.types import Item


def run(engine: Engine, request: Request) -> Transaction:
    refuse_legacy(request)
    check_return_values(request, "ALL_OLD")
    return write_one(engine, request, plan(request))


def plan(request: Request) -> Plan:
    """A deletion, of DeleteItem or of a transaction."""
    given = normal_item(request["Key"])
    bound = binder(request)
    require = requirement(request, bound)
    bound.finish("ConditionExpression")

    def decide(old: Item | None) -> None:
        require(old)

    return lambda table: PlannedWrite(table, key_of_request(table, given), decide)
