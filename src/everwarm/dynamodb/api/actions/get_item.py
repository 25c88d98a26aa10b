"""GetItem: reads one item."""

from everwarm.dynamodb.api.item_read import shown, size_of
from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.request_expressions import GET, Expressions
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.capacity import Capacity, consumed, read_units, wanted
from everwarm.dynamodb.tables.keys import key_of_request
from everwarm.dynamodb.tables.read import read_json
from everwarm.dynamodb.values.check import normal_item


def run(engine: Engine, request: Request) -> Response:
    expressions = Expressions(request, GET)
    given = normal_item(request["Key"])
    projection = expressions.projection()
    expressions.finish()
    table = engine.tables.find(request["TableName"])
    key = key_of_request(table, given)
    expressions.check_paths(table)
    found = read_json(engine.store, table, key)
    response: Response = {}
    if found is not None:
        response["Item"] = shown(found, projection)
    if wanted(request):
        units = read_units(size_of(found), bool(request.get("ConsistentRead")))
        response |= consumed(Capacity(table.name, units), request)
    return response
