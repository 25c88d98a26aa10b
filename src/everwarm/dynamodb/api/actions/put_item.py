"""PutItem: puts a whole item in the place of what was there."""

from everwarm.dynamodb.api.complaints import counted
from everwarm.dynamodb.api.item_request import check_return_values, requirement, write_one
from everwarm.dynamodb.api.operation import Request, Transaction
from everwarm.dynamodb.api.request_expressions import PUT, Expressions
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.index_keys import check_index_keys
from everwarm.dynamodb.tables.keys import key_in_item
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.tables.write import Plan, PlannedWrite, encode
from everwarm.dynamodb.values.check import normal_item
from everwarm.dynamodb.values.types import Item


def run(engine: Engine, request: Request) -> Transaction:
    return write_one(engine, request, counted(plan, request))


def plan(request: Request) -> Plan:
    """A put, of PutItem or of a transaction."""
    expressions = Expressions(request, PUT)
    item = normal_item(request["Item"])
    check_return_values(request)
    item_json = encode(item)
    require = requirement(request, expressions.condition())
    expressions.finish()

    def decide(old: Item | None) -> Item:
        require(old)
        return item

    def planned(table: Table) -> PlannedWrite:
        key = key_in_item(table, item)
        expressions.check_paths(table)
        check_index_keys(table, item)
        return PlannedWrite(table, key, decide, new_json=item_json)

    return planned
