"""DeleteItem: deletes an item; one that is not there is no error."""

from everwarm.dynamodb.api.complaints import counted
from everwarm.dynamodb.api.item_request import check_return_values, requirement, write_one
from everwarm.dynamodb.api.operation import Request, Transaction
from everwarm.dynamodb.api.request_expressions import DELETE, Expressions
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.keys import key_of_request
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.tables.write import Plan, PlannedWrite
from everwarm.dynamodb.values.check import normal_item
from everwarm.dynamodb.values.types import Item


def run(engine: Engine, request: Request) -> Transaction:
    return write_one(engine, request, counted(plan, request))


def plan(request: Request) -> Plan:
    """A deletion, of DeleteItem or of a transaction."""
    expressions = Expressions(request, DELETE)
    given = normal_item(request["Key"])
    check_return_values(request)
    require = requirement(request, expressions.condition())
    expressions.finish()

    def decide(old: Item | None) -> None:
        require(old)

    def planned(table: Table) -> PlannedWrite:
        key = key_of_request(table, given)
        expressions.check_paths(table)
        return PlannedWrite(table, key, decide)

    return planned
