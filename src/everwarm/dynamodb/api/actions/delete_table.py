"""DeleteTable: the table and its items are gone at once; its stream is switched off and stays readable."""

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.describe import describe
from everwarm.errors import ValidationException


def run(engine: Engine, request: Request) -> Transaction:
    def body(tx: Tx) -> Response:
        table = engine.tables.describe(request["TableName"])
        if table.settings.get("DeletionProtectionEnabled"):
            raise ValidationException(
                "Resource cannot be deleted as it is currently protected against deletion. "
                "Disable deletion protection first."
            )
        described = describe(tx, table, "DELETING")
        if table.stream is not None and table.stream.enabled:
            table = engine.streams.disable(tx, table)
        engine.backfill.drop(tx, table)
        engine.tables.remove(tx, table)
        return {"TableDescription": described}

    return Transaction(body, alone=True, frees=True)
