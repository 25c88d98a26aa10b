"""UpdateItem: changes some attributes of an item, and creates it if it is not there.

Only an update that has nothing but removals creates none.
"""

from everwarm.dynamodb.api.complaints import counted
from everwarm.dynamodb.api.item_request import requirement, write_one
from everwarm.dynamodb.api.operation import Request, Transaction
from everwarm.dynamodb.api.request_expressions import UPDATE, Expressions
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.expressions.update import apply, top_level_names, touched
from everwarm.dynamodb.tables.index_key_updates import check_update, check_updated
from everwarm.dynamodb.tables.keys import key_of_request, refuse_updates
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.tables.write import UPDATE_TOO_LARGE, Plan, PlannedWrite
from everwarm.dynamodb.values.check import normal_item
from everwarm.dynamodb.values.types import Item


def run(engine: Engine, request: Request) -> Transaction:
    return write_one(engine, request, counted(plan, request))


def plan(request: Request) -> Plan:
    """An update, of UpdateItem or of a transaction."""
    expressions = Expressions(request, UPDATE)
    given = normal_item(request["Key"])
    update = expressions.update()
    require = requirement(request, expressions.condition())
    expressions.finish()

    def planned(table: Table) -> PlannedWrite:
        key = key_of_request(table, given)

        def decide(old: Item | None) -> Item | None:
            require(old)
            base = key.attributes if old is None else old
            if update is None:
                return base
            new = apply(update, base)
            if old is None and update.actions and new == base:
                # All that it does is to take away: "DELETE - Causes nothing to happen", AttributeValueUpdate says.
                return None
            if table.indexes:
                check_updated(table, update, new)
            return new

        if update is None:
            expressions.check_paths(table)
            return PlannedWrite(table, key, decide, UPDATE_TOO_LARGE)
        refuse_updates(table, top_level_names(update))
        if table.indexes:
            check_update(table, update)
        expressions.check_paths(table)
        return PlannedWrite(table, key, decide, UPDATE_TOO_LARGE, touched=touched(update))

    return planned
