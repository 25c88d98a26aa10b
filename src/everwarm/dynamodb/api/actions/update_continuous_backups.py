"""UpdateContinuousBackups. What is switched on is told of, and no more: there is nothing to restore from."""

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.continuous_backups import describe, updated


def run(engine: Engine, request: Request) -> Transaction:
    specification = request["PointInTimeRecoverySpecification"]
    now = engine.clock.now()

    def body(tx: Tx) -> Response:
        table = engine.tables.backed_up(request["TableName"])
        settings = updated(table.settings, specification, now)
        engine.tables.replace(tx, table, settings=settings)
        return {"ContinuousBackupsDescription": describe(settings, now)}

    return Transaction(body, alone=True)
