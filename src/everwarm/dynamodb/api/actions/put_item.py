"""PutItem: puts a whole item in the place of what was there."""

from everwarm.dynamodb.api.item_request import binder, check_return_values, refuse_legacy, requirement, write_one
from everwarm.dynamodb.api.operation import Request, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.index_keys import check_index_keys
from everwarm.dynamodb.tables.keys import key_in_item
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.tables.write import Plan, PlannedWrite
from everwarm.dynamodb.values.check import normal_item
from everwarm.dynamodb.values.types import Item


def run(engine: Engine, request: Request) -> Transaction:
    refuse_legacy(request)
    check_return_values(request, "ALL_OLD")
    return write_one(engine, request, plan(request))


def plan(request: Request) -> Plan:
    """A put, of PutItem or of a transaction."""
    item = normal_item(request["Item"])
    bound = binder(request)
    require = requirement(request, bound)
    bound.finish("ConditionExpression")

    def decide(old: Item | None) -> Item:
        require(old)
        return item

    def planned(table: Table) -> PlannedWrite:
        key = key_in_item(table, item)
        check_index_keys(table, item)
        return PlannedWrite(table, key, decide)

    return planned
