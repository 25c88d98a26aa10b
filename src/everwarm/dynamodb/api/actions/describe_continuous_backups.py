"""DescribeContinuousBackups: whether point-in-time recovery is on, and since when."""

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.continuous_backups import describe


def run(engine: Engine, request: Request) -> Response:
    table = engine.tables.backed_up(request["TableName"])
    return {"ContinuousBackupsDescription": describe(table.settings, engine.clock.now())}
