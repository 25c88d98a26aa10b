"""UntagResource: takes tags from a table. Keys that it does not have do not matter."""

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.arn import check_authorized, table_of_arn
from everwarm.dynamodb.tables.tags import removed
from everwarm.errors import ValidationException


def run(engine: Engine, request: Request) -> Transaction:
    arn, keys = check_authorized(request.get("ResourceArn"), "UntagResource"), request["TagKeys"]
    name = table_of_arn(arn)
    if not keys:
        raise ValidationException("Atleast one Tag Key needs to be provided as Input.")

    def body(tx: Tx) -> Response:
        # AWS does not name the table here, as its sisters do.
        table = engine.tables.find(name)
        settings = {**table.settings, "Tags": removed(table.settings.get("Tags", []), keys)}
        engine.tables.replace(tx, table, settings=settings)
        return {}

    return Transaction(body, alone=True)
