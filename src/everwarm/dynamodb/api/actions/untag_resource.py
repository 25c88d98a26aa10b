"""UntagResource: takes tags from a table. Keys that it does not have do not matter."""

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.arn import resource_arn
from everwarm.dynamodb.tables.tags import removed
from everwarm.errors import ValidationException


def run(engine: Engine, request: Request) -> Transaction:
    arn, keys = resource_arn(request.get("ResourceArn")), request["TagKeys"]
    if not keys:
        raise ValidationException("Atleast one Tag Key needs to be provided as Input.")

    def body(tx: Tx) -> Response:
        table = engine.tables.of_arn(arn)
        settings = {**table.settings, "Tags": removed(table.settings.get("Tags", []), keys)}
        engine.tables.replace(tx, table, settings=settings)
        return {}

    return Transaction(body, alone=True)
