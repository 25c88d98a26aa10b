"""DescribeTimeToLive: whether the items of a table expire, and by which attribute."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.ttl import settings


def run(engine: Engine, request: Request) -> Response:
    return {"TimeToLiveDescription": settings.describe(engine.tables.describe(request["TableName"]))}
