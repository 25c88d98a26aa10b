"""PutResourcePolicy: gives a table a policy, which is kept and does nothing."""

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.arn import check_authorized
from everwarm.dynamodb.tables.policy import check_document, put


def run(engine: Engine, request: Request) -> Transaction:
    check_authorized(request["ResourceArn"], "PutResourcePolicy")
    check_document(request["Policy"])
    now = engine.clock.now()

    def body(tx: Tx) -> Response:
        table = engine.tables.of_arn(request["ResourceArn"])
        settings, policy = put(table.settings, request["Policy"], request.get("ExpectedRevisionId"), now)
        engine.tables.replace(tx, table, settings=settings)
        return {"RevisionId": policy.revision}

    return Transaction(body, alone=True)
