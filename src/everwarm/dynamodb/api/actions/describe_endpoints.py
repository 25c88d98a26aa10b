"""DescribeEndpoints: where a client that asks finds us, which is where it has asked."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine

CACHE_MINUTES = 1440


def run(engine: Engine, request: Request) -> Response:
    return {"Endpoints": [{"Address": engine.address, "CachePeriodInMinutes": CACHE_MINUTES}]}
