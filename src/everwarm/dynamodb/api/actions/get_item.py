"""GetItem: reads one item. Read whole, it goes from disk to socket as it is."""

import orjson

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.request_expressions import GET, Expressions
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.expressions.projection import project
from everwarm.dynamodb.tables.capacity import Capacity, consumed, read_units, wanted
from everwarm.dynamodb.tables.keys import key_of_request
from everwarm.dynamodb.tables.read import decode, read_json
from everwarm.dynamodb.values.check import normal_item
from everwarm.dynamodb.values.sizes import item_size


def run(engine: Engine, request: Request) -> Response:
    expressions = Expressions(request, GET)
    given = normal_item(request["Key"])
    paths = expressions.projection()
    expressions.finish()
    table = engine.tables.find(request["TableName"])
    found = read_json(engine.store, table, key_of_request(table, given))
    response: Response = {}
    if found is not None:
        response["Item"] = orjson.Fragment(found) if paths is None else project(paths, decode(found))
    if wanted(request):
        size_bytes = 0 if found is None else item_size(decode(found))
        units = read_units(size_bytes, bool(request.get("ConsistentRead")))
        response |= consumed(Capacity(table.name, units), request["ReturnConsumedCapacity"])
    return response
