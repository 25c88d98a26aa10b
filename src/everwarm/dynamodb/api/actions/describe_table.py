"""DescribeTable: a table with its keys, indexes, settings and figures."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.describe import describe


def run(engine: Engine, request: Request) -> Response:
    return {"Table": describe(engine.store, engine.tables.describe(request["TableName"]))}
