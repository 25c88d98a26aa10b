"""DescribeLimits: the initial quotas of an AWS account. Nothing here is held to them.

Source: "Service, account, and table quotas", developer guide.
"""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine

ACCOUNT_UNITS = 80_000
TABLE_UNITS = 40_000


def run(engine: Engine, request: Request) -> Response:
    return {
        "AccountMaxReadCapacityUnits": ACCOUNT_UNITS,
        "AccountMaxWriteCapacityUnits": ACCOUNT_UNITS,
        "TableMaxReadCapacityUnits": TABLE_UNITS,
        "TableMaxWriteCapacityUnits": TABLE_UNITS,
    }
