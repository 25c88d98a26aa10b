"""PutResourcePolicy: gives a table a policy, which is kept and does nothing."""

from everwarm.dynamodb.api.operation import Request, Response, Transaction
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.arn import resource_arn, table_of_arn
from everwarm.dynamodb.tables.policy import check_document, check_expected, put


def run(engine: Engine, request: Request) -> Transaction:
    resource_arn(request["ResourceArn"])
    check_document(request["Policy"])
    now = engine.clock.now()

    def body(tx: Tx) -> Response:
        table = engine.tables.describe(table_of_arn(request["ResourceArn"]))
        check_expected(table, request.get("ExpectedRevisionId"))
        settings, policy = put(table.settings, request["Policy"], now)
        engine.tables.replace(tx, table, settings=settings)
        return {"RevisionId": policy.revision}

    return Transaction(body, alone=True)
