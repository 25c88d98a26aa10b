"""DescribeTable."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine


def run(engine: Engine, request: Request) -> Response:
    return {"Table": engine.tables.describe(request["TableName"]).describe()}
