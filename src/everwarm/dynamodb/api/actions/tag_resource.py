"""TagResource: adds tags to a table, or gives those that it has new values; 50 at the most."""

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.arn import resource_arn
from everwarm.dynamodb.tables.tags import added, check_tags
from everwarm.errors import ValidationException


def run(engine: Engine, request: Request) -> Transaction:
    arn, tags = resource_arn(request.get("ResourceArn")), request["Tags"]
    if not tags:
        raise ValidationException("Atleast one Tag needs to be provided as Input.")
    check_tags(tags)

    def body(tx: Tx) -> Response:
        table = engine.tables.of_arn(arn)
        settings = {**table.settings, "Tags": added(table.settings.get("Tags", []), tags)}
        engine.tables.replace(tx, table, settings=settings)
        return {}

    return Transaction(body, alone=True)
